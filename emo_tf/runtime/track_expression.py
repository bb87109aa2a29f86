"""From the faces followed through a video to their apparent expressions."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.model_metadata import EXPRESSION, VIDEO, ModelMetadata
from emo_tf.results import Face
from emo_tf.runtime.expression import BATCH, ExpressionClassifier, ordered_probabilities
from emo_tf.runtime.face_input import FaceInput
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.runtime.model_task import check_task
from emo_tf.weights import weight_path

DEFAULT_MODEL = "expression_tsm_float16"


class TrackExpressions(ABC):
    """Recognises the apparent expression of each face in a frame from that frame and those before.

    What it keeps of a face is of constant size; `forget` drops it.
    """

    @abstractmethod
    def recognize(self, image: np.ndarray, faces: Mapping[int, Face]) -> dict[int, np.ndarray]:
        """Classifies the faces of the next frame, all of them together.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            faces: Its faces by the number of their track.

        Returns:
            Probabilities by the same numbers, float64 (7,) in the order of `labels.EXPRESSIONS`.
        """

    @abstractmethod
    def forget(self, *, all_but: Collection[int]) -> None:
        """Drops what is kept of the faces that have other numbers."""

    @abstractmethod
    def restart(self) -> "TrackExpressions":
        """Returns one that shares the network and has seen no frame."""


def open_track_expressions(
    path: Path | None = None, *, threads: int | None = None
) -> TrackExpressions:
    """Opens a model file of the task `video` or `expression`.

    Args:
        path: A `.tflite` file that carries its metadata: one that takes a `frame` and states, one
            that takes a `clip`, whose last frame is the one at hand, or one of stills, which looks
            at each frame alone. The shipped one if `None`.
        threads: Threads for the network; the machine's number of cores if `None`.

    Raises:
        EmoError: The file cannot be read, or holds a model that does something else.
    """
    path = weight_path(DEFAULT_MODEL) if path is None else Path(path)
    if ModelMetadata.read(path).task == EXPRESSION:
        return _Stills(ExpressionClassifier(path, threads=threads))
    network = LiteRTModel(path, threads=threads)
    metadata = network.metadata
    check_task(path, metadata, task=VIDEO, labels=EXPRESSIONS)
    names = set(metadata.inputs) | set(metadata.arrays)
    if "probabilities" in metadata.outputs:
        if names == {"frame", *metadata.states}:
            return _Frames(network)
        if names == {"clip"} and metadata.inputs["clip"].frames:
            return _Clips(network)
    raise EmoError(
        f"{path}: expected the input frame with states, which it also returns, or clip, and the "
        f"output probabilities. Received: {', '.join(sorted(names))} and "
        f"{', '.join(metadata.outputs)}"
    )


class _Stills(TrackExpressions):
    """Each frame alone."""

    def __init__(self, classifier: ExpressionClassifier):
        self._classifier = classifier

    def recognize(self, image, faces):
        crops = self._classifier.crop(image, list(faces.values()))
        return dict(zip(faces, self._classifier.probabilities(crops), strict=True))

    def forget(self, *, all_but):
        pass

    def restart(self):
        return self


class _Frames(TrackExpressions):
    """One frame at a time, what the network saw before in its states."""

    def __init__(self, network: LiteRTModel):
        metadata = network.metadata
        self._network = network
        self._input = FaceInput(metadata.inputs["frame"], metadata.crop, path=network.path)
        self._first = {
            name: np.zeros(array.shape, np.float32) for name, array in metadata.states.items()
        }
        self._states: dict[int, Mapping[str, np.ndarray]] = {}

    def recognize(self, image, faces):
        crops = self._input.crop(image, list(faces.values()))
        found = {}
        for ids, batch in _batches(list(faces), crops):
            before = [self._states.get(number, self._first) for number in ids]
            states = {name: np.stack([state[name] for state in before]) for name in self._first}
            outputs = self._network(frame=batch, **states)
            for row, number in enumerate(ids):
                # Copies: a view of one face would keep the whole batch.
                self._states[number] = {name: outputs[name][row].copy() for name in self._first}
            found |= _by_number(ids, outputs["probabilities"], self._network)
        return found

    def forget(self, *, all_but):
        self._states = {number: self._states[number] for number in self._states.keys() & all_but}

    def restart(self):
        return _Frames(self._network)


class _Clips(TrackExpressions):
    """The last frames of each face as a clip; before there are as many, the first stands in."""

    def __init__(self, network: LiteRTModel):
        metadata = network.metadata
        self._network = network
        self._frames = metadata.inputs["clip"].frames
        self._input = FaceInput(metadata.inputs["clip"], metadata.crop, path=network.path)
        self._clips: dict[int, deque[np.ndarray]] = {}

    def recognize(self, image, faces):
        crops = self._input.crop(image, list(faces.values()))
        for number, crop in zip(faces, crops, strict=True):
            if number not in self._clips:
                self._clips[number] = deque([crop] * self._frames, maxlen=self._frames)
            self._clips[number].append(crop)
        found = {}
        for ids, _ in _batches(list(faces), crops):
            clips = np.stack([np.stack(self._clips[number]) for number in ids])
            outputs = self._network(clip=clips)
            found |= _by_number(ids, outputs["probabilities"], self._network)
        return found

    def forget(self, *, all_but):
        self._clips = {number: self._clips[number] for number in self._clips.keys() & all_but}

    def restart(self):
        return _Clips(self._network)


def _batches(ids: Sequence[int], crops: np.ndarray):
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH], crops[start : start + BATCH]


def _by_number(
    ids: Sequence[int], probabilities: np.ndarray, network: LiteRTModel
) -> dict[int, np.ndarray]:
    rows = ordered_probabilities(probabilities, network.metadata.labels)
    return dict(zip(ids, rows, strict=True))
