"""Cross-entropy of expressions that weighs neutral against all the others together."""

import keras
from keras import ops

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.losses.checks import checked_number, shapes_agree


@keras.saving.register_keras_serializable(package="emo_tf")
class NeutralBalancedCrossentropy(keras.losses.Loss):
    """Computes two binary cross-entropies, of neutral or not and of all classes, one value a row.

    With x the logits, y the labels, n the neutral class, b the highest of the other logits and
    BCE(x, y) = log(1 + exp(x)) - x * y:

        neutral = (BCE(x_n, y_n) + BCE(x_b, 1 - y_n)) / 2
        emotion = mean over the classes of BCE(x_c, y_c)
        loss = neutral_share * neutral + (1 - neutral_share) * emotion

    Most faces of a film are neutral; the first term asks the strongest of the expressions to stand
    above neutral exactly where there is one, whichever it is. The computation is in float32.

    Args:
        neutral: Index of the neutral class.
        neutral_share: What the first term counts for, from 0 to 1.
        reduction: As of every Keras loss; a training loop that pads its batches, or spreads them
            over replicas, takes the values from `call` and divides by what it counts.
        name: Name of the loss.

    Call arguments:
        y_true: Labels 0 or 1, one 1 a row, or probabilities.
        y_pred: Logits.

    Input shape:
        Both (B, C), or (B, T, C) for the frames of clips.

    Output shape:
        (B,) or (B, T) from `call`; a single number from the loss itself, unless `reduction` says
        otherwise.

    Raises:
        EmoError: The share is out of its range or the class below 0; when called, the shapes
            differ or there is no such class or no other.

    Example:
        >>> loss = NeutralBalancedCrossentropy(neutral=1, reduction="sum")
        >>> float(loss([[1.0, 0.0]], [[0.0, 0.0]]))  # log(2)
        0.6931

    Reference:
        JanghoonChoi/VTT_vid_emotion, the loss of its training.
    """

    def __init__(
        self,
        *,
        neutral: int = EXPRESSIONS.index("neutral"),
        neutral_share: float = 0.5,
        reduction: str = "sum_over_batch_size",
        name: str | None = "neutral_balanced_crossentropy",
    ):
        super().__init__(name=name, reduction=reduction, dtype="float32")
        if neutral < 0:
            raise EmoError(f"neutral: expected the index of a class. Received: {neutral}")
        self.neutral = neutral
        self.neutral_share = checked_number(
            "neutral_share",
            neutral_share,
            expected="a number from 0 to 1",
            holds=lambda share: 0 <= share <= 1,
        )

    def call(self, y_true, y_pred):
        y_true = ops.convert_to_tensor(y_true, dtype=self.dtype)
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        labels, logits = tuple(y_true.shape), tuple(y_pred.shape)
        if (
            len(logits) not in (2, 3)
            or not shapes_agree(labels, logits)
            or not 1 < (logits[-1] or 0) > self.neutral
        ):
            raise EmoError(
                f"{self.name}: expected y_true and y_pred of one shape (B, C) or (B, T, C), with "
                f"class {self.neutral} and others. "
                f"Received: y_true of shape {labels}, y_pred of shape {logits}"
            )
        is_neutral, neutral = y_true[..., self.neutral], y_pred[..., self.neutral]  # (B,)
        others = [y_pred[..., : self.neutral], y_pred[..., self.neutral + 1 :]]
        best = ops.max(ops.concatenate(others, axis=-1), axis=-1)  # (B,)
        neutral_term = (
            _crossentropy(is_neutral, neutral) + _crossentropy(1 - is_neutral, best)
        ) / 2
        emotion_term = ops.mean(_crossentropy(y_true, y_pred), axis=-1)  # (B, C) -> (B,)
        return self.neutral_share * neutral_term + (1 - self.neutral_share) * emotion_term

    def get_config(self) -> dict:
        # Keras' own has the precision too, which is fixed here.
        return {
            "name": self.name,
            "reduction": self.reduction,
            "neutral": self.neutral,
            "neutral_share": self.neutral_share,
        }


def _crossentropy(label, logit):
    return ops.binary_crossentropy(label, logit, from_logits=True)
