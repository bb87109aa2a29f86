"""What speaks for the apparent emotion of one person: in the scene, and in the person."""

from collections.abc import Mapping
from dataclasses import dataclass

from emo_tf.explanation.activation_map import ActivationMap
from emo_tf.explanation.rounding import rounded
from emo_tf.results import Person


@dataclass(frozen=True, eq=False)
class BranchExplanation:
    """What one branch looked at, with the person in the picture and with the person masked.

    Attributes:
        map: Its map.
        share_in_box: Which share of the map lies in the person's box, 0 to 1; `None` of an empty
            map and of a branch that is shown nothing but the box.
        masked_map: Its map where the box is painted over; `None` where that was not tried.
        masked_share_in_box: As `share_in_box`, of `masked_map`.
    """

    map: ActivationMap
    share_in_box: float | None = None
    masked_map: ActivationMap | None = None
    masked_share_in_box: float | None = None

    @property
    def similarity(self) -> float | None:
        """Pearson's correlation of both maps, -1 to 1; `None` where there is none."""
        return self.map.similarity(self.masked_map) if self.masked_map else None

    def to_dict(self) -> dict:
        """Returns plain types, as `--json` writes them."""
        found = {**self.map.to_dict(), "share_in_box": rounded(self.share_in_box)}
        if self.masked_map:
            found["masked"] = {
                "peak": self.masked_map.to_dict()["peak"],
                "share_in_box": rounded(self.masked_share_in_box),
                "similarity": rounded(self.similarity),
            }
        return found


@dataclass(frozen=True, eq=False)
class PersonExplanation:
    """What speaks for one category or dimension of a person.

    Attributes:
        person: The person, with all that the model says.
        explained: The category, one of `labels.EMOTIC_CATEGORIES`, or the dimension, one of
            `labels.VAD`.
        branches: What each branch of the model looked at.
        score: What the model says of it.
        masked_score: What the model says of it where the person's box is painted over; `None` where
            that was not tried.
    """

    person: Person
    explained: str
    branches: Mapping[str, BranchExplanation]
    score: float
    masked_score: float | None = None

    def to_dict(self) -> dict:
        """Returns plain types, as `--json` writes them."""
        return {
            **self.person.to_dict(),
            "explained": self.explained,
            "explained_score": rounded(self.score),
            "masked_score": rounded(self.masked_score),
            "branches": {name: branch.to_dict() for name, branch in self.branches.items()},
        }
