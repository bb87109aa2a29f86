"""The smooth L1 loss of valence, arousal and dominance."""

import keras
from keras import ops

from emo_tf.losses.checks import checked_number
from emo_tf.losses.person_loss import PersonLoss


@keras.saving.register_keras_serializable(package="emo_tf")
class VadSmoothL1(PersonLoss):
    """Computes .5 d^2 / beta up to an error |d| of beta and |d| - .5 beta beyond it, a person.

    Value and slope meet at beta, whatever it is: this is the Huber loss divided by beta. The
    published code moves the border alone, .5 d^2 up to a margin and |d| - .5 beyond it, which
    jumps there unless the margin is 1. At beta 1, the published setting, the two are equal.

    Args:
        beta: The error at which the square turns into the line, on the scale of 1 to 10.
        reduction: `sum` (as published) or `mean`: see `PersonLoss`.
        name: Name of the loss.

    Call arguments:
        y_true: Valence, arousal and dominance on the scale of 1 to 10.
        y_pred: The same from the model.

    Input shape:
        Both (B, 3).

    Output shape:
        (B,) from `call`; a single number from the loss itself.

    Raises:
        EmoError: `beta` is not above 0; when called, the shapes differ.

    Reference:
        Girshick 2015, "Fast R-CNN", eq. 3;
        Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset", L_cont;
        the published code, Tandon-A/emotic.
    """

    def __init__(self, beta: float = 1.0, *, reduction: str, name: str | None = None):
        super().__init__(reduction=reduction, name=name)
        self.beta = checked_number("beta", beta, expected="a number above 0", holds=lambda b: b > 0)

    def call(self, y_true, y_pred):
        y_true, y_pred = self._checked_pair(y_true, y_pred)
        error = ops.abs(y_pred - y_true)
        square, line = 0.5 * ops.square(error) / self.beta, error - 0.5 * self.beta
        return self._over_outputs(ops.where(error <= self.beta, square, line))

    def get_config(self) -> dict:
        return super().get_config() | {"beta": self.beta}
