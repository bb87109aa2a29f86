"""What a model of groups is given of one picture."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class GroupView:
    """What a model is given of one picture.

    Attributes:
        arrays: By the names of the model's inputs, without the batch; those of faces have a row
            for each face looked at, the largest first.
        looked_at: Numbers of those faces in the picture, (n,).
        face_count: How many faces the picture has.
    """

    arrays: Mapping[str, np.ndarray]
    looked_at: np.ndarray
    face_count: int

    def for_all_faces(self, values: np.ndarray) -> np.ndarray:
        """Returns values of the faces looked at, in the order of the picture's faces.

        Args:
            values: (n,) or longer, the largest face first.

        Returns:
            float64 (N,), 0 for a face that was not looked at.
        """
        found = np.zeros(self.face_count)
        found[self.looked_at] = values[: len(self.looked_at)]
        return found
