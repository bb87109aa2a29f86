"""A model's outputs against numbers that another implementation computed from the same weights."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from emo_tf.errors import EmoError
from emo_tf.model_metadata import ZIP_DAMAGE

SEED, SHAPE = "input_seed", "input_shape"


def compare_with_golden(model: keras.Model, path: Path) -> dict[str, float]:
    """Returns how far each output lies from a golden file, as a share of its largest value.

    Args:
        model: A functional model with a dict of outputs, of a dict of inputs or of a single one.
        path: An `.npz` file of inputs and outputs under the names that the model gives them, or,
            for a model of one input, `input_seed` and `input_shape` in their stead:
            `numpy.random.RandomState(input_seed).standard_normal(input_shape)` as float32. Pictures
            are in torch's order, (B, C, H, W).

    Returns:
        `relative_error` by output.

    Raises:
        EmoError: The file cannot be read, or lacks an input, or holds none of the outputs, or an
            input or output of another shape, or anything but numbers; or the model's inputs
            or outputs have no names.
    """
    is_single = isinstance(model.input, keras.KerasTensor)
    if not (is_single or isinstance(model.input, dict)) or not isinstance(model.output, dict):
        raise EmoError(
            f"{model.name}: expected named inputs and outputs. Received: a model without"
        )
    wanted = {model.input.name: model.input} if is_single else model.input
    golden = _read(Path(path))
    inputs = _inputs(wanted, golden, path)
    compared = [name for name in model.output if name in golden]
    if not compared:
        raise EmoError(
            f"{path}: expected one of the outputs {', '.join(model.output)}. "
            f"Received: {', '.join(golden)}"
        )
    outputs = model.predict(inputs[model.input.name] if is_single else inputs, verbose=0)
    for name in compared:
        if outputs[name].shape != golden[name].shape:
            raise EmoError(
                f"{path}: {name}: expected {outputs[name].shape}. Received: {golden[name].shape}"
            )
    return {name: relative_error(outputs[name], golden[name]) for name in compared}


def _read(path: Path) -> dict[str, np.ndarray]:
    if not zipfile.is_zipfile(path):
        received = "a file of another kind" if path.is_file() else "no such file"
        raise EmoError(f"{path}: expected an .npz file of numbers. Received: {received}")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in file.files}
    except (*ZIP_DAMAGE, ValueError, TypeError) as error:
        raise EmoError(f"{path}: expected an .npz file of numbers. Received: {error}") from error
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf":
            raise EmoError(f"{path}: {name}: expected numbers. Received: {array.dtype}")
    return arrays


def _inputs(
    wanted: Mapping[str, keras.KerasTensor], golden: Mapping[str, np.ndarray], path: Path
) -> dict[str, np.ndarray]:
    if SEED in golden and SHAPE in golden:
        if len(wanted) > 1:
            raise EmoError(
                f"{path}: expected the inputs {', '.join(wanted)}. Received: {SEED} alone"
            )
        arrays = {next(iter(wanted)): _drawn(golden[SEED], golden[SHAPE], path)}
    else:
        missing = [name for name in wanted if name not in golden]
        if missing:
            raise EmoError(
                f"{path}: expected the inputs {', '.join(missing)}, or {SEED} and {SHAPE}. "
                f"Received: {', '.join(golden)}"
            )
        arrays = {name: golden[name] for name in wanted}
    arrays = {
        name: (np.moveaxis(array, 1, -1) if array.ndim == 4 else array).astype(np.float32)
        for name, array in arrays.items()
    }
    for name, array in arrays.items():
        shape = wanted[name].shape
        if len(shape) != array.ndim or any(
            want not in (None, got) for want, got in zip(shape, array.shape, strict=True)
        ):
            raise EmoError(
                f"{path}: {name}: expected {_in_torch_order(shape)}. "
                f"Received: {_in_torch_order(array.shape)}"
            )
    counts = {name: len(array) for name, array in arrays.items()}
    if len(set(counts.values())) > 1 or 0 in counts.values():
        raise EmoError(f"{path}: expected as many examples of each input. Received: {counts}")
    return arrays


def _drawn(seed: np.ndarray, shape: np.ndarray, path: Path) -> np.ndarray:
    try:
        return np.random.RandomState(int(seed)).standard_normal(tuple(shape))
    except (TypeError, ValueError, MemoryError) as error:
        raise EmoError(
            f"{path}: expected a seed as {SEED} and the sides of the input as {SHAPE}. "
            f"Received: {seed} and {shape} ({error})"
        ) from error


def _in_torch_order(shape: tuple) -> tuple:
    return (shape[0], shape[3], shape[1], shape[2]) if len(shape) == 4 else tuple(shape)


def relative_error(ours: np.ndarray, golden: np.ndarray) -> float:
    """Returns max |`ours` - `golden`| / max |`golden`|; max |`ours`| where the golden is all zero.

    Both have the same shape.
    """
    scale = np.abs(golden).max(initial=0)
    return float(np.abs(ours - golden).max(initial=0) / (scale or 1))
