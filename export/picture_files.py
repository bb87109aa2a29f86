"""How a model of one picture takes picture files."""

from collections.abc import Callable, Mapping

import tensorflow as tf

from emo_tf.export.differences import made_up_inputs
from emo_tf.export.exportable import BytesSignature
from emo_tf.model_metadata import ImageInput
from emo_tf.runtime.picture_requests import IMAGE_BYTES


def takes_picture_files(
    image: ImageInput, decode: Callable[[tf.Tensor], tf.Tensor], *, note: str
) -> BytesSignature:
    """Returns how a model whose only input is `image` takes files of it.

    Args:
        image: The input, of fixed size.
        decode: From the bytes of a file, a scalar string, to uint8 pixels of the input's shape.
        note: What a picture has to be, and what is not done to it.
    """
    spec = tf.TensorSpec(image.shape, tf.uint8)

    def decode_all(request: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {"image": tf.map_fn(decode, request[IMAGE_BYTES], fn_output_signature=spec)}

    picture = made_up_inputs({"image": image})["image"][0]
    return BytesSignature(
        inputs={IMAGE_BYTES: tf.TensorSpec((None,), tf.string, IMAGE_BYTES)},
        decode=decode_all,
        request={IMAGE_BYTES: [tf.io.encode_png(picture).numpy()]},
        note=note,
    )
