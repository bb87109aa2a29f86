"""From a picture file to what a model takes, as the signature `serve_bytes` of its SavedModel."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.model_metadata import ImageInput, ModelMetadata
from emo_tf.runtime.image_io import to_grey
from emo_tf.runtime.people_crops import PeopleCrops
from emo_tf.runtime.resizing import resize, resize_averaged

BYTES_SIGNATURE = "serve_bytes"
"""The signature that takes picture files."""

IMAGE_BYTES, BOX_XYWH = "image_bytes", "box_xywh"
"""What it takes: the bytes of a file and, where people are meant, the person's box in pixels."""

Arrays = dict[str, np.ndarray]


class PictureRequests:
    """Makes a picture what a model takes, where a picture is all that it needs.

    A model of expressions is given a face that was cut out, made grey; one of people in context
    the whole picture and a box; one of groups that looks at no faces the whole picture. The pixels
    are those that `serve_bytes` of the exported SavedModel makes of the same file; luma, which is
    computed in whole numbers here, can be one level off. The files themselves are read by
    `image_io.read_image`, which other than the SavedModel obeys a rotation in EXIF, puts what is
    transparent on white and reads more formats.

    Args:
        make: From an upright RGB picture, uint8 (H, W, 3), and a box in pixels, `None` without
            `takes_box`, to the model's inputs without the batch.
        takes_box: Whether a person's box is needed.

    Example:
        >>> requests = PictureRequests.of(metadata, path=path)
        >>> requests.inputs(read_image("face.png"))["image"].shape
        (48, 48, 1)
    """

    def __init__(
        self, make: Callable[[np.ndarray, Sequence[float] | None], Arrays], *, takes_box: bool
    ):
        self.takes_box = takes_box
        self._make = make

    @classmethod
    def of(cls, metadata: ModelMetadata, *, path: Path) -> "PictureRequests | None":
        """Returns how a model takes pictures; `None` where a picture is not all that it needs.

        Args:
            metadata: What the model's file says about it.
            path: The file, for messages.

        Raises:
            EmoError: A model of people wants them cut out in an unknown way.
        """
        if metadata.task == "emotic":
            crops = PeopleCrops(metadata, path=path)
            return cls(lambda image, box: _person(crops, image, box), takes_box=True)
        image = metadata.inputs.get("image")
        if image is None or [*metadata.inputs, *metadata.arrays] != ["image"]:
            return None
        if len(image.shape) != 3 or None in image.shape:
            return None
        if metadata.task == "expression" and image.colour == "grey":
            return cls(lambda pixels, _: _face(pixels, image), takes_box=False)
        if metadata.task == "group" and image.colour == "rgb":
            return cls(lambda pixels, _: _whole(pixels, image), takes_box=False)
        return None

    def inputs(self, image: np.ndarray, box_xywh: Sequence[float] | None = None) -> Arrays:
        """Makes a picture what the model takes.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            box_xywh: Where the person is, x, y, width and height in pixels, with `takes_box`.

        Returns:
            Arrays by the names of the model's inputs, without the batch.

        Raises:
            EmoError: A box is missing, is not four finite numbers, or has no area in the picture;
                or there is one that nobody asks for.
        """
        if self.takes_box != (box_xywh is not None):
            wanted = "one box" if self.takes_box else "none, as the picture is taken as a whole"
            raise EmoError(f"{BOX_XYWH}: expected {wanted}. Received: {box_xywh}")
        return self._make(image, box_xywh)


def _person(crops: PeopleCrops, image: np.ndarray, box_xywh: Sequence[float]) -> Arrays:
    people = crops.crop(image, [box_xywh])
    return {name: rows[0] for name, rows in people.arrays(slice(0, 1)).items()}


def _face(pixels: np.ndarray, image: ImageInput) -> Arrays:
    # Faces larger than the model's input are averaged, as cutting them out does.
    return {"image": resize_averaged(to_grey(pixels), (image.height, image.width))[..., None]}


def _whole(pixels: np.ndarray, image: ImageInput) -> Arrays:
    return {"image": resize(pixels, (image.height, image.width))}
