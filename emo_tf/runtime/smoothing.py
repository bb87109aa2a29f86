"""Numbers that change over time, with their trembling smoothed away."""

import math

import numpy as np

from emo_tf.errors import EmoError


class ExponentialSmoother:
    """The mean of all values so far, the older the less they count.

    A value counts for as long as it is shown, so that frames at uneven times, or half as many
    of them, give the same curve. Sums are kept: smoothed probabilities add up to 1.

    Args:
        time_constant_s: Seconds after which a value counts 1/e of what it did; 0 smooths nothing.

    Raises:
        EmoError: The time is below 0 or no number.
    """

    def __init__(self, time_constant_s: float):
        if not 0 <= time_constant_s < math.inf:
            raise EmoError(f"smooth_s: expected 0 or more seconds. Received: {time_constant_s}")
        self._time_constant_s = time_constant_s
        self._value = None
        self._time_s = 0.0

    def update(self, value: np.ndarray, time_s: float) -> np.ndarray:
        """Takes in the next value.

        Args:
            value: Numbers of any shape, the same each time.
            time_s: When they hold, not before the last ones.

        Returns:
            The smoothed numbers; the first ones as they are.
        """
        if self._value is None:
            self._value = np.array(value, np.float64)
        else:
            share = 1.0
            if self._time_constant_s:
                share = -math.expm1(-(time_s - self._time_s) / self._time_constant_s)
            self._value = self._value + share * (value - self._value)
        self._time_s = time_s
        return self._value
