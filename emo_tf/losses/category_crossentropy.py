"""Cross-entropy of categories of which a person may show several: plain, focal, asymmetric."""

import keras
from keras import ops

from emo_tf.losses.checks import checked_number, not_negative
from emo_tf.losses.person_loss import PersonLoss

_SMALLEST_PROBABILITY = 1e-7


def _logits(probabilities):
    """Returns the logits of probabilities, finite with a finite gradient at 0 and 1 too."""
    inside = ops.clip(probabilities, _SMALLEST_PROBABILITY, 1 - _SMALLEST_PROBABILITY)
    return ops.log(inside) - ops.log1p(-inside)


@keras.saving.register_keras_serializable(package="emo_tf")
class CategoryCrossentropy(PersonLoss):
    """Computes binary cross-entropy with focusing and a margin, one value a person.

    With p the probability of a category, p_m = max(p - margin, 0) and y the label:

        loss = -alpha * y * (1 - p)^gamma_positive * log(p)
               - (1 - alpha) * (1 - y) * p_m^gamma_negative * log(1 - p_m)

    without `alpha` and `1 - alpha` where `alpha` is `None`. The defaults make it the binary
    cross-entropy, equal gammas the focal loss, unequal ones and a margin the asymmetric loss.
    A negative below the margin adds neither loss nor gradient.

    The gradient is that of the whole formula. The code published with the asymmetric loss can hold
    the focusing factor constant instead; ours cannot.

    Args:
        gamma_positive: By how much positives that are nearly right lose weight; 0 for not at all.
        gamma_negative: The same for negatives.
        margin: Probability taken off negatives, from 0 to below 1.
        alpha: Weight of the positives, from 0 to 1; that of the negatives is 1 - alpha.
        from_logits: Whether `y_pred` holds logits; otherwise probabilities, which are clipped to
            1e-7 off 0 and 1: beyond, there is no gradient. Logits keep it, so prefer them where a
            training loop has them.
        reduction: `sum` or `mean`: see `PersonLoss`.
        name: Name of the loss.

    Call arguments:
        y_true: Labels 0 or 1, numbers or booleans.
        y_pred: Probabilities, or logits if `from_logits`.

    Input shape:
        Both (B, C).

    Output shape:
        (B,) from `call`; a single number from the loss itself.

    Raises:
        EmoError: An argument is out of its range; when called, the shapes differ.

    Example:
        ```python
        loss = CategoryCrossentropy(gamma_negative=4.0, margin=0.05, reduction="sum")
        model.compile("adam", loss={"score": loss, "vad": VadSmoothL1(reduction="sum")})
        ```

    Reference:
        Lin et al. 2017, "Focal loss for dense object detection", eq. 4 and 5;
        Ridnik et al. 2021, "Asymmetric loss for multi-label classification", eq. 4 to 7.
    """

    def __init__(
        self,
        *,
        gamma_positive: float = 0.0,
        gamma_negative: float = 0.0,
        margin: float = 0.0,
        alpha: float | None = None,
        from_logits: bool = False,
        reduction: str,
        name: str | None = None,
    ):
        super().__init__(reduction=reduction, name=name)
        self.gamma_positive = not_negative("gamma_positive", gamma_positive)
        self.gamma_negative = not_negative("gamma_negative", gamma_negative)
        self.margin = checked_number(
            "margin", margin, expected="a number from 0 to below 1", holds=lambda m: 0 <= m < 1
        )
        self.alpha = alpha
        if alpha is not None:
            self.alpha = checked_number(
                "alpha", alpha, expected="None or a number from 0 to 1", holds=lambda a: 0 <= a <= 1
            )
        self.from_logits = from_logits

    def call(self, y_true, y_pred):
        y_true, y_pred = self._checked_pair(y_true, y_pred)
        logits = y_pred if self.from_logits else _logits(y_pred)
        log_p, log_not_p = ops.log_sigmoid(logits), ops.log_sigmoid(-logits)
        positive = ops.exp(self.gamma_positive * log_not_p) * log_p
        if self.margin:
            log_p, log_not_p = self._beyond_margin(logits)
        negative = ops.exp(self.gamma_negative * log_p) * log_not_p
        if self.alpha is not None:
            positive, negative = self.alpha * positive, (1 - self.alpha) * negative
        return self._over_outputs(-(y_true * positive + (1 - y_true) * negative))

    def _beyond_margin(self, logits):
        """Returns log(p_m) and log(1 - p_m), both 0 at and below the margin.

        There the true log(p_m) is minus infinity; its gradient would not be a number, and the
        other logarithm, 0, makes the loss 0 without it.
        """
        p = ops.sigmoid(logits)
        beyond = p > self.margin
        shifted = ops.where(beyond, p - self.margin, 1.0)
        # 1 - p_m from the small side: 1 - p would round to 0 for a large logit.
        not_shifted = ops.where(beyond, ops.sigmoid(-logits) + self.margin, 1.0)
        return ops.log(shifted), ops.log(not_shifted)

    def get_config(self) -> dict:
        return super().get_config() | {
            "gamma_positive": self.gamma_positive,
            "gamma_negative": self.gamma_negative,
            "margin": self.margin,
            "alpha": self.alpha,
            "from_logits": self.from_logits,
        }
