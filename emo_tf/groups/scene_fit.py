"""Networks over scene labels, from counts: smoothed and tempered, or as they were published."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.groups.class_arrays import checked_confusion
from emo_tf.groups.scene_tables import SceneCounts
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.scene_network import SceneNetwork

SMOOTHING = 5.0
TEMPER = 0.25
"""The least log loss of the hybrid on 2,146 pictures of the Group Affect Database 3.0.

Chosen by `scene_selection.choose_settings`, with tables of other pictures of that database."""

PUBLISHED_LEAST = 1e-4


def fit_network(
    counts: SceneCounts,
    confusion: np.ndarray,
    *,
    smoothing: float = SMOOTHING,
    temper: float = TEMPER,
    absent: bool = False,
) -> SceneNetwork:
    """Makes a network of tables, each count raised by `smoothing` (Lidstone's rule).

        P(label | e) = (count + s) / (total + 2 s)      P(verdict | e) = (count + s) / (row + 3 s)

    The prior is uniform: how many pictures of a class were gathered says nothing of other albums.

    Args:
        counts: How often each label was seen.
        confusion: Counts of the faces' verdicts, shape (3, 3), rows the actual classes.
        smoothing: What is added to every count, above 0.
        temper: Exponent of the label evidence, above 0 up to 1.
        absent: Whether labels that a picture lacks are evidence too.

    Raises:
        EmoError: `smoothing` or `temper` is out of range, or the confusion is no such table.
    """
    if not (math.isfinite(smoothing) and smoothing > 0):
        raise EmoError(f"smoothing: expected a number above 0. Received: {smoothing}")
    confusion = checked_confusion(confusion)
    rows = confusion.sum(axis=1, keepdims=True)
    return SceneNetwork(
        labels=counts.labels,
        label_probabilities=(counts.counts + smoothing) / (counts.totals + 2 * smoothing),
        face_probabilities=(confusion + smoothing) / (rows + len(GROUP_EMOTIONS) * smoothing),
        temper=temper,
        absent=absent,
        fit={"tables": "smoothed", "smoothing": smoothing} | _provenance(counts, confusion),
    )


def published_network(counts: SceneCounts, confusion: np.ndarray) -> SceneNetwork:
    """Makes the network as it was published: plain shares, zeros set to 1e-4, hard verdicts.

    All labels are evidence, present or absent, at full weight. A share of 1, which would rule the
    other classes out for good, is set to 1 - 1e-4 likewise.

    Args:
        counts: How often each label was seen.
        confusion: Counts of the faces' verdicts, shape (3, 3), rows the actual classes.

    Raises:
        EmoError: The confusion is no such table.

    Reference:
        Garg 2019, "Group emotion recognition using machine learning".
    """
    confusion = checked_confusion(confusion)
    faces = _without_certainty(confusion / confusion.sum(axis=1, keepdims=True))
    return SceneNetwork(
        labels=counts.labels,
        label_probabilities=_without_certainty(counts.counts / counts.totals),
        face_probabilities=faces / faces.sum(axis=1, keepdims=True),
        absent=True,
        hard_faces=True,
        fit={"tables": "published"} | _provenance(counts, confusion),
    )


def _without_certainty(shares: np.ndarray) -> np.ndarray:
    shares = np.where(shares == 0, PUBLISHED_LEAST, shares)
    return np.where(shares == 1, 1 - PUBLISHED_LEAST, shares)


def _provenance(counts: SceneCounts, confusion: np.ndarray) -> Mapping[str, object]:
    """Returns the file that the counts come from, without folders, and how many there were."""
    return {
        "counts": Path(counts.source).name,
        "pictures": dict(zip(GROUP_EMOTIONS, counts.totals.tolist(), strict=True)),
        "pictures_with_faces": dict(
            zip(GROUP_EMOTIONS, confusion.sum(axis=1).tolist(), strict=True)
        ),
    }
