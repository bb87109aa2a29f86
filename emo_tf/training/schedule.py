"""Learning rate schedules."""

import math

import keras
from keras import ops

from emo_tf.training.config import Schedule


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


@keras.saving.register_keras_serializable(package="emo_tf")
class WarmupSteps(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise to the peak; from then on, times a factor at the end of every stretch.

    The stretches are counted from the first step of all, as PyTorch's `StepLR` counts them.

    Args:
        peak: The highest rate.
        warmup_steps: Steps of the rise.
        stretch: Steps of a stretch.
        gamma: The factor; 1 for a constant rate.
    """

    def __init__(self, peak: float, *, warmup_steps: int, stretch: int, gamma: float):
        super().__init__()
        self.peak = peak
        self.warmup_steps = warmup_steps
        self.stretch = stretch
        self.gamma = gamma

    def __call__(self, step):
        rise = (ops.cast(step, "float32") + 1) / max(1, self.warmup_steps)
        # Whole numbers: a quotient of floats could fall short of the next stretch.
        stretches = ops.cast(ops.floor_divide(ops.cast(step, "int32"), self.stretch), "float32")
        return self.peak * ops.minimum(rise, 1.0) * ops.power(self.gamma, stretches)

    def get_config(self):
        return {
            "peak": self.peak,
            "warmup_steps": self.warmup_steps,
            "stretch": self.stretch,
            "gamma": self.gamma,
        }


def make_schedule(
    schedule: Schedule, peak: float, *, steps_per_epoch: int, epochs: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Returns the schedule of an experiment.

    Args:
        schedule: Which, in epochs.
        peak: The highest rate.
        steps_per_epoch: Steps an epoch.
        epochs: Epochs of the run.
    """
    warmup_steps = round(schedule.warmup_epochs * steps_per_epoch)
    if schedule.name == "cosine":
        total_steps = epochs * steps_per_epoch
        return WarmupCosine(peak, warmup_steps=warmup_steps, total_steps=total_steps)
    return WarmupSteps(
        peak,
        warmup_steps=warmup_steps,
        stretch=schedule.step_epochs * steps_per_epoch,
        gamma=schedule.gamma if schedule.name == "step" else 1.0,
    )
