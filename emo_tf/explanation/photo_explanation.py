"""What a model looked at in one picture."""

import json
from dataclasses import dataclass

from emo_tf.explanation.face_explanation import FaceExplanation
from emo_tf.explanation.group_explanation import GroupExplanation
from emo_tf.explanation.person_explanation import PersonExplanation


@dataclass(frozen=True, eq=False)
class PhotoExplanation:
    """What a model looked at in one picture, or why nothing can be said.

    Attributes:
        source: The picture, as it was named.
        people: Its people, of a model of the task `emotic`.
        faces: Its faces, of a model of the task `expression`.
        group: Its group, of a model of the task `group`.
        reason: Why there is none of them, though the picture was looked at.
        error: Why the picture was not looked at.
    """

    source: str
    people: tuple[PersonExplanation, ...] = ()
    faces: tuple[FaceExplanation, ...] = ()
    group: GroupExplanation | None = None
    reason: str | None = None
    error: str | None = None

    def to_json(self) -> str:
        """Returns one line of JSON."""
        found = {
            "source": self.source,
            "people": [person.to_dict() for person in self.people],
            "faces": [face.to_dict() for face in self.faces],
            "group": self.group.to_dict() if self.group else None,
            "reason": self.reason,
            "error": self.error,
        }
        return json.dumps(found)
