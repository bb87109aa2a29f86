"""What an analysis returns: frozen dataclasses, always of the same types.

Boxes are `[x, y, width, height]` in pixels of the upright image, landmarks five `[x, y]` (left eye,
right eye, nose, left and right mouth corner as seen in the image), probabilities 0 to 1.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from emo_tf.errors import EmoError
from emo_tf.result_checks import check_box, check_number, check_probabilities

CSV_COLUMNS = (
    "source",
    "face",
    "x",
    "y",
    "width",
    "height",
    "score",
    "expression",
    "probability",
    "group",
    "reason",
    "error",
    "person",
    "categories",
    "valence",
    "arousal",
    "dominance",
    "group_probability",
    "group_source",
)
GROUP_EVIDENCE = ("faces", "scenes", "hybrid")
"""What a verdict on a group may rest on besides models of whole pictures."""

CSV_SEPARATOR = "; "
"""What stands between the categories of a person."""


def _rounded_box(box_xywh: Sequence[float]) -> list[float]:
    return [round(value, 2) for value in box_xywh]


@dataclass(frozen=True)
class Expression:
    """The apparent expression of a face: its top `label` and the distribution, `probabilities`."""

    label: str
    probabilities: Mapping[str, float]

    def __post_init__(self):
        check_probabilities(self.probabilities, self.label)

    def to_dict(self) -> dict:
        """Returns plain types, as JSON has them."""
        return {
            "label": self.label,
            "probabilities": {name: round(p, 6) for name, p in self.probabilities.items()},
        }


@dataclass(frozen=True)
class Face:
    """A detected face: `box_xywh`, detector `score`, `landmarks` and, once known, `expression`."""

    box_xywh: tuple[float, float, float, float]
    score: float
    landmarks: tuple[tuple[float, float], ...]
    expression: Expression | None = None

    def __post_init__(self):
        check_box(self.box_xywh)
        if len(self.landmarks) != 5:
            raise EmoError(f"landmarks: expected five points. Received: {len(self.landmarks)}")

    def to_dict(self) -> dict:
        """Returns plain types, as JSON has them."""
        return {
            "box_xywh": _rounded_box(self.box_xywh),
            "score": round(self.score, 4),
            "landmarks": [[round(x, 2), round(y, 2)] for x, y in self.landmarks],
            "expression": self.expression.to_dict() if self.expression else None,
        }


@dataclass(frozen=True)
class CategoryScore:
    """How far a category of EMOTIC, `label`, applies to a person: `score`, and `threshold` if any.

    `above` says whether the score lies strictly above the threshold; without one it never does.
    """

    label: str
    score: float
    threshold: float | None
    above: bool

    def __post_init__(self):
        check_number(f"score of {self.label}", self.score)
        if self.threshold is not None:
            check_number(f"threshold of {self.label}", self.threshold)
        expected = self.threshold is not None and self.score > self.threshold
        if self.above != expected:
            raise EmoError(
                f"above of {self.label}: expected {expected} for a score of {self.score} and a "
                f"threshold of {self.threshold}. Received: {self.above}"
            )

    def to_dict(self) -> dict:
        """Returns plain types, as JSON has them."""
        return {
            "label": self.label,
            "score": round(self.score, 6),
            "threshold": self.threshold,
            "above": self.above,
        }


@dataclass(frozen=True)
class Vad:
    """Apparent `valence`, `arousal` and `dominance`, 1 to 10; a model may leave that scale."""

    valence: float
    arousal: float
    dominance: float

    def __post_init__(self):
        for name, value in vars(self).items():
            check_number(name, value)

    def to_dict(self) -> dict:
        """Returns plain types, as JSON has them."""
        return {name: round(value, 4) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Person:
    """A person in a scene, the body in `box_xywh`: `categories`, and `vad`, the three dimensions.

    `score` is that of the detector which found the person or the person's face, `None` for a box
    that was given. `categories` holds all 26 in the order of the model.
    """

    box_xywh: tuple[float, float, float, float]
    score: float | None
    categories: tuple[CategoryScore, ...]
    vad: Vad

    def __post_init__(self):
        check_box(self.box_xywh)
        if self.score is not None:
            check_number("score", self.score)

    @property
    def shown(self) -> tuple[CategoryScore, ...]:
        """The categories above their thresholds, in the order of the model."""
        return tuple(category for category in self.categories if category.above)

    def to_dict(self) -> dict:
        """Returns plain types, as JSON has them."""
        return {
            "box_xywh": _rounded_box(self.box_xywh),
            "score": None if self.score is None else round(self.score, 4),
            "categories": [category.to_dict() for category in self.categories],
            "vad": self.vad.to_dict(),
        }


@dataclass(frozen=True)
class Group:
    """The verdict on a picture of people.

    `verdicts` holds the distribution that each source of evidence gives: `faces`, `scenes` and
    `hybrid`, `None` for one that had nothing to go by, and models by their names. `source` names
    the one that `label` and `probabilities` follow, `face_weights` says how much each face counted
    and `note` which faces it did not look at, where there are more than it takes.
    """

    label: str
    probabilities: Mapping[str, float]
    source: str
    verdicts: Mapping[str, Mapping[str, float] | None] = field(default_factory=dict)
    face_weights: tuple[float, ...] = ()
    note: str | None = None

    def __post_init__(self):
        check_probabilities(self.probabilities, self.label)
        missing = dict.fromkeys(GROUP_EVIDENCE)
        object.__setattr__(self, "verdicts", missing | dict(self.verdicts))

    def to_dict(self) -> dict:
        """Returns plain types, as JSON has them."""

        def rounded(distribution):
            return {name: round(p, 6) for name, p in distribution.items()}

        return {
            "label": self.label,
            "probabilities": rounded(self.probabilities),
            "source": self.source,
            "verdicts": {
                name: rounded(verdict) if verdict else None
                for name, verdict in self.verdicts.items()
            },
            "face_weights": [round(weight, 6) for weight in self.face_weights],
            "note": self.note,
        }


@dataclass(frozen=True)
class PhotoResult:
    """What was found in one picture, the `source`, or why it could not be read.

    A picture in which nobody was found is an empty result with a `reason`, which also tells why
    there is no `group` where one was asked for. A source that could not be read has an `error` and
    nothing else. `width` and `height` are in pixels; next to `faces` there are `people` only with
    a model of people in context; `timings_ms` holds the milliseconds of each step by its name.
    """

    source: str
    width: int = 0
    height: int = 0
    faces: tuple[Face, ...] = ()
    people: tuple[Person, ...] = ()
    group: Group | None = None
    reason: str | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    error: str | None = None

    def to_dict(self) -> dict:
        """Returns plain types: the object that `--json` writes as one line."""
        if self.error is not None:
            return {"source": self.source, "error": self.error}
        return {
            "source": self.source,
            "width": self.width,
            "height": self.height,
            "faces": [face.to_dict() for face in self.faces],
            "people": [person.to_dict() for person in self.people],
            "group": self.group.to_dict() if self.group else None,
            "reason": self.reason,
            "timings_ms": {name: round(ms, 2) for name, ms in self.timings_ms.items()},
        }

    def to_json(self) -> str:
        """Returns one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_csv_rows(self) -> list[dict]:
        """Returns one dict of `CSV_COLUMNS` a face, then one a person; a single one without both.

        The column `face` or `person` holds the number of the one that a row is about, from 0, and
        box and score are that one's.
        """
        common = dict.fromkeys(CSV_COLUMNS, "") | {
            "source": self.source,
            "reason": self.reason or "",
            "error": self.error or "",
        }
        if self.group:
            common |= group_cells(self.group)
        faces = [common | _face_cells(index, face) for index, face in enumerate(self.faces)]
        people = [common | person_cells(index, one) for index, one in enumerate(self.people)]
        return faces + people or [common]


def _face_cells(index: int, face: Face) -> dict:
    cells = {"face": index} | box_cells(face)
    if face.expression:
        cells["expression"] = face.expression.label
        cells["probability"] = round(face.expression.probabilities[face.expression.label], 4)
    return cells


def person_cells(index: int, person: Person) -> dict:
    """Returns what a row of a table says of `person`, whose number is `index`, by column."""
    categories = CSV_SEPARATOR.join(category.label for category in person.shown)
    return {"person": index, "categories": categories} | box_cells(person) | person.vad.to_dict()


def group_cells(group: Group) -> dict:
    """Returns what a row of a table says of a group, by column."""
    return {
        "group": group.label,
        "group_probability": round(group.probabilities[group.label], 4),
        "group_source": group.source,
    }


def box_cells(found) -> dict:
    """Returns where something with a `box_xywh` and a `score` was found, by column of a table."""
    box = zip(("x", "y", "width", "height"), _rounded_box(found.box_xywh), strict=True)
    return {**dict(box), "score": "" if found.score is None else round(found.score, 4)}
