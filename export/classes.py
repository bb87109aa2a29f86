"""What class probabilities reach on labelled examples, as an export reports it."""

from collections.abc import Mapping, Sequence

import numpy as np

from emo_tf.export.exportable import Measured
from emo_tf.metrics.classification import classification_report


def measure_classes(
    probabilities: np.ndarray,
    labels: np.ndarray,
    *,
    names: Sequence[str],
    metrics: Sequence[str],
    parts: Mapping[str, np.ndarray],
) -> Measured:
    """Returns figures of a classifier, its accuracy by label and by part, and its confusions.

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
        details=f"Confusion (rows: labels, columns: predictions):\n\n{_confusion(report, names)}",
    )


def _confusion(report: Mapping, names: Sequence[str]) -> str:
    header = f"| | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}"
    rows = (
        f"| **{name}** | {' | '.join(map(str, row))} |"
        for name, row in zip(names, report["confusion"], strict=True)
    )
    return "\n".join([header, *rows])
