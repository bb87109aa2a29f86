"""Models that take one frame after the other, run over whole clips with their states carried."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from emo_tf.model_metadata import ArrayInput, ModelMetadata
from emo_tf.models.tsm_metadata import CLIP, FRAME

Arrays = Mapping[str, np.ndarray]
"""Arrays by name of an input or an output, of shape (N, ...)."""

Call = Callable[[Arrays], Arrays]
"""From inputs by name to outputs by name."""

PROBABILITIES, FRAME_PROBABILITIES = "probabilities", "frame_probabilities"
"""Outputs of a call, and of each frame of a clip."""


@dataclass(frozen=True, kw_only=True)
class Streaming:
    """How an online model is held against the clip model that its weights are from.

    Attributes:
        states: What it returns for the next frame, by name.
        of_clips: The clip model in Keras, from `clip`, uint8 (B, T, H, W, C), to
            `frame_probabilities`, (B, T, classes).
        settled: Frames after which the two are the same: 0 where both begin with zeros.
        stream: A long clip to run it on, uint8 (N, H, W, C).
    """

    states: Mapping[str, ArrayInput]
    of_clips: Call
    settled: int
    stream: np.ndarray

    def over_clips(self, call: Call) -> Call:
        """Returns what takes whole clips, as `of_clips`, by calling an online model."""

        def run(batch: Arrays) -> dict[str, np.ndarray]:
            answers = [
                answer[PROBABILITIES] for _, answer in steps(call, batch[CLIP], states=self.states)
            ]
            return self.comparable({FRAME_PROBABILITIES: np.stack(answers, axis=1)})

        return run

    def comparable(self, outputs: Arrays) -> dict[str, np.ndarray]:
        """Returns the answers to those frames of clips that both forms answer alike."""
        return {FRAME_PROBABILITIES: outputs[FRAME_PROBABILITIES][:, self.settled :]}

    def over_stream(self, call: Call) -> np.ndarray:
        """Returns an online model's probabilities for each frame of `stream`, (N, classes)."""
        found = steps(call, self.stream[None], states=self.states)
        return np.concatenate([answer[PROBABILITIES] for _, answer in found])


def first_states(states: Mapping[str, ArrayInput], batch: int) -> dict[str, np.ndarray]:
    """Returns the states before the first frame: zeros, float32 (batch, ...) by name.

    Args:
        states: The model's states by name.
        batch: How many streams there are.
    """
    return {name: np.zeros((batch, *array.shape), np.float32) for name, array in states.items()}


def steps(
    call: Call, clips: np.ndarray, *, states: Mapping[str, ArrayInput]
) -> Iterator[tuple[dict[str, np.ndarray], dict[str, np.ndarray]]]:
    """Runs an online model over clips, each answer's states given with the next frame.

    Args:
        call: The model, from `frame` and the states to `probabilities` and the states.
        clips: uint8 (B, T, H, W, C).
        states: The states by name.

    Yields:
        What the model was given and what it returned, frame by frame.
    """
    carried = first_states(states, len(clips))
    for place in range(clips.shape[1]):
        inputs = {FRAME: np.ascontiguousarray(clips[:, place]), **carried}
        outputs = {name: np.asarray(value) for name, value in call(inputs).items()}
        yield inputs, outputs
        carried = {name: outputs[name] for name in carried}


def one_call(batch: Arrays, metadata: ModelMetadata) -> dict[str, np.ndarray]:
    """Returns what a file is given in one call for the first example of a batch.

    Args:
        batch: Examples by name; clips where the model takes one frame at a time.
        metadata: What the model says about itself.
    """
    first = {name: values[:1] for name, values in batch.items()}
    if CLIP in first and CLIP not in metadata.inputs:
        first = {FRAME: first[CLIP][:, 0]}
    return {**first, **first_states(metadata.states, 1)}
