"""A classifier whose training asks for a margin between the classes' angles."""

import math

import keras
from keras import ops

from emo_tf.errors import EmoError

MARGINS = (1, 2, 3, 4)

_LEAST_SQUARE = 1e-12


@keras.saving.register_keras_serializable(package="emo_tf")
class LargeMarginSoftmax(keras.layers.Layer):
    """Large-margin softmax: the angle to the true class has to be smaller by a whole factor.

    For features x, the kernel's column w_c of class c and the angle t between them, logits are
    |w_c| |x| cos(t). In training, with labels, that of the true class is

        (lambda |w_c| |x| cos(t) + |w_c| |x| psi(t)) / (1 + lambda)
        psi(t) = (-1)^k cos(margin t) - 2k,  t in [k pi / margin, (k + 1) pi / margin]

    which with a margin above 1 is less wherever t is not zero. Lambda falls from step to step, so
    that training begins near the plain softmax:

        lambda = max(least, base (1 + gamma step)^-power)

    Args:
        classes: Number of classes C.
        margin: 1 (the plain softmax) to 4.
        base: Lambda before the first step.
        gamma: How fast lambda falls.
        power: How steeply lambda falls.
        least: Where lambda stays.

    Call arguments:
        features: What is classified.
        labels: The true classes; only training looks at them.

    Input shape:
        `features` (B, D) and `labels` (B,), integers.

    Output shape:
        (B, C), logits.

    Raises:
        EmoError: The margin is another, there are no classes, or a number of the schedule is
            negative; when built, the features are not (B, D).

    Example:
        >>> layer = LargeMarginSoftmax(3, margin=2)
        >>> layer(features, labels=labels, training=True).shape
        (32, 3)

    Reference:
        Liu et al. 2016, "Large-margin softmax loss for convolutional neural networks", equations
        4 to 6 and section 4.3; the schedule is that of their code.
    """

    def __init__(
        self,
        classes: int,
        *,
        margin: int = 4,
        base: float = 1000.0,
        gamma: float = 0.12,
        power: float = 1.0,
        least: float = 5.0,
        **arguments,
    ):
        if margin not in MARGINS:
            raise EmoError(f"margin: expected 1, 2, 3 or 4. Received: {margin}")
        if classes < 1:
            raise EmoError(f"classes: expected 1 or more. Received: {classes}")
        schedule = {"base": base, "gamma": gamma, "power": power, "least": least}
        for name, value in schedule.items():
            if not 0 <= value < math.inf:
                raise EmoError(f"{name}: expected 0 or more. Received: {value}")
        # A fourth power of a cosine keeps too few digits in half a float.
        super().__init__(**{"dtype": "float32", **arguments})
        self.classes = classes
        self.margin = margin
        self.base, self.gamma, self.power, self.least = base, gamma, power, least

    def build(self, features_shape: tuple, labels_shape: tuple | None = None) -> None:
        del labels_shape
        if len(features_shape) != 2 or features_shape[-1] is None:
            raise EmoError(
                f"features: expected (B, D) with a known D. Received: {tuple(features_shape)}"
            )
        self.kernel = self.add_weight(shape=(features_shape[-1], self.classes), name="kernel")
        self.step = self.add_weight(
            shape=(),
            initializer="zeros",
            trainable=False,
            # Each replica counts the same steps.
            aggregation="only_first_replica",
            name="step",
        )

    def call(self, features, labels=None, training=None):
        logits = ops.matmul(features, self.kernel)  # (B, C)
        if not training or labels is None:
            return logits
        weight = self.plain_weight()
        self.step.assign(self.step + 1)
        is_true = ops.one_hot(ops.cast(labels, "int32"), self.classes, dtype=logits.dtype)
        norms = _norm(features, axis=1) * _norm(self.kernel, axis=0)  # (B, C)
        margined = norms * angle_margin(logits / norms, margin=self.margin)
        return logits + is_true * (margined - logits) / (1 + weight)

    def plain_weight(self):
        """Returns lambda, the weight of the plain logit beside 1 of the margined one."""
        falling = self.base * ops.power(1 + self.gamma * self.step, -self.power)
        return ops.maximum(self.least, falling)

    def compute_output_shape(self, features_shape: tuple, labels_shape=None) -> tuple:
        del labels_shape
        return (features_shape[0], self.classes)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "classes": self.classes,
            "margin": self.margin,
            "base": self.base,
            "gamma": self.gamma,
            "power": self.power,
            "least": self.least,
        }


def angle_margin(cosine, *, margin: int):
    """Returns psi of an angle from its cosine.

    Args:
        cosine: Cosines of any shape.
        margin: One of `MARGINS`.

    Returns:
        Of the same shape: (-1)^k cos(margin t) - 2k.
    """
    cosine = ops.clip(cosine, -1.0, 1.0)
    # Chebyshev's polynomials are smooth where the slope of the arccosine has no bound.
    before, multiple = ops.ones_like(cosine), cosine
    for _ in range(margin - 1):
        before, multiple = multiple, 2 * cosine * multiple - before
    k = ops.zeros_like(cosine)
    for part in range(1, margin):
        k = k + ops.cast(cosine < math.cos(part * math.pi / margin), cosine.dtype)
    sign = 1 - 2 * ops.mod(k, 2)
    return sign * multiple - 2 * k


def _norm(x, *, axis: int):
    # The square root has no slope at zero.
    squares = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return ops.sqrt(ops.maximum(squares, _LEAST_SQUARE))
