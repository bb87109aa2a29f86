"""What a served model can be asked, as the metadata of TensorFlow Serving's REST interface say."""

import json
import math
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emo_tf.export.probe_requests import made_up_array
from emo_tf.runtime.litert import SIGNATURE
from emo_tf.runtime.picture_requests import BOX_XYWH, BYTES_SIGNATURE

_TEXT = "DT_STRING"
_TYPES = {
    "DT_UINT8": np.uint8,
    "DT_FLOAT": np.float32,
    "DT_INT32": np.int32,
    "DT_INT64": np.int64,
    "DT_BOOL": np.bool_,
}
_DECIMALS = 3
# Of pictures of 224 by 224 three go into one request; clips of such go alone.
_MOST_NUMBERS = 1_000_000


@dataclass(frozen=True)
class ServedSignature:
    """The inputs of a signature.

    Attributes:
        name: The signature.
        types: The type of each input, as TensorFlow calls it.
        shapes: The shape of each, examples in front, -1 for any length.
    """

    name: str
    types: Mapping[str, str]
    shapes: Mapping[str, tuple[int, ...]]

    @classmethod
    def choose(cls, metadata: Mapping) -> "ServedSignature":
        """Returns the one that takes files where it is there, else the one that takes arrays.

        Args:
            metadata: The answer of a server to `/metadata`.

        Raises:
            KeyError: It has another shape; so TypeError, ValueError.
        """
        signatures = metadata["metadata"]["signature_def"]["signature_def"]
        name = BYTES_SIGNATURE if BYTES_SIGNATURE in signatures else SIGNATURE
        inputs = signatures[name]["inputs"]
        return cls(
            name,
            {key: one["dtype"] for key, one in inputs.items()},
            {
                key: tuple(int(side["size"]) for side in one["tensor_shape"].get("dim", ()))
                for key, one in inputs.items()
            },
        )

    @property
    def takes_files(self) -> bool:
        """Whether it takes pictures as files."""
        return _TEXT in self.types.values()

    def batches(self, counts: Sequence[int]) -> list[int]:
        """Returns with how many examples it can be asked, of rising numbers, the first at least.

        Its inputs may be made for one example, or be so large that a request has room for one.
        """
        is_open = all(shape[0] == -1 for shape in self.shapes.values() if shape)
        one = sum(math.prod(map(abs, shape)) for shape in self.shapes.values())
        most = _MOST_NUMBERS // one if is_open else 1
        return [*counts[:1], *(count for count in counts[1:] if count <= most)]

    def request(self, content: bytes, corners: Sequence[int], *, batch: int) -> bytes:
        """Returns the body of a request.

        Args:
            content: A picture's file, where it takes files.
            corners: `x1 y1 x2 y2` of the person in it.
            batch: How many examples.
        """
        rng = np.random.default_rng(0)
        left, top, right, bottom = corners
        rows: list[dict] = [{} for _ in range(batch)]
        for name, kind in self.types.items():
            if kind == _TEXT:
                values = [{"b64": b64encode(content).decode("ascii")}] * batch
            elif name == BOX_XYWH:
                values = [[left, top, right - left, bottom - top]] * batch
            else:
                made_up = made_up_array(self.shapes[name], _TYPES[kind], batch=batch, rng=rng)
                # As float32 each number would have seventeen digits.
                is_float = np.issubdtype(made_up.dtype, np.floating)
                values = (made_up.astype(float).round(_DECIMALS) if is_float else made_up).tolist()
            for row, value in zip(rows, values, strict=True):
                row[name] = value
        return json.dumps({"signature_name": self.name, "instances": rows}).encode()
