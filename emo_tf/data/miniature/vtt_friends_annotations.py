"""The annotations of a drawn episode, in the original's JSON with its oddities.

How a name, a number or an emotion is written is drawn by lot among the ways of the original.
"""

import json
from collections.abc import Sequence

import numpy as np

from emo_tf.data.miniature.videos import FaceClip

FRAMES_PER_SECOND = 24
CHARACTERS = ("Chandler", "Joey", "Monica", "Phoebe", "Rachel", "Ross")

_SPELLINGS = {
    "angry": ("angry", "anger"),
    "happy": ("happy", "happiness"),
    "sad": ("sad", "sadness"),
}
_CORNERS = ("min_x", "min_y", "max_x", "max_y")
_NOWHERE = dict.fromkeys(_CORNERS, "none")
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def annotations_file(clips: Sequence[FaceClip], boxes: Sequence[np.ndarray]) -> bytes:
    """Returns the file of annotations of an episode.

    Every other one begins with a byte order mark, and the apostrophes are not UTF-8.

    Args:
        clips: The clips of the episode, one after the other in its frames.
        boxes: Box `[x, y, width, height]` of the face in every frame.
    """
    records, first = [], 0
    for period, clip in enumerate(clips, start=1):
        key_frame = first + clip.key_frame
        end = first + len(clip.progress)
        # Another lot than that of the drawing, which has the clip's own seed.
        rng = np.random.default_rng([*clip.seed, 1])
        records.append(
            {
                "period_num": str(period) if rng.uniform() < 0.5 else period,
                "start_time": _time(first),
                "end_time": _time(end - 1),
                "image": f"{rng.choice(['Frame_', 'f'])}{key_frame:06d}.jpg",
                "place": f"Monica{_APOSTROPHE}s apartment",
                "person": [_people(clip.after, boxes[key_frame], rng=rng)],
                "object": [],
            }
        )
        first = end
    text = json.dumps({"visual_results": records}, ensure_ascii=False, indent=1)
    data = text.encode().replace(_APOSTROPHE.encode(), b"\x99")
    _, number, _ = clips[0].seed
    return _BYTE_ORDER_MARK + data if number % 2 else data


def _people(expression: str, face_box: np.ndarray, *, rng: np.random.Generator) -> dict[str, list]:
    """Returns what is said of all characters, one of whom, drawn by lot, is there."""
    seen = CHARACTERS[rng.integers(len(CHARACTERS))]
    spellings = _SPELLINGS.get(expression, (expression,))
    emotion = str(rng.choice([spelling.title() for spelling in spellings] + list(spellings)))
    x, y, width, height = np.round(face_box).astype(int).tolist()
    corners = [_written(value, rng=rng) for value in (x, y, x + width, y + height)]
    rectangle = dict(zip(_CORNERS, corners, strict=True))
    return {
        name: [_person(emotion, rectangle) if name == seen else _person("none", _NOWHERE)]
        for name in CHARACTERS
    }


def _person(emotion: str, face_rectangle: dict[str, object]) -> dict[str, object]:
    return {
        "behavior": "none" if emotion == "none" else "stand up",
        "emotion": emotion,
        "face_rect": face_rectangle,
        "full_rect": _NOWHERE,
        "related_objects": [],
    }


def _written(value: int, *, rng: np.random.Generator) -> int | str:
    """Returns a coordinate as a number, as text, or as text of two numbers of which one counts."""
    forms = (value, str(value), f"{value}  {value + int(rng.integers(1, 9))}")
    return forms[rng.integers(len(forms))]


def _time(frame: int) -> str:
    seconds, frames = divmod(frame, FRAMES_PER_SECOND)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d};{frames:02d}"
