"""What the metrics ask of the arrays they are given."""

import numpy as np

from emo_tf.errors import EmoError


def matrix(name: str, values: np.ndarray) -> np.ndarray:
    """Returns numbers as float64 of shape (N, C), one row a person.

    Args:
        name: The argument that holds the numbers, for the error.
        values: Anything that numpy reads as an array of numbers.

    Raises:
        EmoError: It is no such array, holds nobody, or a number is not finite.
    """
    try:
        values = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise EmoError(f"{name}: expected an array of numbers. Received: {values!r}") from error
    if values.ndim != 2 or values.shape[1] == 0:
        raise EmoError(f"{name}: expected a row for each person. Received: shape {values.shape}")
    if len(values) == 0:
        raise EmoError(f"{name}: expected at least one person. Received: none")
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise EmoError(
            f"{name}: expected finite numbers. "
            f"Received: {values[row, column]} in row {row}, column {column}"
        )
    return values


def binary_matrix(name: str, values: np.ndarray) -> np.ndarray:
    """Returns zeros and ones as bool of shape (N, C), one row a person.

    Args:
        name: The argument that holds them, for the error.
        values: 0 and 1 of any type, or bool.

    Raises:
        EmoError: As `matrix`, or a number is neither 0 nor 1.
    """
    values = matrix(name, values)
    odd = values[(values != 0) & (values != 1)]
    if odd.size:
        raise EmoError(f"{name}: expected 0 and 1 alone. Received: {odd[0]:g}")
    return values == 1


def check_same_shape(**arrays: np.ndarray) -> None:
    """Raises an `EmoError` unless the second array has the shape of the first."""
    (first, expected), (second, received) = arrays.items()
    if received.shape != expected.shape:
        raise EmoError(
            f"{second}: expected shape {expected.shape}, as {first} has. Received: {received.shape}"
        )
