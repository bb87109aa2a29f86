"""What the answers file tells of people and of what was said about them."""

from dataclasses import dataclass

from emo_tf.annotation.answer import Answer, Skip

Box = tuple[float, float, float, float]
"""x, y, width and height in pixels of the upright picture."""

DRAWN = "drawn"
DETECTED = "detected"
ORIGINS = (DRAWN, DETECTED)


@dataclass(frozen=True)
class AnnotatedPerson:
    """A person in a picture.

    Attributes:
        id: Number of the person in the file.
        box_xywh: Where the person is.
        origin: `drawn` by an annotator or `detected`.
        answered_by: Annotators who have answered about this person, in the order of their names.
    """

    id: int
    box_xywh: Box
    origin: str
    answered_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class SavedAnswer:
    """The latest answer of an annotator about a person.

    Attributes:
        picture: Path of the picture, with `/`, relative to the folder.
        person_id: Number of the person in the file.
        box_xywh: Where the person is.
        annotator: Who answered.
        answer: What was said.
        saved_at: When, in UTC, as ISO 8601 writes it.
    """

    picture: str
    person_id: int
    box_xywh: Box
    annotator: str
    answer: Answer | Skip
    saved_at: str
