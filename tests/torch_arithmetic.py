"""What torch computes, on maps (B, C, H, W), in plain numpy."""

from collections.abc import Mapping

import numpy as np


def windows(x: np.ndarray, side: int, *, strides: int, outside: float) -> np.ndarray:
    """Returns the windows round every `strides`-th pixel of (B, C, H, W), two axes at the end."""
    margin = side // 2
    sides = ((0, 0), (0, 0), (margin, margin), (margin, margin))
    x = np.pad(x, sides, constant_values=outside)
    return np.lib.stride_tricks.sliding_window_view(x, (side, side), axis=(2, 3))[
        :, :, ::strides, ::strides
    ]


def convolve(x: np.ndarray, kernel: np.ndarray, strides: int = 1) -> np.ndarray:
    x = windows(x, kernel.shape[-1], strides=strides, outside=0)
    return np.tensordot(x, kernel, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)


def norm(x: np.ndarray, tensors: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """Normalises maps by the statistics of the module `name` among the tensors."""
    scale = tensors[f"{name}.weight"] / np.sqrt(tensors[f"{name}.running_var"] + 1e-5)
    shift = tensors[f"{name}.bias"] - tensors[f"{name}.running_mean"] * scale
    return x * scale[:, None, None] + shift[:, None, None]
