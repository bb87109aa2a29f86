"""Learning rate schedules."""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="emo_tf")
class WarmupCosine(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise to the peak, then half a cosine down to zero.

    Args:
        peak: The highest rate.
        warmup_steps: Steps of the rise.
        total_steps: Steps in all; the rate is 0 from then on.

    Reference:
        Loshchilov and Hutter 2017, "SGDR", eq. 5, one period, after Goyal et al. 2017's warm-up.
    """

    def __init__(self, peak: float, *, warmup_steps: int, total_steps: int):
        super().__init__()
        self.peak = peak
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps

    def __call__(self, step):
        step = ops.cast(step, "float32")
        rise = (step + 1) / max(1, self.warmup_steps)
        share = (step - self.warmup_steps) / max(1, self.total_steps - self.warmup_steps)
        fall = 0.5 * (1 + ops.cos(math.pi * ops.clip(share, 0.0, 1.0)))
        return self.peak * ops.minimum(ops.minimum(rise, 1.0), fall)

    def get_config(self):
        return {
            "peak": self.peak,
            "warmup_steps": self.warmup_steps,
            "total_steps": self.total_steps,
        }
