"""How large a picture is once it stands upright, told without its pixels."""

import struct
from typing import BinaryIO

from emo_tf.runtime.picture_opening import OpenedPicture, open_picture, orientation

_CHUNKS_START = 8
_LONGEST_WALK = 20_000
_TURNING_TEXTS = (b"XML:com.adobe.xmp\0", b"Raw profile type exif\0")


def upright_size(stream: BinaryIO, *, max_pixels: int, name: str) -> tuple[int, int]:
    """Returns width and height of a picture as `read_image` gives it.

    Args:
        stream: The file, at its beginning; it can be sought in.
        max_pixels: Limit on width times height.
        name: What to call the picture in messages.

    Raises:
        EmoError: No picture, or one over the limit. What is wrong with the pixels is not noticed.
    """
    picture = open_picture(stream, max_pixels=max_pixels, name=name)
    width, height = picture.image.size
    return (height, width) if _lies_on_its_side(picture, stream) else (width, height)


def _lies_on_its_side(picture: OpenedPicture, stream: BinaryIO) -> bool:
    if picture.image.format == "TIFF":  # Pillow tells the upright size
        return False
    if picture.image.format == "PNG" and "exif" not in picture.image.info:
        if not _may_be_turned(stream):
            return False
        try:
            picture.load()  # what stands behind the pixels is read with them
        except Exception:  # broken pixels, of which whoever reads them is told
            return False
    return orientation(picture.image) >= 5


def _may_be_turned(stream: BinaryIO) -> bool:
    """Returns whether a PNG has a chunk that could hold an orientation."""
    place = stream.tell()
    stream.seek(_CHUNKS_START)
    try:
        for _ in range(_LONGEST_WALK):
            header = stream.read(8)
            if len(header) < 8:
                break
            length, kind = struct.unpack(">I4s", header)
            if kind == b"eXIf":
                return True
            beginning = stream.read(min(length, 32)) if kind.endswith(b"Xt") else b""
            if beginning.startswith(_TURNING_TEXTS):
                return True
            stream.seek(length - len(beginning) + 4, 1)
    finally:
        stream.seek(place)
    return False
