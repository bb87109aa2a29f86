"""Decodes one image file, upright and in RGB, and says which bytes to store for it.

Needs numpy and Pillow alone.
"""

import io
import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

# What holds photographs and needs no program of its own, as EPS does.
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM", "WEBP", "TIFF")

# What TensorFlow decodes to the pixels that Pillow gives (of JPEG: with INTEGER_ACCURATE).
# MPO is a JPEG with further pictures behind it.
_STORED_AS_THEY_ARE = {
    "JPEG": ("RGB", "L"),
    "MPO": ("RGB", "L"),
    "PNG": ("RGB", "RGBA", "L", "LA", "P", "1"),
}
_ORIENTATION_TAG = 0x0112


class UnreadableError(ValueError):
    """Bytes that are no whole picture: the message says what is wrong with them."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    Attributes:
        image: Upright, of any mode that Pillow turns to RGB.
        original: Bytes of the file where TensorFlow decodes them to `pixels`, else `None`.
    """

    image: Image.Image
    original: bytes | None

    @property
    def height(self) -> int:
        """Height of the upright picture in pixels."""
        return self.image.height

    @property
    def width(self) -> int:
        """Width of the upright picture in pixels."""
        return self.image.width

    @cached_property
    def pixels(self) -> np.ndarray:
        """Upright RGB, uint8 of shape (height, width, 3); what is transparent keeps its colour."""
        return np.asarray(self.image if self.image.mode == "RGB" else self.image.convert("RGB"))

    @cached_property
    def encoded(self) -> bytes:
        """A JPEG or PNG file of the upright picture: the original one, or a PNG of `pixels`."""
        if self.original is not None:
            return self.original
        return encode_png(self.pixels)


def encode_png(pixels: np.ndarray, *, compress_level: int = 6) -> bytes:
    """Returns a PNG file.

    Args:
        pixels: RGB, uint8 (H, W, 3).
        compress_level: 0 to 9; 1 takes a quarter of the time of 6, for a twelfth more bytes.
    """
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=compress_level)
    return stream.getvalue()


def decode(data: bytes) -> Picture:
    """Decodes a picture file and turns it upright.

    Args:
        data: A whole file. Of an animation the first frame counts, of 16 bits the upper 8.

    Raises:
        UnreadableError: No picture, or not a whole one. OpenCV fills what a cut-off JPEG lacks
            with grey; here it is an error.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # On odd headers; what matters raises.
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
            image.load()
            # The colours stay, as in OpenCV; left in, it would change the conversion to RGB.
            image.info.pop("transparency", None)
            upright = ImageOps.exif_transpose(image) if _is_turned(image) else image
            if upright is image and image.mode in _STORED_AS_THEY_ARE.get(image.format, ()):
                return Picture(image=image, original=data)
            return Picture(image=_to_rgb(upright, format_name=image.format), original=None)
    except UnidentifiedImageError as error:
        raise UnreadableError("no known format") from error
    except Exception as error:  # Pillow lets through whatever broken data makes its parsers raise.
        raise UnreadableError(" ".join(str(error).split())) from error


def _to_rgb(image: Image.Image, *, format_name: str) -> Image.Image:
    # Before Pillow 11 a 16-bit grey PNG came as mode I; from other files that mode holds 32 bits.
    if image.mode.startswith("I;16") or (image.mode == "I" and format_name in ("PNG", "PPM")):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image.convert("RGB")


def _is_turned(image: Image.Image) -> bool:
    try:
        return image.getexif().get(_ORIENTATION_TAG, 1) in range(2, 9)
    except Exception:  # Broken EXIF: viewers too show the picture as it lies.
        return False
