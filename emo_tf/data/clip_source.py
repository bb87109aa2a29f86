"""What clips for training can be drawn from."""

from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
import tensorflow as tf

from emo_tf.data.clip_inputs import ClipInputs

LOTS = 4
"""Uniform numbers that a clip is drawn with, besides those of its augmentation."""


class ClipSource(Protocol):
    """Clips at any places.

    Attributes:
        name: In messages.
        inputs: What a clip holds.
        count: How many there are.
    """

    name: str
    inputs: ClipInputs
    count: int

    def labels(self) -> np.ndarray:
        """Returns the label of each, int32 (N,), places in `EXPRESSIONS`."""

    def chosen(self, places: np.ndarray, lots: np.ndarray) -> tf.data.Dataset:
        """Returns clips one by one, neither augmented nor cast.

        Args:
            places: Which, (N,), in any order.
            lots: Numbers of 0 to below 1 that decide what else is drawn, (N, LOTS).

        Returns:
            Elements of `clip` uint8 (T, height, width, channels) and `label` int32 (T,).
        """

    def errors_named(self) -> AbstractContextManager:
        """Returns a context in which what cannot be read is an error that names it."""
