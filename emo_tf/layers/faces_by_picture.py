"""Rows of faces sorted by the pictures they come from."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="emo_tf")
class FacesByPicture(keras.layers.Layer):
    """Gives the faces of a whole batch, one after another, back to their pictures.

    Where pictures have few faces of the many they may have, a network for faces has less to do on
    such rows, and its batch normalisation sees faces alone.

    Call arguments:
        rows: The faces' vectors, those of the first picture first.
        is_face: How many of them each picture has: so many ones, then zeros.

    Input shape:
        `rows` (N, E) and `is_face` (B, F); N is the number of ones in it. Rows beyond are of no
        picture; there may be none at all.

    Output shape:
        (B, F, E), zeros where there is no face.

    Example:
        >>> rows, is_face = np.array([[1.0], [2.0], [3.0]]), np.array([[1, 1], [0, 0], [1, 0]])
        >>> FacesByPicture()(rows, is_face)[:, :, 0]
        [[1., 2.], [0., 0.], [3., 0.]]
    """

    def call(self, rows, is_face):
        flat = ops.cast(ops.reshape(is_face, (-1,)), "int32")  # (B F,)
        # Places without a face point at any row, one of zeros if need be; it is blotted out below.
        rows = ops.pad(rows, ((0, 1), (0, 0)))
        row = ops.maximum(ops.cumsum(flat) - 1, 0)
        found = ops.take(rows, row, axis=0) * ops.expand_dims(ops.cast(flat, rows.dtype), -1)
        pictures, faces = ops.shape(is_face)
        return ops.reshape(found, (pictures, faces, rows.shape[-1]))

    def compute_output_shape(self, rows_shape: tuple, is_face_shape: tuple) -> tuple:
        return (*is_face_shape, rows_shape[-1])
