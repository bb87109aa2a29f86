"""What a tensor of a model's signature looks like."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TensorSpec:
    """Type and shape of an input or output.

    Attributes:
        dtype: The type of its values.
        shape: Its shape with the batch; -1 stands for any length.
    """

    dtype: np.dtype
    shape: tuple[int, ...]

    @classmethod
    def of(cls, details: dict) -> "TensorSpec":
        """Reads it from what an interpreter of TFLite says about a tensor."""
        return cls(np.dtype(details["dtype"]), tuple(map(int, details["shape_signature"])))

    @property
    def sides(self) -> str:
        """The shape in words, e.g. `any, 48, 48, 1`."""
        return ", ".join("any" if side < 0 else str(side) for side in self.shape)
