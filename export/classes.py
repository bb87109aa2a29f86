"""What class probabilities reach on labelled examples, as an export reports it."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from emo_tf.export.exportable import Measured
from emo_tf.metrics.classification import classification_report, reliability_bins

RELIABILITY = ("examples", "confidence", "correct")
"""What each bin of the top probability holds: examples, the sum of theirs, and right answers."""


def measure_classes(
    probabilities: np.ndarray,
    labels: np.ndarray,
    *,
    names: Sequence[str],
    metrics: Sequence[str],
    parts: Mapping[str, np.ndarray],
) -> Measured:
    """Returns figures of a classifier, its accuracy by label and by part, and its counts.

    Args:
        probabilities: Shape (N, C), rows that add up to 1.
        labels: True class indices of shape (N,).
        names: The C class names.
        metrics: Which figures of `classification_report`.
        parts: Which examples belong to a part, bool (N,), by its name; empty ones are left out.
    """
    report = classification_report(probabilities, labels, names=names)
    slices = {
        f"label={name}": {"examples": int((labels == place).sum()), "accuracy": recall}
        for place, (name, recall) in enumerate(report["recall"].items())
    }
    for name, rows in parts.items():
        if rows.any():
            part = classification_report(probabilities[rows], labels[rows], names=names)
            slices[name] = {"examples": part["examples"], "accuracy": part["accuracy"]}
    return Measured(
        metrics={name: report[name] for name in metrics},
        slices=slices,
        classes={
            "labels": [*names],
            "confusion": report["confusion"],
            "reliability": dict(zip(RELIABILITY, _bins(probabilities, labels), strict=True)),
        },
    )


def _bins(probabilities: np.ndarray, labels: np.ndarray) -> Iterator[list[float]]:
    for sums in reliability_bins(probabilities, labels):
        yield np.round(sums, 5).tolist()
