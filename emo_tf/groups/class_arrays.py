"""Looks at names of, and arrays over, the three classes of a group, before they are used."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS

_CLASSES = len(GROUP_EMOTIONS)


def class_of(name: str) -> int | None:
    """Returns the index of the class of that name in any case, `None` where there is none."""
    name = name.strip().lower()
    return GROUP_EMOTIONS.index(name) if name in GROUP_EMOTIONS else None


def checked_classes(classes: np.ndarray, *, count: int) -> np.ndarray:
    """Returns class indices of shape (N,) after a look at them.

    Args:
        classes: Indices into `labels.GROUP_EMOTIONS`.
        count: The number of pictures N.

    Raises:
        EmoError: They are of another number, or one is no index of a class.
    """
    classes = np.asarray(classes, int)
    if classes.shape != (count,):
        raise EmoError(f"classes: expected one for each of {count}. Received: {classes.shape}")
    if not ((classes >= 0) & (classes < _CLASSES)).all():
        raise EmoError(
            f"classes: expected 0 to {_CLASSES - 1}. Received: {classes.min()} to {classes.max()}"
        )
    return classes


def checked_confusion(confusion: np.ndarray) -> np.ndarray:
    """Returns counts of the faces' verdicts of shape (3, 3) after a look at them.

    Raises:
        EmoError: They are of another shape, no whole numbers, negative, or a row is all zeros.
    """
    confusion = np.asarray(confusion, float)
    if confusion.shape != (_CLASSES, _CLASSES):
        raise EmoError(
            f"confusion: expected shape ({_CLASSES}, {_CLASSES}). Received: {confusion.shape}"
        )
    for name, row in zip(GROUP_EMOTIONS, confusion, strict=True):
        # Also false for what is not a number.
        if not ((row >= 0) & (row == np.floor(row)) & np.isfinite(row)).all() or not row.any():
            raise EmoError(
                f"confusion, row {name}: expected whole numbers, 0 or more, one above. "
                f"Received: {row.tolist()}"
            )
    return confusion.astype(int)


def check_counts(labels: Sequence[str], counts: np.ndarray, *, totals: np.ndarray) -> None:
    """Checks how often labels were seen in pictures of each class.

    Args:
        labels: The L labels.
        counts: Pictures of each class that show a label, shape (L, 3).
        totals: All pictures of each class, shape (3,).

    Raises:
        EmoError: There is no label or one twice, a class has no picture, a label is in none or in
            more of a class than there are; names row and column.
    """
    if counts.shape != (len(labels), _CLASSES) or totals.shape != (_CLASSES,):
        raise EmoError(
            f"expected counts of shape ({len(labels)}, {_CLASSES}) and {_CLASSES} totals. "
            f"Received: {counts.shape} and {totals.shape}"
        )
    for name, total in zip(GROUP_EMOTIONS, totals, strict=True):
        if total <= 0:
            raise EmoError(
                f"row total, column {name}: expected pictures of every class. Received: {total}"
            )
    if not labels:
        raise EmoError("expected scene labels. Received: not one")
    double = next((label for label, n in Counter(labels).items() if n > 1), None)
    if double is not None:
        raise EmoError(f"row {double}, column label: expected each label once. Received: twice")
    for label, row in zip(labels, counts, strict=True):
        for name, count, total in zip(GROUP_EMOTIONS, row, totals, strict=True):
            if not 0 <= count <= total:
                raise EmoError(
                    f"row {label}, column {name}: expected 0 up to the {total} pictures of the "
                    f"class. Received: {count}"
                )
        if not row.any():
            raise EmoError(f"row {label}: expected a label that was seen. Received: zeros")
