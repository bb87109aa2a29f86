"""What speaks for the apparent expression of one face."""

from dataclasses import dataclass

import numpy as np

from emo_tf.explanation.activation_map import ActivationMap
from emo_tf.explanation.painting import painted_over, strongest_part
from emo_tf.explanation.rounding import rounded
from emo_tf.results import Face

MASKED_SHARE = 0.25
"""How much of a face the check paints over."""


@dataclass(frozen=True, eq=False)
class FaceExplanation:
    """What speaks for one expression of a face.

    Attributes:
        face: The face, with all that the model says.
        explained: The expression, one of `labels.EXPRESSIONS`.
        score: Its probability.
        map: What speaks for it in the face as it was cut out.
        cut_out: The face as it was cut out, but in colour and finer than the model was shown it:
            uint8 RGB (H, W, 3).
        masked_score: The probability where the strongest part of the map is painted over; `None`
            where that was not tried, and of an empty map.
        control_score: As `masked_score`, of a part of the same size where the map is weakest.
    """

    face: Face
    explained: str
    score: float
    map: ActivationMap
    cut_out: np.ndarray
    masked_score: float | None = None
    control_score: float | None = None

    def to_dict(self) -> dict:
        """Returns plain types, as `--json` writes them."""
        return {
            **self.face.to_dict(),
            "explained": self.explained,
            "explained_score": rounded(self.score),
            "masked_score": rounded(self.masked_score),
            "control_score": rounded(self.control_score),
            "map": self.map.to_dict(),
        }


def masked_face(face: np.ndarray, found: ActivationMap, *, strongest: bool) -> np.ndarray:
    """Returns a face as the check shows it to the model.

    Args:
        face: uint8 (H, W, C), as it was cut out.
        found: The map over it.
        strongest: Whether the part is painted over where the map is strongest, or weakest.

    Returns:
        uint8 (H, W, C).
    """
    values = found.values if strongest else -found.values
    return painted_over(face, strongest_part(values, face.shape[:2], share=MASKED_SHARE))
