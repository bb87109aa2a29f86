"""Networks whose frames see those before them by a temporal shift: of clips and of streams."""

import keras
from keras import layers, ops

from emo_tf.errors import EmoError
from emo_tf.layers.streaming_shift import StreamingShift
from emo_tf.layers.temporal_shift import TemporalShift, shifted_channels
from emo_tf.models.hooks import NO_HOOKS, Hook, Hooks
from emo_tf.models.registry import register
from emo_tf.models.tsm_settings import NORMALISATIONS, RESIDUAL, STAGE, TSM_BACKBONES, TsmSettings


@register("tsm", settings=TsmSettings)
def tsm(**settings: object) -> keras.Model:
    """Builds a network with a temporal shift for clips.

    One frame sees as many frames before it as there are shifts one after the other, each of which
    reaches one frame further: 5 in the expression net (`residual`), so that its last logits follow
    from 6 frames; 8 in ResNet-18, 16 in ResNet-50, 10 in MobileNetV2; between the stages 2 in the
    expression net, 3 in the others. Two-way it sees as many frames after it.

    The shift has no weights: `set_weights(other.get_weights())` fills it from the same network with
    another shift or none, one of streams, or the plain backbone with a classifier of as many
    classes. `shift="none"` with `frames=1` is the network of stills.

    Args:
        **settings: Those of `TsmSettings`.

    Returns:
        A functional model from a dict of `clip` (B, T, H, W, C), pixels 0 to 255, grey for the
        expression net and RGB for the others, to a dict of `frame_logits` (B, T, classes) and
        `logits` (B, classes), the mean of those of the frames that decide.

    Raises:
        EmoError: A setting is unknown or out of its range.

    Example:
        >>> model = create("tsm", backbone="resnet18", frames=4, shift="stage", decision_frames=2)

    Reference:
        Lin et al. 2019, "TSM: temporal shift module for efficient video understanding"; `stage`
        and a decision of the last two frames are JanghoonChoi/VTT_vid_emotion.
    """
    given = TsmSettings(**settings)
    clip = keras.Input((given.frames, given.height, given.width, given.channels), name="clip")

    def shifted(x, name: str):
        return TemporalShift(
            given.frames,
            fraction=given.shifted_fraction,
            two_way=given.two_way,
            first_keeps=given.shift == STAGE,
            name=name,
        )(x)

    frames = ops.reshape(clip, (-1, given.height, given.width, given.channels))  # (B*T, H, W, C)
    logits = _logits(frames, given, shifted)
    frame_logits = ops.reshape(logits, (-1, given.frames, given.classes))  # (B, T, classes)
    decided_by = given.frames if given.decision_frames is None else given.decision_frames
    decision = ops.mean(frame_logits[:, given.frames - decided_by :], axis=1)
    outputs = {"frame_logits": frame_logits, "logits": decision}
    return keras.Model({"clip": clip}, outputs, name=f"tsm_{given.backbone}")


@register("tsm_stream", settings=TsmSettings)
def tsm_stream(**settings: object) -> keras.Model:
    """Builds a network with a temporal shift for one frame after the other.

    From states of zeros it gives at each frame the logits that `tsm` gives at that frame of a clip
    of any length from the same start; between the stages, where the first frame of a clip keeps its
    own channels, after as many frames as there are shifts.

    Args:
        **settings: Those of `TsmSettings`, the same as for the network of clips whose weights it
            takes; `frames` and `decision_frames` change nothing here.

    Returns:
        A functional model from a dict of `frame` (B, H, W, C), pixels 0 to 255, and states
        `state_1`, `state_2`, ... (B, h, w, c), float32 and zeros before the first frame, to a dict
        of `logits` (B, classes) and the next states under the names of the states.

    Raises:
        EmoError: A setting is unknown or out of its range, or asks for the frame after.

    Reference:
        Lin et al. 2019, "TSM: temporal shift module for efficient video understanding", section
        4.2.
    """
    given = TsmSettings(**settings)
    if given.two_way:
        raise EmoError(
            "two_way: expected False for one frame after the other, which has no frame after it. "
            "Received: True"
        )
    frame = keras.Input((given.height, given.width, given.channels), name="frame")
    states, following = {}, {}

    def shifted(x, name: str):
        _, height, width, channels = x.shape
        count = shifted_channels(channels, given.shifted_fraction)
        state = f"state_{len(states) + 1}"
        states[state] = keras.Input((height, width, count), dtype="float32", name=state)
        x, following[state] = StreamingShift(name=name)(x, states[state])
        return x

    logits = _logits(frame, given, shifted)
    return keras.Model(
        {"frame": frame, **states},
        {"logits": logits, **following},
        name=f"tsm_stream_{given.backbone}",
    )


def _logits(pixels, given: TsmSettings, shifted: Hook):
    """Returns the logits (N, classes) of pictures (N, H, W, C), pixels 0 to 255."""
    backbone = TSM_BACKBONES[given.backbone]
    hooks = {RESIDUAL: Hooks(branch=shifted), STAGE: Hooks(stage=shifted)}.get(
        given.shift, NO_HOOKS
    )
    if not backbone.takes_pixels:
        pixels = NORMALISATIONS[given.normalisation or "unit"](pixels, name="normalise")
    features = backbone.features(pixels, hooks=hooks, **given.backbone_arguments)
    rate = backbone.dropout if given.dropout is None else given.dropout
    x = layers.Dropout(rate, name="dropout")(features)
    return layers.Dense(given.classes, dtype="float32", name=backbone.classifier)(x)
