"""Pictures as the page shows them: upright, not too large, without what else is in their files."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.annotation.picture_folder import PictureEntry, PictureFolder
from emo_tf.errors import EmoError
from emo_tf.runtime.encoding import encode_image
from emo_tf.runtime.image_io import MAX_PIXELS, read_image

LONGEST_SIDE = 2048
_KEPT_BYTES = 32 * 2**20


@dataclass(frozen=True)
class ShownPicture:
    """A picture as it is sent: `content` is a whole file of the type `media_type`."""

    content: bytes
    media_type: str


class ShownPictures:
    """Reads the pictures of a folder and encodes them anew; the latest are kept in memory.

    Args:
        folder: The folder.
        max_pixels: Pictures with more pixels are refused.
    """

    def __init__(self, folder: PictureFolder, *, max_pixels: int = MAX_PIXELS):
        self._folder = folder
        self._max_pixels = max_pixels
        self._kept: OrderedDict[int, ShownPicture] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, entry: PictureEntry) -> np.ndarray:
        """Returns the upright RGB pixels of a picture, uint8 (H, W, 3).

        Raises:
            EmoError: It cannot be read, or is not of the size that boxes in it were drawn at.
        """
        if entry.error is not None:
            raise EmoError(entry.error)
        file = self._folder.file(entry.path)
        image = read_image(file, max_pixels=self._max_pixels, name=entry.path)
        height, width = image.shape[:2]
        if (width, height) != (entry.width, entry.height):
            raise EmoError(
                f"{entry.path}: expected {entry.width} x {entry.height} pixels, as when the "
                f"folder was opened. Received: {width} x {height}"
            )
        return image

    def show(self, entry: PictureEntry) -> ShownPicture:
        """Returns a picture as the page shows it: a PNG of a PNG, else a JPEG.

        Raises:
            EmoError: As `read`.
        """
        with self._lock:
            if entry.id in self._kept:
                self._kept.move_to_end(entry.id)
                return self._kept[entry.id]
        format_name = "PNG" if Path(entry.path).suffix.lower() == ".png" else "JPEG"
        content = encode_image(self.read(entry), longest_side=LONGEST_SIDE, format_name=format_name)
        picture = ShownPicture(content, f"image/{format_name.lower()}")
        with self._lock:
            self._kept[entry.id] = picture
            while sum(len(kept.content) for kept in self._kept.values()) > _KEPT_BYTES:
                self._kept.popitem(last=False)
        return picture
