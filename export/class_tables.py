"""Tables of a model card on what a classifier does with each class and with its probabilities."""

from collections.abc import Mapping, Sequence

import numpy as np

from emo_tf.export.classes import RELIABILITY
from emo_tf.metrics.intervals import wilson_interval

_BY_CLASS = (
    "Of {file}: recall is the share of a label's examples that are recognised, precision the share "
    "of the answers of that name that are right; in brackets Wilson's 95 % interval (Wilson 1927), "
    "which knows of the number of examples alone and not of what they are like."
)
_RELIABILITY = (
    "Calibration of {file}: its answers by their top probability, in {bins} equal bins (Guo et al. "
    "2017), empty ones left out. Probabilities keep what they promise where the last two columns "
    "agree; the expected calibration error is the mean distance between them, over answers."
)


def class_tables(classes: Mapping, *, file: str) -> str:
    """Returns recall and precision by class, the confusions and the reliability, as Markdown.

    Args:
        classes: What `measure_classes` counted, as a report holds it.
        file: What the counts are of.
    """
    names, confusion = classes["labels"], np.array(classes["confusion"])
    return "\n\n".join(
        [
            _BY_CLASS.format(file=file),
            _by_class(names, confusion),
            "Confusion (rows: labels, columns: predictions):",
            _confusion(names, confusion),
            _calibration(classes["reliability"], file=file),
        ]
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def _by_class(names: Sequence[str], confusion: np.ndarray) -> str:
    hits = np.diag(confusion)
    labelled, answered = confusion.sum(axis=1), confusion.sum(axis=0)
    rows = [
        (name, f"{total:,}", _share(right, total), f"{all_so:,}", _share(right, all_so))
        for name, right, total, all_so in zip(names, hits, labelled, answered, strict=True)
    ]
    return _table(("class", "examples", "recall", "answers", "precision"), rows)


def _share(hits: int, total: int) -> str:
    if not total:
        return "-"
    lower, upper = wilson_interval(int(hits), int(total))
    return f"{hits / total:.3f} ({lower:.3f} to {upper:.3f})"


def _confusion(names: Sequence[str], confusion: np.ndarray) -> str:
    rows = zip((f"**{name}**" for name in names), *confusion.T, strict=True)
    return _table(("", *names), [*rows])


def _calibration(reliability: Mapping[str, Sequence[float]], *, file: str) -> str:
    counts, confidence, correct = (np.array(reliability[name]) for name in RELIABILITY)
    bins, rows = len(counts), []
    for place in np.flatnonzero(counts):
        ends = f"{place / bins:.2f} to {(place + 1) / bins:.2f}"
        means = (f"{sums[place] / counts[place]:.3f}" for sums in (confidence, correct))
        rows.append((ends, f"{counts[place]:,.0f}", *means))
    table = _table(("top probability", "answers", "its mean", "accuracy"), rows)
    return f"{_RELIABILITY.format(file=file, bins=bins)}\n\n{table}"
