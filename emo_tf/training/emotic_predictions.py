"""What an EMOTIC model says of the people of a split, beside what is annotated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.metrics.emotic import emotic_report
from emo_tf.metrics.thresholds import break_even_thresholds

if TYPE_CHECKING:
    from emo_tf.data.people import People

OUTPUTS = ("score", "vad")
"""What an EMOTIC model puts out."""


@dataclass(frozen=True)
class EmoticPredictions:
    """Labels and predictions of N people, in the order of their split.

    Attributes:
        labels: Categories that are annotated, uint8 0 and 1 of shape (N, 26).
        scores: Category scores, float32 of shape (N, 26), larger for the more certain.
        vad_labels: Annotated valence, arousal and dominance, float32 of shape (N, 3), 1 to 10.
        vad: Predicted ones, float32 of shape (N, 3), 1 to 10.
    """

    labels: np.ndarray
    scores: np.ndarray
    vad_labels: np.ndarray
    vad: np.ndarray

    @property
    def thresholds(self) -> np.ndarray:
        """Break-even threshold of each category, float64 (26,), NaN where none is positive."""
        return break_even_thresholds(self.labels, self.scores)

    def report(self, *, thresholds: np.ndarray) -> dict:
        """Returns the figures of these people, as `emotic_report` has them.

        Args:
            thresholds: Shape (26,), those of the validation split; NaN for none.

        Raises:
            EmoError: A score or a VAD is not finite, or the thresholds are not 26.
        """
        return emotic_report(
            self.labels, self.scores, self.vad_labels, self.vad, thresholds=thresholds
        )


def predict_people(
    model: keras.Model, people: "People", *, advance: Callable[[], None] = lambda: None
) -> EmoticPredictions:
    """Predicts the people of a split, in this process alone.

    Args:
        model: From a dict of those inputs that it has, `scene`, `body` and `box`, to a dict of
            `score` (B, 26) and `vad` (B, 3).
        people: The split.
        advance: Called after every batch.

    Raises:
        EmoError: The model puts out something else, or the split holds nobody.
    """
    if not isinstance(model.output, dict) or not set(OUTPUTS) <= set(model.output):
        raise EmoError(f"model: expected the outputs score and vad. Received: {model.output}")
    names = tuple(model.input)
    labels, outputs = map_people(
        lambda batch: model({name: batch[name] for name in names}, training=False),
        people,
        advance=advance,
    )
    return with_labels(labels, outputs)


def with_labels(
    labels: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray]
) -> EmoticPredictions:
    """Joins labels as `map_people` returns them with a model's outputs of the same people.

    Args:
        labels: Annotated values of N people: `categories` (N, 26) and `vad` (N, 3).
        outputs: What the model returned: `score` (N, 26) and `vad` (N, 3).
    """
    return EmoticPredictions(
        labels=labels["categories"].astype(np.uint8),
        scores=outputs["score"].astype(np.float32),
        vad_labels=labels["vad"].astype(np.float32),
        vad=outputs["vad"].astype(np.float32),
    )


def map_people(
    function: Callable[[Mapping[str, tf.Tensor]], Mapping[str, tf.Tensor]],
    people: "People",
    *,
    advance: Callable[[], None] = lambda: None,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Runs a function over the people of a split and leaves out what only fills the last batch.

    Args:
        function: From a batch, as `People.evaluation` gives it, to tensors of shape (B, ...) by
            name; it is traced into a graph.
        people: The split.
        advance: Called after every batch.

    Returns:
        The labels, `categories` and `vad`, and what the function returned; each an array of shape
        (N, ...) by name, in the order of the split.

    Raises:
        EmoError: The split holds nobody, or somebody whose record cannot be read.
    """

    def step(batch: Mapping[str, tf.Tensor]) -> tuple[dict, dict]:
        return {name: batch[name] for name in ("categories", "vad")}, dict(function(batch))

    batches = people.evaluation()
    # All batches are of one shape: a single trace, and no warning where many models are looked at.
    traced = tf.function(step).get_concrete_function(batches.element_spec)
    parts = []
    with people.errors_named():
        for batch in batches:
            is_person = batch["weight"].numpy() > 0
            parts.append(
                [
                    {name: value.numpy()[is_person] for name, value in p.items()}
                    for p in traced(batch)
                ]
            )
            advance()
    if not sum(len(labels["vad"]) for labels, _ in parts):
        raise EmoError("people: expected a split with somebody in it. Received: nobody")
    return tuple(
        {name: np.concatenate([part[name] for part in side]) for name in side[0]}
        for side in zip(*parts, strict=True)
    )
