"""Scores by nearness to prototypes."""

import keras
from keras import ops

from emo_tf.errors import EmoError


@keras.saving.register_keras_serializable(package="emo_tf")
class PrototypeScores(keras.layers.Layer):
    """Gives each class a place, and an example the higher a score the nearer to it.

    For class c with place p, sharpness w and bias b, and an example at x:

        score = b - softplus(w) * |x - p|^2

    Emotion terms have such places among pleasure, arousal and dominance: who knows where a person
    is there knows which terms apply, and needs only a few numbers a class to learn it.

    Args:
        classes: Number of classes C.

    Call arguments:
        x: Where the examples are.

    Input shape:
        (B, D).

    Output shape:
        (B, C).

    Raises:
        EmoError: There are no classes; when built, the input is not (B, D).

    Example:
        >>> layer = PrototypeScores(26)
        >>> layer(np.zeros((4, 3))).shape
        (4, 26)

    Reference:
        Russell and Mehrabian 1977, "Evidence for a three-factor theory of emotions", table 2;
        Snell et al. 2017, "Prototypical networks for few-shot learning", eq. 2, with a sharpness
        and a bias for each class.
    """

    def __init__(self, classes: int, **arguments):
        if classes < 1:
            raise EmoError(f"classes: expected 1 or more. Received: {classes}")
        super().__init__(**arguments)
        self.classes = classes

    def build(self, input_shape: tuple) -> None:
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise EmoError(f"x: expected (B, D) with a known D. Received: {tuple(input_shape)}")
        self.places = self.add_weight(
            shape=(self.classes, input_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=0.5),
            name="places",
        )
        self.sharpness = self.add_weight(
            shape=(self.classes,), initializer=keras.initializers.Constant(1.0), name="sharpness"
        )
        self.bias = self.add_weight(
            shape=(self.classes,), initializer=keras.initializers.Constant(1.0), name="bias"
        )

    def call(self, x):
        differences = ops.expand_dims(x, 1) - self.places  # (B, C, D)
        squares = ops.sum(ops.square(differences), axis=-1)  # (B, C)
        return self.bias - ops.softplus(self.sharpness) * squares

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], self.classes)

    def get_config(self) -> dict:
        return {**super().get_config(), "classes": self.classes}
