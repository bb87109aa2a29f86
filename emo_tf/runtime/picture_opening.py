"""Opens picture files without decoding them, of formats that hold photographs alone."""

import io
import os
import threading
import warnings
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from emo_tf.errors import EmoError
from emo_tf.runtime.bounded_reads import BoundedReads

# Only what holds photographs: others, EPS among them, would start programs or run code.
_COMMON_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM")
_OTHER_FORMATS = ("WEBP", "TIFF", "AVIF", "JPEG2000", "TGA")
_FORMAT_NAMES = "JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF, JPEG 2000, PPM"
_ORIENTATION_TAG = 0x0112
# Sound files open within hundreds of reads; PNG pixels come in chunks, with three reads for each.
_READS_TO_OPEN = 4_000
_READS_OF_PIXELS = 20_000
_BYTES_A_READ = 64
# Some of these are read pixel by pixel; their files are as long as their pictures are large.
_IN_SINGLE_BYTES = ("BMP", "PPM")
# To tell formats apart, to open and to load takes one time each, or less.
_TIMES_READ = 4


@dataclass(frozen=True)
class OpenedPicture:
    """A picture whose header was read.

    Attributes:
        image: Not yet loaded; it lies as the file has it.
        reader: What it is loaded from.
        length: Of the file in bytes.
    """

    image: Image.Image
    reader: BoundedReads
    length: int

    def load(self) -> None:
        """Decodes the pixels, within bounds of reads and bytes of their own."""
        bytes_a_read = 1 if self.image.format in _IN_SINGLE_BYTES else _BYTES_A_READ
        self.reader.reads_left = _READS_OF_PIXELS + self.length // bytes_a_read
        self.reader.bytes_left = _most_bytes(self.length)
        if self.image.format == "TIFF":  # reads EXIF, and turns upright, while it loads
            with quiet_pillow:
                self.image.load()
        else:
            self.image.load()


class _QuietPillow:
    """Lifts Pillow's own pixel limit and hides its warnings on odd headers.

    Both are settings of the whole process: the first thread that comes in changes them and the
    last that goes restores them, so that none waits for another.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._inside = 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._warnings = warnings.catch_warnings()
                self._warnings.__enter__()
                warnings.simplefilter("ignore")
                self._limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                Image.MAX_IMAGE_PIXELS = self._limit
                self._warnings.__exit__(*error)


quiet_pillow = _QuietPillow()


def open_picture(stream: BinaryIO, *, max_pixels: int, name: str) -> OpenedPicture:
    """Reads the header of a picture, within bounds of reads and bytes.

    Args:
        stream: The file, at its beginning; it can be sought in.
        max_pixels: Limit on width times height.
        name: What to call the picture in messages.

    Raises:
        EmoError: No bytes, no picture, a broken header or a picture over the limit.
    """
    beginning = stream.read(16)
    if not beginning:
        raise EmoError(f"{name}: expected a picture ({_FORMAT_NAMES}). Received: no bytes")
    length = stream.seek(0, os.SEEK_END)
    reader = BoundedReads(stream, reads=_READS_TO_OPEN, size=_most_bytes(length))
    try:
        with quiet_pillow:
            image = _open(reader)
    except UnidentifiedImageError as error:
        raise EmoError(
            f"{name}: expected a picture ({_FORMAT_NAMES}). "
            f"Received: a file that begins with {beginning!r}"
        ) from error
    except Exception as error:  # Pillow's parsers let through whatever broken data makes them raise
        raise EmoError(
            f"{name}: expected a picture. Received: a broken header ({error})"
        ) from error
    check_size(*image.size, max_pixels=max_pixels, name=name)
    return OpenedPicture(image, reader, length)


def check_size(width: int, height: int, *, max_pixels: int, name: str) -> None:
    """Checks that a picture is not over the limit of pixels.

    Args:
        width: Pixels.
        height: Pixels.
        max_pixels: The limit.
        name: What the picture is called in messages.

    Raises:
        EmoError: It is.
    """
    if width * height > max_pixels:
        raise EmoError(
            f"{name}: expected at most {max_pixels:,} pixels. "
            f"Received: {width} x {height} = {width * height:,}"
        )


def orientation(image: Image.Image) -> int:
    """Returns the EXIF orientation of a picture, 1 where there is none; PNG may be loaded."""
    try:
        with quiet_pillow:
            found = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # broken EXIF: viewers too show the picture as it lies
        return 1
    return found if found in range(2, 9) else 1


def _most_bytes(length: int) -> int:
    return _TIMES_READ * (length + io.DEFAULT_BUFFER_SIZE)


def _open(stream: BoundedReads) -> Image.Image:
    stream.seek(0)
    try:
        return Image.open(stream, formats=_COMMON_FORMATS)
    except UnidentifiedImageError:
        Image.init()  # imports every plugin, which a JPEG need not wait for
        return Image.open(stream, formats=[name for name in _OTHER_FORMATS if name in Image.OPEN])
