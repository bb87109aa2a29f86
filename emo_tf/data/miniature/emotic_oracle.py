"""How well the labels of EMOTIC's twin can be known from the body, the scene and both.

Bodies and scenes are few and equally likely, so what is best is found by going through all of them:
a category's score is its probability given what is seen, a number of VAD is predicted by the median
of its distribution given what is seen, which no other prediction passes in mean absolute error.
"""

import functools
from collections.abc import Sequence

import numpy as np
from sklearn.metrics import average_precision_score

from emo_tf.data.miniature.emotic_rule import (
    ANNOTATORS,
    BODIES,
    LEAST,
    MOST,
    STEP_SHARES,
    STEPS,
    category_probabilities,
    person_vad,
)
from emo_tf.data.miniature.oracle import Oracle
from emo_tf.data.miniature.scenes import SCENES

METRICS = ("mAP", "VAD MAE")

_NUMBERS = np.arange(LEAST, MOST + 1)
_STEPS_TO_NEXT = int(np.lcm.reduce(ANNOTATORS))
"""A grid of sixths holds the means of one, two and three whole numbers."""

_AVERAGED_OVER = {"none": (0, 1), "body": (1,), "scene": (0,), "both": ()}
"""Which axes of (bodies, scenes) are not seen, by evidence."""


def score_evidence(
    bodies: Sequence[int],
    scenes: Sequence[int],
    *,
    categories: np.ndarray,
    vad: np.ndarray,
    measured_on: str,
) -> Oracle:
    """Scores the best predictions on people whose combined labels are known.

    Args:
        bodies: Index in `BODIES` of each person, N.
        scenes: Index in `SCENES` of each person, N.
        categories: Which of the 26 categories any annotator gave, bool (N, 26).
        vad: Mean of the annotators' numbers, (N, 3), 1 to 10.
        measured_on: How to call these people.

    Returns:
        Mean average precision over the categories that occur, as scikit-learn computes it, and mean
        absolute error of VAD, for nothing, the body, the scene and both.
    """
    category_table, vad_table = _label_tables()
    occurring = [column for column in range(categories.shape[1]) if categories[:, column].any()]
    scores = {}
    for evidence, unseen in _AVERAGED_OVER.items():
        chances, distributions = (
            np.broadcast_to(table.mean(axis=unseen, keepdims=True), table.shape)[bodies, scenes]
            for table in (category_table, vad_table)
        )
        precisions = [
            average_precision_score(categories[:, column], chances[:, column])
            for column in occurring
        ]
        error = np.abs(_medians(distributions) - vad).mean()
        scores[evidence] = (float(np.mean(precisions)), float(error))
    return Oracle(measured_on, METRICS, scores)


def _label_tables() -> tuple[np.ndarray, np.ndarray]:
    """Returns P(category) of shape (bodies, scenes, 26) and P(VAD) of (bodies, scenes, 3, grid)."""
    people = np.array([[person_vad(body, scene) for scene in SCENES] for body in BODIES])
    one = category_probabilities(people)
    given = np.mean([1 - (1 - one) ** count for count in ANNOTATORS], axis=0)
    of_number = np.stack([mean_distribution(number) for number in _NUMBERS])
    return given, of_number[np.round(people).astype(int) - LEAST]


def mean_distribution(number: int) -> np.ndarray:
    """Returns how the annotators' mean is distributed over the grid around a person's `number`.

    Probabilities, one a point of the grid, shape (N,).
    """
    grid = np.zeros((MOST - LEAST) * _STEPS_TO_NEXT + 1)
    one = np.zeros(len(_NUMBERS))
    for step, share in zip(STEPS, STEP_SHARES, strict=True):
        one[np.clip(number + step, LEAST, MOST) - LEAST] += share
    for count in ANNOTATORS:
        total = functools.reduce(np.convolve, [one] * count)
        grid[:: _STEPS_TO_NEXT // count] += total / len(ANNOTATORS)
    return grid


def _medians(distributions: np.ndarray) -> np.ndarray:
    """Returns the medians of distributions over the grid, (..., grid) to (...)."""
    place = (np.cumsum(distributions, axis=-1) < 0.5 - 1e-9).sum(axis=-1)
    return LEAST + place / _STEPS_TO_NEXT
