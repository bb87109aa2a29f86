"""What the body and the scene add to each other: B, I and B+I compared."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from emo_tf.data.people import People
from emo_tf.errors import EmoError
from emo_tf.training.emotic_predictions import EmoticPredictions, map_people, with_labels
from emo_tf.training.emotic_run import LETTERS

KEPT = {"B": ("body",), "I": ("scene",), "B+I": ("body", "scene")}
"""The branches that keep their features, by the name of what is left, in the order of tables."""

_MOST = 3


@dataclass(frozen=True)
class Comparison:
    """Figures of models of different branches on the same people.

    Attributes:
        reports: What `emotic_report` returned, by `B`, `I` and `B+I`, those that there are.
    """

    reports: Mapping[str, dict]

    @property
    def average_precision(self) -> dict[str, dict[str, float | None]]:
        """Average precision by model, then by category."""
        return {name: report["average_precision"] for name, report in self.reports.items()}

    @property
    def gains(self) -> dict[str, float]:
        """What the scene adds to the average precision of each category: B+I less B.

        The largest first, without the categories that nobody shows; empty without B and B+I.
        """
        body, both = (self.average_precision.get(name, {}) for name in ("B", "B+I"))
        gains = {
            category: round(both[category] - value, 5)
            for category, value in body.items()
            if both.get(category) is not None and value is not None
        }
        return dict(sorted(gains.items(), key=lambda item: -item[1]))

    @property
    def summary(self) -> str | None:
        """A sentence on what the scene adds to the body; None where that is not known.

        Reference:
            Lapedriza's talk on EMOTIC finds that all categories but Esteem gain.
        """
        gains = self.gains
        if not gains:
            return None
        gaining = [f"{name} ({gain:+.3f})" for name, gain in gains.items() if gain > 0]
        others = [name for name, gain in gains.items() if gain <= 0]
        most = f", most in {_listed(gaining[:_MOST])}" if gaining else ""
        rest = f"{_listed(others)} {'does' if len(others) == 1 else 'do'} not gain"
        return (
            f"With the scene (B+I against B) average precision rises in {len(gaining)} of "
            f"{len(gains)} categories{most}; {rest if others else 'all gain'}."
        )

    def to_dict(self) -> dict:
        """Returns what `ablation.json` holds."""
        return {"models": dict(self.reports), "gains": self.gains, "summary": self.summary}


def predict_silenced(
    model: keras.Model,
    splits: Mapping[str, People],
    *,
    mean_of: str,
    progress: Callable[[People], AbstractContextManager[Callable[[], None]]],
) -> dict[str, dict[str, EmoticPredictions]]:
    """Predicts people with one branch of a model silenced: B, I, and with none, B+I.

    A branch is silenced by giving everybody the same features in place of its own: their mean
    over a split. The same for all, they say nothing about anybody; and the mean is what the head
    is used to. Zeros are not: features come out of a ReLU and have means well above 0, so all at 0
    lie outside what the head was trained on and shift its every output. Nor is a grey picture: its
    features are those of one odd picture, of which the network may well think something.

    This asks what the fused model uses. A model that was trained on one branch alone makes more
    of it, as it could not lean on the other; Kosti et al. 2020 compare such models.

    Pictures go through the backbones once, their features through the head three times.

    Args:
        model: A `context_fusion` model with both branches.
        splits: People by the name of their split.
        mean_of: The split whose mean features silence a branch; not the one that is measured.
        progress: Opens the display of one split's progress and gives what to call after a batch.

    Returns:
        Predictions by `B` (the scene silenced), `I` (the body silenced) and `B+I`, then by split.

    Raises:
        EmoError: The model is of one branch, or has not the parts of a `context_fusion`.
    """
    backbones, head = _parts(model)
    inputs = tuple(model.input)

    def features_of(batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        features = backbones({name: batch[name] for name in inputs}, training=False)
        return {branch: tf.cast(values, tf.float32) for branch, values in features.items()}

    seen = {}
    for split, people in splits.items():
        with progress(people) as advance:
            seen[split] = map_people(features_of, people, advance=advance)
    means = {
        branch: values.mean(axis=0, dtype=np.float64).astype(np.float32)
        for branch, values in seen[mean_of][1].items()
    }

    def predict(split: str, kept: tuple[str, ...]) -> EmoticPredictions:
        labels, features = seen[split]
        known = {
            branch: values if branch in kept else np.broadcast_to(means[branch], values.shape)
            for branch, values in features.items()
        }
        outputs = head(known, training=False)
        return with_labels(labels, {name: value.numpy() for name, value in outputs.items()})

    return {name: {split: predict(split, kept) for split in splits} for name, kept in KEPT.items()}


def _parts(model: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Returns the model from the inputs to the features of the branches, and the head."""
    branches = [branch for branch in LETTERS if branch in model.input]
    if len(branches) < len(LETTERS):
        raise EmoError(
            "ablate: expected a model of body and scene, to silence one of them. "
            f"Received: one of {branches[0]} alone; runs of other branches can be put beside it"
        )
    wanted = {*(f"{branch}_backbone" for branch in branches), "head"}
    layers = {layer.name: layer for layer in model.layers}
    if not wanted <= set(layers):
        raise EmoError(
            f"ablate: expected a model of the parts {', '.join(sorted(wanted))}. "
            f"Received: {', '.join(layers)}"
        )
    head = layers["head"]
    (features,) = head._inbound_nodes[0].arguments.args
    return keras.Model(model.input, features), head


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
