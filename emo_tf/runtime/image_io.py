"""Pictures in and out: whatever a camera or an editor wrote becomes upright RGB pixels."""

import io
import uuid
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from PIL import Image

from emo_tf.errors import EmoError, unknown_name
from emo_tf.runtime.encoding import SAVE_OPTIONS
from emo_tf.runtime.jpeg_scans import check_scans
from emo_tf.runtime.picture_opening import check_size, open_picture, orientation

MAX_PIXELS = 100_000_000

_JPEG_FORMATS = ("JPEG", "MPO")
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
# EXIF orientation to OpenCV's flip code, after a transposition for 5 to 8.
_FLIPS = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}
_STRIP_PIXELS = 1 << 18
_PLAIN_PPM = (b"P1", b"P2", b"P3")
_MAX_COMMENTS = 1_000


def read_image(
    source: str | Path | bytes | np.ndarray,
    *,
    max_pixels: int = MAX_PIXELS,
    name: str | None = None,
) -> np.ndarray:
    """Reads a picture as upright RGB.

    EXIF orientation is obeyed. Grey, palette, CMYK and 1-bit pictures become RGB; 16-bit values
    are scaled to 8 bits by their upper byte; transparent pixels lie on white, as a viewer shows
    them; of an animation the first frame counts. A JPEG gives Pillow's exact pixels.

    Args:
        source: Path of a file, the bytes of one, or pixels: a uint8 or uint16 array of shape
            (H, W), (H, W, 1), (H, W, 3) in RGB or (H, W, 4) in RGBA. Float arrays are refused,
            since 0..1 and 0..255 cannot be told apart.
        max_pixels: Limit on width times height; checked before anything is decoded.
        name: What to call the source in messages, by default its path.

    Returns:
        uint8 RGB pixels of shape (H, W, 3). An array that is this already is not copied.

    Raises:
        EmoError: Missing, empty, unreadable or truncated file, one that is no picture, a picture
            over the limit, or an array of another type or shape.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source, max_pixels=max_pixels, name=name or "image array")
    if isinstance(source, bytes):
        return _from_stream(io.BytesIO(source), max_pixels=max_pixels, name=name or "image bytes")
    name = name or str(source)
    try:
        with Path(source).open("rb") as stream:
            return _from_stream(stream, max_pixels=max_pixels, name=name)
    except EmoError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte
        problem = getattr(error, "strerror", None) or error
        raise EmoError(f"{name}: expected a picture file. Received: {problem}") from error


def to_grey(image: np.ndarray) -> np.ndarray:
    """Returns the Rec. 601 luma of RGB pixels (H, W, 3), uint8 of shape (H, W)."""
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def write_image(path: str | Path, image: np.ndarray) -> Path:
    """Writes RGB pixels as PNG or JPEG; the file appears whole or not at all.

    Args:
        path: Ends in `.png`, `.jpg` or `.jpeg`; folders on the way are made.
        image: uint8 RGB pixels of shape (H, W, 3).

    Returns:
        The path written.

    Raises:
        EmoError: Another ending, or a place that cannot be written to.
    """
    path = Path(path)
    format_name = _FORMATS.get(path.suffix.lower())
    if format_name is None:
        raise unknown_name(f"picture ending of {path}", path.suffix, _FORMATS)
    # A short name of its own: one made from the path's could be longer than file systems allow.
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as stream:
                Image.fromarray(image).save(stream, format=format_name, **SAVE_OPTIONS[format_name])
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        problem = error.strerror or error
        raise EmoError(f"{path}: expected a writable place. Received: {problem}") from error
    return path


def _from_array(array: np.ndarray, *, max_pixels: int, name: str) -> np.ndarray:
    channels = array.shape[2] if array.ndim == 3 else 1
    shape_fits = array.ndim in (2, 3) and channels in (1, 3, 4) and array.size
    if not shape_fits or array.dtype not in (np.uint8, np.uint16):
        raise EmoError(
            f"{name}: expected uint8 or uint16 of shape (H, W), (H, W, 1), (H, W, 3) or "
            f"(H, W, 4). Received: {array.dtype} of shape {array.shape}"
        )
    check_size(array.shape[1], array.shape[0], max_pixels=max_pixels, name=name)
    if array.dtype == np.uint16:
        array = (array >> 8).astype(np.uint8)
    if channels == 3:
        return np.ascontiguousarray(array)
    return _to_pixels(Image.fromarray(array[..., 0] if array.shape[2:] == (1,) else array))


def _from_stream(stream: BinaryIO, *, max_pixels: int, name: str) -> np.ndarray:
    if not stream.seekable():
        stream = io.BytesIO(stream.read())
    picture = open_picture(stream, max_pixels=max_pixels, name=name)
    image = picture.image
    try:
        _check_parts(stream, image.format)
        picture.load()
        pixels = _to_pixels(image)
    except Exception as error:  # as above
        raise EmoError(
            f"{name}: expected a whole {image.format} picture. "
            f"Received: data that cannot be decoded ({error})"
        ) from error
    return _upright(pixels, orientation(image))


def _check_parts(stream: BinaryIO, format_name: str) -> None:
    """Checks that a picture is not made of parts that each cost a walk over all of it."""
    if format_name not in (*_JPEG_FORMATS, "PPM"):
        return
    place = stream.tell()
    stream.seek(0)
    content = stream.read()
    stream.seek(place)
    if format_name in _JPEG_FORMATS:
        check_scans(content)
    elif content[:2] in _PLAIN_PPM and content.count(b"#") > _MAX_COMMENTS:
        raise EmoError(f"expected at most {_MAX_COMMENTS:,} comments. Received: more")


def _to_pixels(image: Image.Image) -> np.ndarray:
    """Returns the RGB pixels of a loaded picture, strip by strip to spare memory."""
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        pixels[top:bottom] = _strip_to_rgb(image.crop((0, top, width, bottom)), image.format)
    return pixels


def _strip_to_rgb(strip: Image.Image, format_name: str | None) -> np.ndarray | Image.Image:
    # Before Pillow 11 a 16-bit grey PNG came as mode I; from other files that mode holds 32 bits.
    if strip.mode.startswith("I;16") or (strip.mode == "I" and format_name in ("PNG", "PPM")):
        return (np.asarray(strip) >> 8).astype(np.uint8)[..., None]
    if strip.mode in ("I", "F"):
        raise EmoError("expected 8 or 16 bits a channel, not 32")
    if strip.has_transparency_data:
        strip = strip.convert("RGBA")
        strip = Image.alpha_composite(Image.new("RGBA", strip.size, "white"), strip)
    return np.asarray(strip if strip.mode == "RGB" else strip.convert("RGB"))


def _upright(pixels: np.ndarray, turned: int) -> np.ndarray:
    if turned >= 5:
        pixels = cv2.transpose(pixels)
    if turned in _FLIPS:
        pixels = cv2.flip(pixels, _FLIPS[turned])
    return pixels
