"""What an episode's annotations say: key frames, who is seen there and what their faces show.

Needs neither TensorFlow nor TFDS. Records are counted from 0.
"""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as shortened

from emo_tf.errors import EmoError, in_place, unknown_name

CHARACTERS = ("chandler", "joey", "monica", "phoebe", "rachel", "ross")
FRAMES_PER_SECOND = 24

Box = tuple[int, int, int, int]
"""Corners x1, y1, x2, y2 in pixels of the frame; x2 and y2 lie just outside."""

_NONE = "none"
_EXPRESSION_OF = {
    "angry": "angry",
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happy",
    "happiness": "happy",
    "sad": "sad",
    "sadness": "sad",
    "surprise": "surprise",
    "neutral": "neutral",
    # Those above are what the published reader knows; these can mean nothing else.
    "disgusted": "disgust",
    "fearful": "fear",
    "surprised": "surprise",
}
_LIMIT = 10**9
_CORNERS = ("min_x", "min_y", "max_x", "max_y")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
# Some coordinates are two numbers; the published reader takes the first.
_COORDINATE = re.compile(r"(-?[0-9]{1,9}(?:\.[0-9]*)?)(?:\s+-?[0-9.]+)*")
_TIME = re.compile(r"([0-9]{1,2}):([0-5][0-9]):([0-5][0-9]);([0-9]{2})")
_FRAME_NAME = re.compile(r"(?:frame_|f)([0-9]{1,9})\.jpe?g", re.IGNORECASE)


@dataclass(frozen=True)
class Face:
    """What a record says of one character.

    Attributes:
        character: One of `CHARACTERS`.
        expression: One of `emo_tf.labels.EXPRESSIONS`, `None` where there is none.
        box: The face's box, perhaps empty or beyond the frame; `None` where there is none, or no
            expression either.
    """

    character: str
    expression: str | None
    box: Box | None

    @property
    def is_usable(self) -> bool:
        """Whether there is an expression and a box that is not empty."""
        return self.expression is not None and self.box is not None and not self.box_is_empty

    @property
    def box_is_empty(self) -> bool:
        """Whether the box, which has to be there, ends before it begins."""
        x1, y1, x2, y2 = self.box
        return x1 >= x2 or y1 >= y2


@dataclass(frozen=True)
class Record:
    """One key frame.

    Attributes:
        file: Name of the file of annotations.
        index: Place among the file's records.
        period: Number of the period, which several records may share.
        start_s: Where the period begins, in seconds.
        end_s: Where it ends.
        key_frame: Number of the frame in the episode, from 0.
        faces: One a character, in the order of the file.
    """

    file: str
    index: int
    period: int
    start_s: float
    end_s: float
    key_frame: int
    faces: tuple[Face, ...]

    @property
    def is_usable(self) -> bool:
        """Whether any of the faces is."""
        return any(face.is_usable for face in self.faces)


def read_annotations(path: Path) -> list[Record]:
    """Returns an episode's annotations, in the order of the file.

    Args:
        path: Such as `s01_ep01_tag2_visual_Final_180809.json`.

    Raises:
        EmoError: The file is no JSON, lacks a key, or holds an emotion, a character, a time, a
            number or the name of a frame that cannot be understood.
    """
    try:
        # A few apostrophes are not UTF-8. They stand in texts that are not read.
        content = json.loads(path.read_bytes().decode("utf-8-sig", errors="replace"))
    except (OSError, ValueError, RecursionError) as error:
        raise EmoError(f"{path}: expected a JSON file. Received: {error}") from error
    with in_place(str(path)):
        records = _value(content, "visual_results", kind=list)
    return [_record(record, index=index, path=path) for index, record in enumerate(records)]


def _record(record: object, *, index: int, path: Path) -> Record:
    place = f"{path}, record {index}"
    faces = {}
    with in_place(place):
        period = _whole_number(_value(record, "period_num"), name="period_num")
        start_s, end_s = (_seconds(_value(record, key)) for key in ("start_time", "end_time"))
        key_frame = _frame_number(_value(record, "image"))
        people = _only(_value(record, "person"), name="person")
    for name, seen in people.items():
        with in_place(place):
            character = name.strip().lower()
            if character not in CHARACTERS:
                raise unknown_name("character", name, CHARACTERS)
            if character in faces:
                raise EmoError(f"expected each character once. Received: {character} twice")
        with in_place(f"{place}, {character}"):
            faces[character] = _face(_only(seen, name=name), character=character)
    return Record(
        file=path.name,
        index=index,
        period=period,
        start_s=start_s,
        end_s=end_s,
        key_frame=key_frame,
        faces=tuple(faces.values()),
    )


def _face(seen: dict, *, character: str) -> Face:
    expression = _expression(_value(seen, "emotion", kind=str))
    # The box of a face without an expression is of no use, and need not be one.
    box = None if expression is None else _box(_value(seen, "face_rect", kind=dict))
    return Face(character=character, expression=expression, box=box)


def _expression(emotion: str) -> str | None:
    name = emotion.strip().lower()
    if name == _NONE:
        return None
    if name not in _EXPRESSION_OF:
        raise unknown_name("emotion", emotion, [*_EXPRESSION_OF, _NONE])
    return _EXPRESSION_OF[name]


def _box(corners: dict) -> Box | None:
    values = [_value(corners, key) for key in _CORNERS]
    if any(isinstance(value, str) and value.strip().lower() == _NONE for value in values):
        return None
    x1, y1, x2, y2 = (
        _coordinate(value, name=name) for name, value in zip(_CORNERS, values, strict=True)
    )
    return x1, y1, x2, y2


def _coordinate(value: object, *, name: str) -> int:
    if isinstance(value, str):
        match = _COORDINATE.fullmatch(value.strip())
        number = float(match[1]) if match else math.nan
    else:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        number = value if is_number else math.nan
    if not abs(number) < _LIMIT:  # NaN neither.
        raise EmoError(f"expected a number or {_NONE} for {name}. Received: {shortened(value)}")
    return int(number)


def _whole_number(value: object, *, name: str) -> int:
    if isinstance(value, int | str) and _WHOLE_NUMBER.fullmatch(str(value).strip()):
        return int(value)
    raise EmoError(f"expected a whole number for {name}. Received: {shortened(value)}")


def _seconds(value: object) -> float:
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise EmoError(
            "expected a time HH:MM:SS;FF of hours, minutes, seconds and "
            f"{FRAMES_PER_SECOND} frames a second. Received: {shortened(value)}"
        )
    hours, minutes, seconds, frames = map(int, match.groups())
    return 3600 * hours + 60 * minutes + seconds + frames / FRAMES_PER_SECOND


def _frame_number(value: object) -> int:
    match = _FRAME_NAME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise EmoError(
            f"expected an image Frame_012345.jpg or f012345.jpg. Received: {shortened(value)}"
        )
    return int(match[1])


def _only(values: object, *, name: str) -> dict:
    """Returns the one object of a list."""
    if isinstance(values, list) and len(values) == 1 and isinstance(values[0], dict):
        return values[0]
    raise EmoError(f"expected a list of one object for {name}. Received: {shortened(values)}")


def _value(of: object, key: str, *, kind: type = object) -> object:
    if not isinstance(of, dict) or key not in of:
        keys = ", ".join(of) if isinstance(of, dict) else shortened(of)
        raise EmoError(f"expected an object with the key {key}. Received: {keys}")
    if not isinstance(of[key], kind):
        raise EmoError(f"expected a {kind.__name__} for {key}. Received: {shortened(of[key])}")
    return of[key]
