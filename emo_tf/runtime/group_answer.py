"""What one model of groups says about a picture."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class GroupAnswer:
    """The verdict of one model on a picture of N faces.

    Attributes:
        probabilities: (3,) in the order of `labels.GROUP_EMOTIONS`.
        face_weights: How much each face counted, (N,), 0 for one that was not looked at; `None`
            where the model does not weigh faces.
        passed_over: Number of faces that the model had no room for, the smallest.
    """

    probabilities: np.ndarray
    face_weights: np.ndarray | None = None
    passed_over: int = 0
