"""A way to call a served model."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from emo_tf.runtime.tensor_spec import TensorSpec

STRINGS = np.dtype(object)
"""The type of what holds strings of bytes."""

_TYPE_NAMES = {
    np.dtype(np.uint8): "DT_UINT8",
    np.dtype(np.int32): "DT_INT32",
    np.dtype(np.int64): "DT_INT64",
    np.dtype(np.float32): "DT_FLOAT",
    STRINGS: "DT_STRING",
}
_OTHER_TYPE = "DT_INVALID"
_METHOD = "tensorflow/serving/predict"


@dataclass(frozen=True)
class Signature:
    """What a model takes and returns under a name.

    Attributes:
        name: Its name, e.g. `"serving_default"`.
        inputs: What it takes, by name; the first side of each is the batch.
        outputs: What it returns, by name, likewise.
    """

    name: str
    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]

    def describe(self) -> dict:
        """Returns it as the metadata of TF Serving's REST API have it."""
        return {
            "inputs": {name: self._tensor(name, spec) for name, spec in self.inputs.items()},
            "outputs": {name: self._tensor(name, spec) for name, spec in self.outputs.items()},
            "method_name": _METHOD,
        }

    def _tensor(self, name: str, spec: TensorSpec) -> dict:
        dimensions = [{"size": str(side), "name": ""} for side in spec.shape]
        return {
            "dtype": _TYPE_NAMES.get(spec.dtype, _OTHER_TYPE),
            "tensor_shape": {"dim": dimensions, "unknown_rank": False},
            "name": f"{self.name}_{name}:0",
        }
