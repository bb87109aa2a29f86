"""The squared error of EMOTIC's categories, weighted by category."""

import keras
from keras import ops

from emo_tf.errors import unknown_name
from emo_tf.losses.person_loss import PersonLoss
from emo_tf.losses.weighting import (
    WEIGHTINGS,
    batch_counts,
    category_weights,
    labels_that_count,
)


@keras.saving.register_keras_serializable(package="emo_tf")
class WeightedSquaredError(PersonLoss):
    """Computes (score - label)^2 times the weight of the category, one value a person.

    The scores are raw: there is no sigmoid. Under `dynamic` a batch without any label weighs every
    category by 1e-4.

    The dynamic weights follow the people whom the loss sees, less those whose `sample_weight` is
    zero. Where the batch is spread over replicas, each sees a part of it; a training loop then
    hands the counts of the whole batch to `call`, which takes them as they are: whom they leave
    out is for the caller to say (`batch_counts` takes the weights).

    Args:
        weighting: `dynamic`, `static` or `mean`: see `category_weights`.
        reduction: `sum` (as published) or `mean`: see `PersonLoss`.
        name: Name of the loss.

    Call arguments:
        y_true: Labels 0 or 1, numbers or booleans.
        y_pred: Raw scores.
        counts: How many people of the whole batch carry each label, of shape (C,); those of
            `y_true` if `None`. Only `dynamic` reads them.

    Input shape:
        Both (B, C); C is 26 under `static`.

    Output shape:
        (B,) from `call`; a single number from the loss itself.

    Raises:
        EmoError: The weighting or the reduction is unknown; when called, the shapes do not fit.

    Example:
        The loss of one replica; without the division where the reduction is `sum`:

        ```python
        counts = replica_context.all_reduce("SUM", batch_counts(y_true, sample_weight))
        values = loss.call(y_true, y_pred, counts=counts)  # (B,) of this replica
        total = keras.ops.sum(values * sample_weight) / people_in_the_global_batch
        ```

    Reference:
        Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset", L_disc;
        the weights are those of the published code, Tandon-A/emotic.
    """

    def __init__(self, weighting: str = "dynamic", *, reduction: str, name: str | None = None):
        super().__init__(reduction=reduction, name=name)
        if weighting not in WEIGHTINGS:
            raise unknown_name("weighting", weighting, WEIGHTINGS)
        self.weighting = weighting

    def __call__(self, y_true, y_pred, sample_weight=None):
        if sample_weight is not None:
            # Whoever weighs nothing adds nothing to the loss, but the labels would be counted.
            y_true, y_pred = self._checked_pair(y_true, y_pred)
            y_true = labels_that_count(y_true, sample_weight)
        return super().__call__(y_true, y_pred, sample_weight)

    def call(self, y_true, y_pred, *, counts=None):
        y_true, y_pred = self._checked_pair(y_true, y_pred)
        if counts is None:
            counts = batch_counts(y_true)
        weights = category_weights(self.weighting, categories=y_pred.shape[-1], counts=counts)
        return self._over_outputs(weights * ops.square(y_pred - y_true))

    def get_config(self) -> dict:
        return super().get_config() | {"weighting": self.weighting}
