"""What an analysis returns: frozen dataclasses, always of the same types.

Boxes are `[x, y, width, height]` in pixels of the upright image, landmarks five `[x, y]` (left eye,
right eye, nose, left and right mouth corner as seen in the image), probabilities 0 to 1.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from emo_tf.errors import EmoError

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
)


def _check_probabilities(probabilities: Mapping[str, float], label: str) -> None:
    total = sum(probabilities.values())
    if any(not 0 <= p <= 1 for p in probabilities.values()) or abs(total - 1) > 1e-3:
        raise EmoError(
            f"probabilities: expected values of 0 to 1 that add up to 1. Received: {probabilities}"
        )
    if label not in probabilities:
        raise EmoError(f"label: expected one of {', '.join(probabilities)}. Received: {label!r}")


@dataclass(frozen=True)
class Expression:
    """The apparent expression of one face: its top label and the whole distribution."""

    label: str
    probabilities: Mapping[str, float]

    def __post_init__(self):
        _check_probabilities(self.probabilities, self.label)

    def to_dict(self) -> dict:
        return {
            "label": self.label,
            "probabilities": {name: round(p, 6) for name, p in self.probabilities.items()},
        }


@dataclass(frozen=True)
class Face:
    """A detected face: box, detector score, landmarks and, once classified, its expression."""

    box_xywh: tuple[float, float, float, float]
    score: float
    landmarks: tuple[tuple[float, float], ...]
    expression: Expression | None = None

    def __post_init__(self):
        if len(self.box_xywh) != 4 or self.box_xywh[2] < 0 or self.box_xywh[3] < 0:
            raise EmoError(
                f"box_xywh: expected x, y, width >= 0, height >= 0. Received: {self.box_xywh}"
            )
        if len(self.landmarks) != 5:
            raise EmoError(f"landmarks: expected five points. Received: {len(self.landmarks)}")

    def to_dict(self) -> dict:
        return {
            "box_xywh": [round(v, 2) for v in self.box_xywh],
            "score": round(self.score, 4),
            "landmarks": [[round(x, 2), round(y, 2)] for x, y in self.landmarks],
            "expression": self.expression.to_dict() if self.expression else None,
        }


@dataclass(frozen=True)
class Group:
    """The verdict on a picture of people.

    `verdicts` holds the distribution that each source of evidence gives, `source` names the one
    that `label` and `probabilities` follow, `face_weights` says how much each face counted.
    """

    label: str
    probabilities: Mapping[str, float]
    source: str
    verdicts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    face_weights: tuple[float, ...] = ()

    def __post_init__(self):
        _check_probabilities(self.probabilities, self.label)

    def to_dict(self) -> dict:
        def rounded(distribution):
            return {name: round(p, 6) for name, p in distribution.items()}

        return {
            "label": self.label,
            "probabilities": rounded(self.probabilities),
            "source": self.source,
            "verdicts": {name: rounded(verdict) for name, verdict in self.verdicts.items()},
            "face_weights": [round(weight, 6) for weight in self.face_weights],
        }


@dataclass(frozen=True)
class PhotoResult:
    """What was found in one picture, or why it could not be read.

    A picture without faces is an empty result with a `reason`. A source that could not be read
    has an `error` and nothing else. `people` stays empty without a model of people in context.
    """

    source: str
    width: int = 0
    height: int = 0
    faces: tuple[Face, ...] = ()
    people: tuple = ()
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
            "people": list(self.people),
            "group": self.group.to_dict() if self.group else None,
            "reason": self.reason,
            "timings_ms": {name: round(ms, 2) for name, ms in self.timings_ms.items()},
        }

    def to_json(self) -> str:
        """Returns one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_csv_rows(self) -> list[dict]:
        """Returns one dict of `CSV_COLUMNS` a face, or a single one where there is none."""
        common = dict.fromkeys(CSV_COLUMNS, "") | {
            "source": self.source,
            "group": self.group.label if self.group else "",
            "reason": self.reason or "",
            "error": self.error or "",
        }
        rows = []
        for index, face in enumerate(self.faces):
            x, y, width, height = (round(v, 2) for v in face.box_xywh)
            row = common | {"face": index, "x": x, "y": y, "width": width, "height": height}
            row["score"] = round(face.score, 4)
            if face.expression:
                row["expression"] = face.expression.label
                row["probability"] = round(face.expression.probabilities[face.expression.label], 4)
            rows.append(row)
        return rows or [common]
