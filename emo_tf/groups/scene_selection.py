"""Chooses how much a network over scene labels is smoothed and tempered, by cross-validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.groups.class_arrays import checked_classes
from emo_tf.groups.scene_fit import fit_network
from emo_tf.groups.scene_tables import SceneCounts
from emo_tf.metrics.classification import negative_log_likelihood

SMOOTHINGS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
TEMPERS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0)
FOLDS = 5
_SEED = 0


@dataclass(frozen=True, eq=False)
class Selection:
    """Settings of a network, and how well choosing them so does.

    Attributes:
        smoothing: The chosen smoothing.
        temper: The chosen temper.
        out_of_fold: What the hybrid says of each picture with the settings that the other folds
            chose, shape (N, 3): an honest measure of the choice.
        log_losses: The hybrid's log loss over all pictures by (smoothing, temper).
    """

    smoothing: float
    temper: float
    out_of_fold: np.ndarray
    log_losses: Mapping[tuple[float, float], float]


def choose_settings(
    counts: SceneCounts,
    confusion: np.ndarray,
    *,
    labels: Sequence[Sequence[str] | None],
    faces: np.ndarray,
    actual: np.ndarray,
    absent: bool = False,
    folds: int = FOLDS,
    seed: int = _SEED,
) -> Selection:
    """Chooses smoothing and temper by the log loss of the hybrid, labels and faces together.

    The tables are those given and never see these pictures, which therefore must be others than
    the ones that were counted. The settings are those with the least log loss over all pictures;
    for `out_of_fold` each fold is judged with those that are best on the others.

    Args:
        counts: How often each label was seen.
        confusion: Counts of the faces' verdicts, shape (3, 3), rows the actual classes.
        labels: The labels of each of N pictures, `None` for one that was not labelled.
        faces: The faces' distributions, shape (N, 3), NaN in the row of a picture without faces.
        actual: The class index of each picture, shape (N,).
        absent: Whether labels that a picture lacks are evidence too.
        folds: Number of parts, 2 up to N.
        seed: Draws the parts.

    Raises:
        EmoError: The number of folds is out of range, or the pictures do not fit one another.
    """
    actual = checked_classes(actual, count=len(labels))
    if not 2 <= folds <= len(labels):
        raise EmoError(f"folds: expected 2 to {len(labels)}, the pictures. Received: {folds}")
    settings = [(smoothing, temper) for smoothing in SMOOTHINGS for temper in TEMPERS]
    hybrids = []
    for smoothing, temper in settings:
        network = fit_network(counts, confusion, smoothing=smoothing, temper=temper, absent=absent)
        hybrids.append(network.infer(labels, faces))

    def losses(pictures: np.ndarray) -> list[float]:
        return [negative_log_likelihood(one[pictures], actual[pictures]) for one in hybrids]

    order = np.random.default_rng(seed).permutation(len(labels))
    out_of_fold = np.empty_like(hybrids[0])
    for fold in np.array_split(order, folds):
        best = int(np.argmin(losses(np.setdiff1d(order, fold))))
        out_of_fold[fold] = hybrids[best][fold]
    of_all = losses(order)
    smoothing, temper = settings[int(np.argmin(of_all))]
    return Selection(smoothing, temper, out_of_fold, dict(zip(settings, of_all, strict=True)))
