"""Reads thresholds of the published EMOTIC implementation."""

import tokenize
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emo_tf.checkpoints.damage import SIGNS_OF_DAMAGE
from emo_tf.errors import EmoError, in_place


def read_thresholds(path: Path, labels: Sequence[str]) -> dict[str, float]:
    """Reads one threshold a label from a `.npy` file such as `val_thresholds.npy`.

    A threshold is where precision equals recall on the validation split. The published
    implementation starts from zeros: a 0 says that it found no such place, not that every score
    is enough. Zeros are returned as they are.

    Args:
        path: The file, an array of shape (C,) of floats; no object of Python is unpickled.
        labels: The C labels, in the order of the file.

    Returns:
        The threshold of each label.

    Raises:
        EmoError: The file is no such array, or holds a number that is not finite.

    Reference:
        Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset";
        the file is written by Tandon-A/emotic.
    """
    path = Path(path)
    with in_place(str(path)):
        values = _read_array(path)
        expected = f"expected an array of {len(labels)} floats, one a label, in a .npy file."
        if values.shape != (len(labels),) or values.dtype.kind != "f":
            raise EmoError(f"{expected} Received: shape {values.shape}, type {values.dtype}")
        if not np.isfinite(values).all():
            raise EmoError(f"{expected} Received: {values[~np.isfinite(values)][0]} among them")
        return dict(zip(labels, values.astype(float).tolist(), strict=True))


def _read_array(path: Path) -> np.ndarray:
    """Returns the array, mapped so that a header cannot claim more than the file has."""
    try:
        return np.lib.format.open_memmap(path, mode="r")
    except (*SIGNS_OF_DAMAGE, OSError, SyntaxError, tokenize.TokenError) as error:
        raise EmoError(f"expected a .npy file of numbers. Received: {str(error)[:200]}") from error
