"""What the losses share: one value a person, and the two totals over them."""

import keras
from keras import ops

from emo_tf.errors import EmoError, unknown_name
from emo_tf.losses.checks import shapes_agree

REDUCTIONS = ("sum", "mean")
"""The totals: `sum` over people and outputs, as published for EMOTIC; `mean` over both, as torch's.

Keras knows both words; its `mean` is another name for `sum_over_batch_size`.
"""


class PersonLoss(keras.losses.Loss):
    """Base of the losses that give one value a person: the sum or the mean over the outputs.

    Keras weighs these values by `sample_weight` and adds them up; under `mean` it divides by the
    number of people in the batch, those of weight zero included. A training loop that pads its
    batches, or spreads them over replicas, takes the values from `call`, adds them up itself and
    divides by the people that it counts.

    The computation is in float32 whatever the precision of labels and outputs.

    Args:
        reduction: `sum` or `mean`. There is no default: the two differ by the number of people
            times that of outputs, and the learning rate with them.
        name: Name of the loss.

    Call arguments:
        y_true: Labels, numbers or booleans.
        y_pred: What the model put out.

    Input shape:
        Both (B, C), one row a person.

    Output shape:
        (B,) from `call`; a single number from the loss itself.

    Raises:
        EmoError: `reduction` is another word; when called (or traced), the two shapes differ or
            the number of outputs C is not known.
    """

    def __init__(self, *, reduction: str, name: str | None = None):
        if reduction not in REDUCTIONS:
            raise unknown_name("reduction", reduction, REDUCTIONS)
        super().__init__(name=name, reduction=reduction, dtype="float32")

    def _checked_pair(self, y_true, y_pred):
        """Returns both in float32, of one shape (B, C)."""
        y_true = ops.convert_to_tensor(y_true, dtype=self.dtype)
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        labels, outputs = tuple(y_true.shape), tuple(y_pred.shape)
        if len(outputs) != 2 or outputs[-1] is None or not shapes_agree(labels, outputs):
            raise EmoError(
                f"{self.name}: expected y_true and y_pred of one shape (B, C) with a known C. "
                f"Received: y_true of shape {labels}, y_pred of shape {outputs}"
            )
        return y_true, y_pred

    def _over_outputs(self, elements):
        """Returns one value a person from one an output."""
        over = ops.sum if self.reduction == "sum" else ops.mean
        return over(elements, axis=-1)  # (B, C) -> (B,)
