"""The weights behind the golden outputs: each tensor follows from its torch name."""

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np


def golden_tensors(network: str, *, shared: Path) -> dict[str, np.ndarray]:
    """Returns all tensors of one network of `goldens/weight_names.json`, float32, by torch name."""
    shapes = json.loads((shared / "goldens" / "weight_names.json").read_text(encoding="utf-8"))
    return tensors_by_formula(shapes[network])


def emotic_tensors(*, shared: Path) -> dict[str, dict[str, np.ndarray]]:
    """Returns the tensors of B+I with ResNet-18: those of `scene`, `body` and `head`, by part."""
    scene = golden_tensors("resnet18", shared=shared)
    del scene["fc.weight"], scene["fc.bias"]
    body = tensors_by_formula({f"body.{name}": tensor.shape for name, tensor in scene.items()})
    return {
        "scene": scene,
        "body": {name.removeprefix("body."): tensor for name, tensor in body.items()},
        "head": golden_tensors("emotic_head", shared=shared),
    }


def tensors_by_formula(shapes: Mapping[str, Sequence[int]]) -> dict[str, np.ndarray]:
    """Returns tensors of these shapes by the formula in the README beside the goldens."""
    return {name: _tensor(name, tuple(shape)) for name, shape in shapes.items()}


def _tensor(name: str, shape: tuple[int, ...]) -> np.ndarray:
    random = np.random.RandomState(zlib.crc32(name.encode()) & 0x7FFFFFFF)
    normal = random.standard_normal(shape).astype(np.float32)
    if len(shape) >= 2:
        return normal * np.sqrt(2 / np.prod(shape[1:]), dtype=np.float32)
    if name.endswith("running_var"):
        return 1 + np.float32(0.2) * np.abs(normal)
    if name.endswith("running_mean"):
        return np.float32(0.1) * normal
    if name.endswith("bias"):
        return np.float32(0.05) * normal
    if "relu" in name:
        return np.float32(0.25) + np.float32(0.05) * normal
    return 1 + np.float32(0.1) * normal
