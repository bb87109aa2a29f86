"""Blanking a box out of a picture."""

from collections.abc import Sequence

import keras
from keras import ops

from emo_tf.errors import EmoError


@keras.saving.register_keras_serializable(package="emo_tf")
class BlankBox(keras.layers.Layer):
    """Paints one box of each picture in a single colour.

    What is left of a scene without its person tells what the surroundings alone give away. A pixel
    is painted where its centre lies in the box; a box without area paints nothing.

    Args:
        fill: The colour, one value a channel, in the range of the pixels.

    Call arguments:
        image: The pictures; any numeric type.
        box: Left edge, upper edge, width and height, as shares of the picture's width and height.

    Input shape:
        `image` (B, H, W, C) and `box` (B, 4).

    Output shape:
        (B, H, W, C), float32.

    Example:
        >>> image = np.ones((1, 4, 4, 1))
        >>> BlankBox([0.0])(image, np.array([[0.5, 0.0, 0.5, 1.0]]))[0, 0, :, 0]
        [1., 1., 0., 0.]
    """

    def __init__(self, fill: Sequence[float], **arguments):
        # Neither pixels of 0 to 255 nor places in a picture fit into half a float.
        super().__init__(**{"dtype": "float32", **arguments})
        self.fill = tuple(float(value) for value in fill)

    def build(self, image_shape: tuple, box_shape: tuple) -> None:
        if len(image_shape) != 4 or image_shape[-1] != len(self.fill):
            raise EmoError(
                f"image: expected (B, H, W, {len(self.fill)}), one channel for each value of fill. "
                f"Received: {tuple(image_shape)}"
            )
        if len(box_shape) != 2 or box_shape[-1] != 4:
            raise EmoError(
                "box: expected (B, 4), left edge, upper edge, width and height. "
                f"Received: {tuple(box_shape)}"
            )

    def call(self, image, box):
        height, width = ops.shape(image)[1:3]
        x, y, box_width, box_height = ops.split(ops.cast(box, "float32"), 4, axis=1)  # (B, 1)
        in_columns = _between(x, x + box_width, width)  # (B, W)
        in_rows = _between(y, y + box_height, height)  # (B, H)
        inside = ops.logical_and(
            ops.expand_dims(in_rows, (2, 3)), ops.expand_dims(in_columns, (1, 3))
        )  # (B, H, W, 1)
        return ops.where(inside, ops.convert_to_tensor(self.fill), ops.cast(image, "float32"))

    def compute_output_shape(self, image_shape: tuple, box_shape: tuple) -> tuple:
        del box_shape
        return image_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "fill": self.fill}


def _between(start, end, count: int):
    centres = (ops.arange(count, dtype="float32") + 0.5) / ops.cast(count, "float32")
    return ops.logical_and(centres >= start, centres < end)
