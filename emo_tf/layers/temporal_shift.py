"""Shifting channels between the frames of a clip."""

import keras
from keras import ops

from emo_tf.errors import EmoError


def shifted_channels(channels: int, fraction: float) -> int:
    """Returns how many channels a fraction of so many is, rounded down.

    Args:
        channels: How many there are.
        fraction: The share of them, above 0 and up to 1.

    Raises:
        EmoError: That is less than one of them or more than all.
    """
    # 0.29 * 100 is a little less than 29.
    count = int(channels * fraction + 1e-9)
    if not 1 <= count <= channels:
        raise EmoError(
            f"fraction: expected 1 to {channels} of {channels} channels. "
            f"Received: {fraction}, which is {count}"
        )
    return count


@keras.saving.register_keras_serializable(package="emo_tf")
class TemporalShift(keras.layers.Layer):
    """Gives each frame of a clip a share of the channels of the frame before it.

    One-way, the first share of the channels comes from the past. Two-way, the first share comes
    from the future and the second from the past, as published. Where there is no such frame the
    channels are zeros. A shift has no weights and multiplies nothing; it is made of reshapes,
    slices, pads and concatenations of fixed sizes, so that it converts to TFLite's own operations.

    Args:
        frames: Number of frames T of a clip.
        fraction: Which share of the channels moves in each direction; the number of channels is
            rounded down.
        two_way: Whether channels come from the future too.
        first_keeps: Whether a frame at the end of the clip keeps its own channels where there is
            no frame to give it any.

    Call arguments:
        x: The maps of the clips, frame after frame and clip after clip.

    Input shape:
        (B*T, H, W, C) with H, W and C known.

    Output shape:
        (B*T, H, W, C).

    Raises:
        EmoError: There are no frames; when built, the maps have another number of axes or unknown
            sizes, or the fraction is less than one of their channels or, with both directions,
            more than all.

    Example:
        >>> x = np.reshape([1.0, 10.0, 2.0, 20.0, 3.0, 30.0], (3, 1, 1, 2))
        >>> TemporalShift(3, fraction=0.5)(x)[:, 0, 0]
        [[0., 10.], [1., 20.], [2., 30.]]

    Reference:
        Lin et al. 2019, "TSM: temporal shift module for efficient video understanding", section 3;
        frames that keep their own are the form of JanghoonChoi/VTT_vid_emotion.
    """

    def __init__(
        self,
        frames: int,
        *,
        fraction: float = 1 / 8,
        two_way: bool = False,
        first_keeps: bool = False,
        **arguments,
    ):
        super().__init__(**arguments)
        if frames < 1:
            raise EmoError(f"frames: expected 1 or more. Received: {frames}")
        self.frames = frames
        self.fraction = fraction
        self.two_way = two_way
        self.first_keeps = first_keeps

    def build(self, input_shape: tuple) -> None:
        if len(input_shape) != 4 or None in input_shape[1:]:
            raise EmoError(
                "maps: expected (B*T, H, W, C) with H, W and C known. "
                f"Received: {tuple(input_shape)}"
            )
        channels = input_shape[-1]
        count = shifted_channels(channels, self.fraction)
        if self.two_way and 2 * count > channels:
            raise EmoError(
                f"fraction: expected at most half of {channels} channels for each of two ways. "
                f"Received: {self.fraction}, which is {count}"
            )

    def call(self, x):
        _, height, width, channels = x.shape
        count = shifted_channels(channels, self.fraction)
        clips = ops.reshape(x, (-1, self.frames, height * width, channels))  # (B, T, H*W, C)
        first = clips[..., :count]
        if self.two_way:
            second = clips[..., count : 2 * count]
            parts = [self._from_future(first), self._from_past(second), clips[..., 2 * count :]]
        else:
            parts = [self._from_past(first), clips[..., count:]]
        parts = [part for part in parts if part.shape[-1]]
        return ops.reshape(ops.concatenate(parts, axis=-1), (-1, height, width, channels))

    def _from_past(self, x):
        if self.first_keeps:
            return ops.concatenate([x[:, :1], x[:, :-1]], axis=1)
        return ops.pad(x[:, :-1], [[0, 0], [1, 0], [0, 0], [0, 0]])

    def _from_future(self, x):
        if self.first_keeps:
            return ops.concatenate([x[:, 1:], x[:, -1:]], axis=1)
        return ops.pad(x[:, 1:], [[0, 0], [0, 1], [0, 0], [0, 0]])

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return input_shape

    def get_config(self) -> dict:
        return super().get_config() | {
            "frames": self.frames,
            "fraction": self.fraction,
            "two_way": self.two_way,
            "first_keeps": self.first_keeps,
        }
