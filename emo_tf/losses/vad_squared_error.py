"""The squared error of valence, arousal and dominance beyond a margin."""

import keras
from keras import ops

from emo_tf.losses.checks import not_negative
from emo_tf.losses.person_loss import PersonLoss


@keras.saving.register_keras_serializable(package="emo_tf")
class VadSquaredError(PersonLoss):
    """Computes d^2 where the error |d| reaches the margin and 0 below it, one value a person.

    This is the published form ("L2 with margin"): the square is not reduced by the margin, so the
    loss jumps from 0 to the margin's square.

    Args:
        margin: From which error on it counts, on the scale of 1 to 10; 0 for the plain square.
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
        EmoError: The margin is negative; when called, the shapes differ.

    Reference:
        Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset", L_cont;
        the published code, Tandon-A/emotic.
    """

    def __init__(self, margin: float = 1.0, *, reduction: str, name: str | None = None):
        super().__init__(reduction=reduction, name=name)
        self.margin = not_negative("margin", margin)

    def call(self, y_true, y_pred):
        y_true, y_pred = self._checked_pair(y_true, y_pred)
        error = y_pred - y_true
        return self._over_outputs(ops.where(ops.abs(error) < self.margin, 0.0, ops.square(error)))

    def get_config(self) -> dict:
        return super().get_config() | {"margin": self.margin}
