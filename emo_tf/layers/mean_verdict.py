"""One verdict on a picture from those on its faces."""

import keras
from keras import ops

_NOTHING = -1e9


@keras.saving.register_keras_serializable(package="emo_tf")
class MeanVerdict(keras.layers.Layer):
    """Averages the probabilities that the faces of a picture get.

    Call arguments:
        logits: Those of each face.
        is_face: Which rows are faces: 1 or True.

    Input shape:
        `logits` (B, F, C) and `is_face` (B, F).

    Output shape:
        A pair of logits (B, C), the logarithm of the mean of the faces' softmax, zeros where there
        is no face; and weights (B, F), one over the number of faces, or zeros.

    Example:
        >>> logits = np.log([[[0.5, 0.5], [0.1, 0.9], [1.0, 1.0]]])
        >>> np.exp(MeanVerdict()(logits, np.array([[1, 1, 0]]))[0])
        [[0.3, 0.7]]
    """

    def call(self, logits, is_face):
        is_face = ops.cast(is_face, logits.dtype)  # (B, F)
        count = ops.sum(is_face, axis=1, keepdims=True)  # (B, 1)
        weights = is_face / ops.maximum(count, 1.0)
        counts_for = ops.expand_dims(is_face, -1) > 0  # (B, F, 1)
        logarithms = ops.where(counts_for, ops.log_softmax(logits, axis=-1), _NOTHING)
        sums = ops.logsumexp(logarithms, axis=1)  # (B, C)
        means = sums - ops.log(ops.maximum(count, 1.0))
        return ops.where(count > 0, means, 0.0), weights

    def compute_output_shape(self, logits_shape: tuple, is_face_shape: tuple) -> tuple:
        return (logits_shape[0], logits_shape[-1]), tuple(is_face_shape)
