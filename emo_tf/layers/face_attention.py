"""Attention over the faces of a picture."""

import keras
from keras import layers, ops

from emo_tf.errors import EmoError, unknown_name

SCORES = ("A", "B", "C", "average")
"""How a face's score comes about: the three of Gupta et al. 2018, and all faces alike."""

_NOTHING = -1e9


@keras.saving.register_keras_serializable(package="emo_tf")
class FaceAttention(layers.Layer):
    """Weighs the faces of a picture and adds them up.

    A face's weight is the softmax of its score over the faces of its picture. For an image vector
    x and a face vector f the score is

        A: <x, f>
        B: <global_fc(x), f>
        C: attentionfc2(dropout(attentionfc1(f))), without a nonlinearity between

    or the same for each face, which makes the weighted sum the mean. The layers inside are linear
    and named as in the published code. A picture without a face has zeros, as weights too.

    Args:
        scores: One of `SCORES`.
        units: Outputs of `global_fc` (B) and `attentionfc1` (C).
        dropout: Rate between the two layers of C.

    Call arguments:
        inputs: The vectors of the images and of their faces.
        mask: Which rows are faces: 1 or True; alone, or behind the image's None in a list. All
            are where it is left out.
        return_weights: Whether to return the weights as well.

    Input shape:
        Image (B, D) and faces (B, F, E), mask (B, F). D = E for A and E = `units` for B.

    Output shape:
        (B, E); with `return_weights` a pair of it and (B, F). float32.

    Raises:
        EmoError: There are no such scores, or `units` are none; when built, the shapes are others.

    Example:
        >>> layer = FaceAttention("average")
        >>> faces = np.array([[[2.0], [4.0], [9.0]]])
        >>> layer([np.zeros((1, 8)), faces], mask=np.array([[1, 1, 0]]), return_weights=True)
        [[3.]], [[0.5, 0.5, 0.]]

    Reference:
        Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.3.
    """

    def __init__(self, scores: str, *, units: int = 64, dropout: float = 0.5, **arguments):
        if scores not in SCORES:
            raise unknown_name("scores", scores, SCORES)
        if units < 1:
            raise EmoError(f"units: expected 1 or more. Received: {units}")
        # Products of long vectors keep too few digits in half a float.
        super().__init__(**{"dtype": "float32", **arguments})
        self.scores = scores
        self.units = units
        self.dropout = dropout
        self.supports_masking = True
        if scores == "B":
            self.global_fc = layers.Dense(units, name="global_fc", dtype=self.dtype_policy)
        if scores == "C":
            self.attentionfc1 = layers.Dense(units, name="attentionfc1", dtype=self.dtype_policy)
            self.attention_dropout = layers.Dropout(dropout, dtype=self.dtype_policy)
            self.attentionfc2 = layers.Dense(1, name="attentionfc2", dtype=self.dtype_policy)

    def build(self, input_shape: list[tuple]) -> None:
        shapes = [tuple(shape) for shape in input_shape]
        if [len(shape) for shape in shapes] != [2, 3]:
            raise EmoError(f"inputs: expected image (B, D) and faces (B, F, E). Received: {shapes}")
        (_, image_width), (*_, face_width) = shapes
        wanted = {"A": image_width, "B": self.units}.get(self.scores, face_width)
        if face_width != wanted:
            raise EmoError(
                f"faces: expected {wanted} features each for scores {self.scores}. "
                f"Received: {face_width}"
            )
        if self.scores == "B":
            self.global_fc.build((None, image_width))
        if self.scores == "C":
            self.attentionfc1.build((None, None, face_width))
            self.attentionfc2.build((None, None, self.units))

    def call(self, inputs, mask=None, training=None, return_weights: bool = False):
        image, faces = inputs  # (B, D), (B, F, E)
        is_face = mask[1] if isinstance(mask, (list, tuple)) else mask
        if is_face is None:
            is_face = ops.ones_like(faces[:, :, 0])
        is_face = ops.cast(is_face, "bool")  # (B, F)
        # What stands in rows without a face must not count, whatever it is.
        faces = ops.where(ops.expand_dims(is_face, -1), faces, ops.zeros_like(faces))
        scores = ops.cast(self._score(image, faces, training=training), "float32")  # (B, F)
        weights = ops.softmax(ops.where(is_face, scores, _NOTHING), axis=-1)
        # Without a face the softmax is of nothing but padding.
        weights = weights * ops.cast(is_face, "float32")
        attended = ops.sum(ops.expand_dims(weights, -1) * faces, axis=1)  # (B, E)
        return (attended, weights) if return_weights else attended

    def compute_mask(self, inputs, mask=None) -> None:
        """Returns None: what leaves the layer is one row a picture."""
        del inputs, mask

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "scores": self.scores,
            "units": self.units,
            "dropout": self.dropout,
        }

    def _score(self, image, faces, *, training: bool | None):
        if self.scores == "C":
            hidden = self.attention_dropout(self.attentionfc1(faces), training=training)
            return ops.squeeze(self.attentionfc2(hidden), axis=-1)
        if self.scores == "average":
            return ops.zeros_like(faces[:, :, 0])
        query = self.global_fc(image) if self.scores == "B" else image
        return ops.sum(ops.expand_dims(query, 1) * faces, axis=-1)
