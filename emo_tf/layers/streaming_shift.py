"""Shifting channels from the frame before, one frame at a time."""

import keras
from keras import ops

from emo_tf.errors import EmoError


@keras.saving.register_keras_serializable(package="emo_tf")
class StreamingShift(keras.layers.Layer):
    """Puts channels kept from the frame before in place of a frame's first ones.

    It is the one-way `TemporalShift` without a clip: what that takes from the frame before lies in
    the state, and the channels that it replaces are the next state. The state has as many channels
    as move; zeros before the first frame make it the shift of a clip.

    Call arguments:
        x: Maps of one frame of each video.
        state: What the call for the frame before returned beside the maps.

    Input shape:
        `x` (B, H, W, C) and `state` (B, H, W, c), c no more than C.

    Output shape:
        A pair of maps (B, H, W, C) and the next state (B, H, W, c), float32.

    Raises:
        EmoError: When built, the state does not fit the maps.

    Example:
        >>> x, state = np.reshape([2.0, 20.0], (1, 1, 1, 2)), np.reshape([1.0], (1, 1, 1, 1))
        >>> shifted, following = StreamingShift()(x, state)
        >>> shifted[0, 0, 0], following[0, 0, 0]
        ([1., 20.], [2.])

    Reference:
        Lin et al. 2019, "TSM: temporal shift module for efficient video understanding", section
        4.2, the online model.
    """

    def build(self, x_shape: tuple, state_shape: tuple) -> None:
        fits = (
            len(x_shape) == len(state_shape) == 4
            and tuple(x_shape[1:3]) == tuple(state_shape[1:3])
            and None not in (x_shape[-1], state_shape[-1])
            and 1 <= state_shape[-1] <= x_shape[-1]
        )
        if not fits:
            raise EmoError(
                "state: expected (B, H, W, c) of the height and width of the maps and no more "
                f"channels. Received: {tuple(state_shape)} for maps {tuple(x_shape)}"
            )

    def call(self, x, state):
        count = state.shape[-1]
        following = ops.cast(x[..., :count], "float32")
        if count == x.shape[-1]:
            return ops.cast(state, x.dtype), following
        shifted = ops.concatenate([ops.cast(state, x.dtype), x[..., count:]], axis=-1)
        return shifted, following

    def compute_output_shape(self, x_shape: tuple, state_shape: tuple) -> tuple[tuple, tuple]:
        return x_shape, state_shape

    def compute_output_spec(self, x, state):
        return (
            keras.KerasTensor(x.shape, dtype=self.compute_dtype),
            keras.KerasTensor(state.shape, dtype="float32"),
        )
