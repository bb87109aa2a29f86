"""What speaks for a verdict on a group: the faces, by attention and by removal, and the picture."""

from dataclasses import dataclass

import numpy as np

from emo_tf.explanation.activation_map import ActivationMap
from emo_tf.explanation.rounding import rounded
from emo_tf.results import Face, Group

_ALIKE = 1e-5  # float32 does not add up shares of 1 more exactly


@dataclass(frozen=True, eq=False)
class GroupExplanation:
    """What one model of groups looked at in a picture of N faces.

    Attributes:
        verdict: The class that is explained, one of `labels.GROUP_EMOTIONS`.
        group: What the model says; `face_weights` holds how much it lets each face count, (N,), 0
            for one that it did not look at, and is empty where it does not weigh faces.
        faces: The faces that were found, (N,); none where the model looks at none.
        changes: By how much the probability of `verdict` changes where a face is taken away, (N,);
            `None` for a face that was not looked at, or without which nothing would be left.
        image_map: What in the picture speaks for `verdict`; `None` where the model does not look at
            the picture.
        sees_faces: Whether the model looks at faces; a picture may have none all the same.

    Reference:
        Jain and Wallace 2019, "Attention is not explanation", section 4.1, on leaving out one part
        at a time beside attention.
    """

    verdict: str
    group: Group
    faces: tuple[Face, ...] = ()
    changes: tuple[float | None, ...] = ()
    image_map: ActivationMap | None = None
    sees_faces: bool = True

    @property
    def probability(self) -> float:
        """That of the class that is explained."""
        return self.group.probabilities[self.verdict]

    @property
    def most_attended(self) -> int | None:
        """Number of the face that counts most; `None` where all that count, count alike."""
        weights = np.array([weight for weight in self.group.face_weights if weight])
        if not len(weights) or (len(weights) > 1 and np.ptp(weights) < _ALIKE):
            return None
        return int(np.argmax(self.group.face_weights))

    @property
    def most_decisive(self) -> int | None:
        """Number of the face whose removal changes most; `None` where no removal was tried."""
        sizes = [-1.0 if change is None else abs(change) for change in self.changes]
        return int(np.argmax(sizes)) if max(sizes, default=-1) >= 0 else None

    def to_dict(self) -> dict:
        """Returns plain types, as `--json` writes them."""
        rows = zip(self.faces, self.group.face_weights, self.changes, strict=True)
        return {
            "verdict": self.verdict,
            "probability": rounded(self.probability),
            "group": self.group.to_dict(),
            "faces": [
                {
                    "box_xywh": face.to_dict()["box_xywh"],
                    "weight": rounded(weight),
                    "change": rounded(change),
                }
                for face, weight, change in rows
            ],
            "sees_faces": self.sees_faces,
            "map": self.image_map.to_dict() if self.image_map else None,
        }
