"""What the analysis of a video returns: one object a frame, and one a stretch of one expression.

Boxes are `[x, y, width, height]` in pixels of the upright frame, times in seconds from the start of
the video, probabilities 0 to 1.
"""

import json
import math
from dataclasses import dataclass

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.result_checks import check_box, check_number
from emo_tf.results import Expression, Group, Person, box_cells, group_cells, person_cells

PERSON_COLUMNS = ("person", "categories", "valence", "arousal", "dominance")
GROUP_COLUMNS = ("group", "group_probability", "group_source")
VIDEO_CSV_COLUMNS = (
    *("source", "frame", "time_s", "track", "x", "y", "width", "height", "score"),
    *("expression", "probability", *EXPRESSIONS),
    *PERSON_COLUMNS,
    *GROUP_COLUMNS,
    "error",
)
"""The columns of a table of a video; there is one a class for the probabilities."""


@dataclass(frozen=True)
class TrackedFace:
    """A face in one frame that is followed through the video.

    Attributes:
        id: Number of its track, from 1; the same in every frame.
        box_xywh: Where it is.
        score: How sure the detector is that it is a face, 0 to 1.
        expression: Its apparent expression, smoothed over time.
    """

    id: int
    box_xywh: tuple[float, float, float, float]
    score: float
    expression: Expression | None = None

    def __post_init__(self):
        check_box(self.box_xywh)
        check_number("score", self.score)

    def to_dict(self) -> dict:
        """Returns plain types, as JSON has them."""
        return {
            "id": self.id,
            "box_xywh": [round(value, 2) for value in self.box_xywh],
            "score": round(self.score, 4),
            "expression": self.expression.to_dict() if self.expression else None,
        }


@dataclass(frozen=True)
class FrameResult:
    """What was found in one frame of a video.

    Attributes:
        source: The video, as given.
        frame: Number of the frame in the video, from 0; frames that were passed over count.
        time_s: When it is shown.
        tracks: The faces in it, by the number of their track.
        people: The people in it; empty without a model of people in context.
        group: The verdict on the frame as a whole, where one was asked for and can be given.
    """

    source: str
    frame: int
    time_s: float
    tracks: tuple[TrackedFace, ...] = ()
    people: tuple[Person, ...] = ()
    group: Group | None = None

    def to_dict(self) -> dict:
        """Returns plain types: the object that `--json` writes as one line."""
        return {
            "source": self.source,
            "frame": self.frame,
            "time_s": round(self.time_s, 4),
            "tracks": [track.to_dict() for track in self.tracks],
            "people": [person.to_dict() for person in self.people],
            "group": self.group.to_dict() if self.group else None,
        }

    def to_json(self) -> str:
        """Returns one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_csv_rows(self) -> list[dict]:
        """Returns one dict of `VIDEO_CSV_COLUMNS` a track, then one a person; else a single one.

        The column `track` holds the number of the track that a row is about, `person` that of the
        person in this frame, from 0, and box and score are that one's.
        """
        common = dict.fromkeys(VIDEO_CSV_COLUMNS, "") | {
            "source": self.source,
            "frame": self.frame,
            "time_s": round(self.time_s, 4),
        }
        if self.group:
            common |= group_cells(self.group)
        tracks = [common | _track_cells(track) for track in self.tracks]
        people = [common | person_cells(index, one) for index, one in enumerate(self.people)]
        return tracks + people or [common]


def _track_cells(track: TrackedFace) -> dict:
    cells = {"track": track.id} | box_cells(track)
    if track.expression:
        chances = {name: round(p, 4) for name, p in track.expression.probabilities.items()}
        label = track.expression.label
        cells |= chances | {"expression": label, "probability": chances[label]}
    return cells


@dataclass(frozen=True)
class VideoFailure:
    """Why a video could not be read, or not to its end.

    Attributes:
        source: The video, as given.
        error: What is wrong with it.
    """

    source: str
    error: str

    def to_dict(self) -> dict:
        """Returns plain types, as JSON has them."""
        return {"source": self.source, "error": self.error}

    def to_json(self) -> str:
        """Returns one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_csv_rows(self) -> list[dict]:
        """Returns a single dict of `VIDEO_CSV_COLUMNS`."""
        return [dict.fromkeys(VIDEO_CSV_COLUMNS, "") | self.to_dict()]


@dataclass(frozen=True)
class Segment:
    """A stretch of a track in which the face appears to have one expression.

    Attributes:
        source: The video, as given.
        id: Number of the track.
        start_s: When the first frame of it is shown.
        end_s: When the last frame of it is shown.
        label: The expression.
        confidence: Mean of its smoothed probability over the stretch.
    """

    source: str
    id: int
    start_s: float
    end_s: float
    label: str
    confidence: float

    def __post_init__(self):
        if not (math.isfinite(self.start_s) and self.start_s <= self.end_s < math.inf):
            raise EmoError(
                "segment: expected an end that is not before its start. "
                f"Received: {self.start_s} to {self.end_s}"
            )

    def to_dict(self) -> dict:
        """Returns plain types: the object that `--segments` writes as one line."""
        return {
            "source": self.source,
            "id": self.id,
            "start_s": round(self.start_s, 4),
            "end_s": round(self.end_s, 4),
            "label": self.label,
            "confidence": round(self.confidence, 4),
        }

    def to_json(self) -> str:
        """Returns one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)
