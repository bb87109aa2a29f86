"""Picture files in requests as what a model takes."""

import binascii

import numpy as np

from emo_tf.errors import EmoError, in_place
from emo_tf.runtime.image_io import read_image
from emo_tf.runtime.picture_requests import BOX_XYWH, IMAGE_BYTES, PictureRequests
from emo_tf.runtime.tensor_spec import TensorSpec
from emo_tf.serve.json_arrays import read_rows
from emo_tf.serve.predict_request import B64, PredictRequest
from emo_tf.web.request_json import shown

BOX = TensorSpec(np.dtype(np.float32), (-1, 4))
"""Boxes of people: x, y, width and height in pixels."""

_MOST_AT_ONCE = 4


class RequestedPictures:
    """Reads the pictures of requests.

    A picture that is sent for several people, one after the other, is read once.

    Args:
        requests: What the model makes of a picture.
        max_pixels: Limit on width times height of a picture; those of one request together may
            have four times as many.
    """

    def __init__(self, requests: PictureRequests, *, max_pixels: int):
        self._requests = requests
        self._max_pixels = max_pixels

    def inputs(self, request: PredictRequest) -> dict[str, np.ndarray]:
        """Returns what the model takes, a row for each example of a request.

        Raises:
            EmoError: A picture or a box cannot be used, or there are too many pixels.
        """
        files = request.values[IMAGE_BYTES]
        boxes = request.values.get(BOX_XYWH, [None] * len(files))
        rows, before, image, pixels = [], None, None, 0
        for number, (file, box) in enumerate(zip(files, boxes, strict=True)):
            with in_place(request.place(number)):
                text = _text_of(file)
                if text != before:
                    image, before = self._read(text), text
                    pixels += image.shape[0] * image.shape[1]
                    self._check_total(pixels)
                if box is not None:
                    # As the SavedModel takes them: in float32.
                    box = read_rows([box], BOX, name=BOX_XYWH)[0].tolist()
                rows.append(self._requests.inputs(image, box))
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def _read(self, text: str) -> np.ndarray:
        with in_place(IMAGE_BYTES):
            content = _decoded(text)
        return read_image(content, max_pixels=self._max_pixels, name=IMAGE_BYTES)

    def _check_total(self, pixels: int) -> None:
        if pixels > _MOST_AT_ONCE * self._max_pixels:
            raise EmoError(
                f"{IMAGE_BYTES}: expected at most {_MOST_AT_ONCE * self._max_pixels:,} pixels in "
                "all pictures of a request. Received: more, with this one"
            )


def _text_of(file: object) -> str:
    if not isinstance(file, dict) or file.keys() != {B64} or not isinstance(file[B64], str):
        received = f"{{{B64!r}: {shown(file[B64])}}}" if _is_alone(file) else shown(file)
        raise EmoError(f'{IMAGE_BYTES}: expected {{"{B64}": "..."}}. Received: {received}')
    return file[B64]


def _is_alone(file: object) -> bool:
    return isinstance(file, dict) and file.keys() == {B64}


def _decoded(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:  # characters beyond ASCII are no binascii.Error, but one of these
        raise EmoError(f"{B64}: expected base64 with its padding. Received: {error}") from error
