"""Makes the examples: of every usable face of a key frame, a clip of square crops.

Needs neither TensorFlow nor TFDS.
"""

import math
from collections.abc import Iterator
from contextlib import closing

import numpy as np

from emo_tf.corpora.pictures import encode_png
from emo_tf.corpora.report import LeftOut

from .annotations import Box, Face, Record
from .frames import NoClip
from .source import EpisodePart

NO_EMOTION = "no emotion"
NO_BOX = "no face box"
EMPTY_BOX = "empty box"
OUTSIDE = "box outside the frame"
TOO_LARGE = "box too large"

MARGIN = 0.3
"""What the square adds to width and height, as a share of their sum."""

_LARGEST = 2  # times the longer side of the frame


def examples_of(
    part: EpisodePart, *, length: int
) -> Iterator[tuple[str, dict[str, object]] | LeftOut]:
    """Yields key and example of every usable face of some records, and who is left out.

    Args:
        part: Records with their frames; their clips are read as they are needed.
        length: Frames of a clip: the key frame and those beside it, half of them before it.

    Raises:
        EmoError: The video cannot be read.
    """
    firsts = [record.key_frame - length // 2 for record in part.records if record.is_usable]
    with closing(part.frames.clips(firsts, length=length)) as clips:
        for record in part.records:
            clip = next(clips) if record.is_usable else []
            for face in record.faces:
                problem = _problem(face, clip)
                if problem:
                    place = f"{record.file}, record {record.index}, {face.character}"
                    yield LeftOut(problem[0], f"{place}: {problem[1]}")
                else:
                    yield _example(part.episode, record, face, clip)


def crop_square(box: Box) -> tuple[int, int, int]:
    """Returns left, top and side of the square round a face's box, in pixels of the frame.

    Side and centre are cut to whole pixels as in the published reader.
    """
    x1, y1, x2, y2 = box
    width, height = x2 - x1, y2 - y1
    margin = MARGIN * (width + height)
    side = int(math.sqrt((width + margin) * (height + margin)))
    return int(x1 + width / 2) - side // 2, int(y1 + height / 2) - side // 2, side


def cut_out(frame: np.ndarray, square: tuple[int, int, int]) -> np.ndarray:
    """Returns a square of a frame, black where it lies beyond the edges.

    Args:
        frame: uint8 RGB of shape (H, W, 3).
        square: Left, top and side in pixels.

    Returns:
        uint8 RGB of shape (side, side, 3).
    """
    left, top, side = square
    crop = np.zeros((side, side, 3), np.uint8)
    inside = frame[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)]
    y, x = max(0, -top), max(0, -left)
    crop[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    return crop


def _problem(face: Face, clip: list[np.ndarray] | NoClip) -> tuple[str, str] | None:
    """Returns the reason and the detail for which a face is left out."""
    if face.expression is None:
        return NO_EMOTION, "emotion is none"
    if face.box is None:
        return NO_BOX, "face_rect is none"
    if face.box_is_empty:
        return EMPTY_BOX, f"face_rect is empty: {list(face.box)}"
    if isinstance(clip, NoClip):
        return clip.reason, clip.detail
    height, width, _ = clip[0].shape
    of_size = f"the frame of {width} x {height} pixels: {list(face.box)}"
    x1, y1, x2, y2 = face.box
    if x2 <= 0 or y2 <= 0 or x1 >= width or y1 >= height:
        return OUTSIDE, f"face_rect lies outside {of_size}"
    *_, side = crop_square(face.box)
    if side > _LARGEST * max(width, height):  # A slip, which could need any amount of memory.
        return TOO_LARGE, f"face_rect is much larger than {of_size}"
    return None


def _example(
    episode: int, record: Record, face: Face, clip: list[np.ndarray]
) -> tuple[str, dict[str, object]]:
    x1, y1, x2, y2 = face.box
    left, top, side = crop_square(face.box)
    crops = [cut_out(frame, (left, top, side)) for frame in clip]
    return f"ep{episode:02d}_{record.index:05d}_{face.character}", {
        # Encoded here, which Beam's workers do side by side.
        "frames": [encode_png(crop) for crop in crops],
        "label": face.expression,
        "episode": episode,
        "character": face.character,
        "period": record.period,
        "key_frame": record.key_frame,
        "box_xywh": np.array([x1, y1, x2 - x1, y2 - y1], np.int32),
        "crop_xywh": np.array([left, top, side, side], np.int32),
        "start_s": record.start_s,
        "end_s": record.end_s,
        "record": record.index,
    }
