"""What networks with a temporal shift say about themselves."""

from collections.abc import Mapping

import keras

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.model_metadata import VIDEO, ArrayInput, ImageInput, ModelMetadata

CLIP, FRAME = "clip", "frame"

_COLOURS = {1: "grey", 3: "rgb"}
_KEPT = "channels kept from the frame before; zeros before the first frame"


def states_of(model: keras.Model) -> tuple[str, ...]:
    """Returns the names of a model's states in their order; none for a model of clips."""
    names = [name for name in model.input if name.startswith("state_")]
    return tuple(sorted(names, key=lambda name: int(name.removeprefix("state_"))))


def video_metadata(
    model: keras.Model,
    *,
    name: str,
    version: str,
    temperature: float | None,
    crop: Mapping[str, object],
    licence: str = "",
    provenance: Mapping[str, object] | None = None,
) -> ModelMetadata:
    """Returns what a model of the expressions of a face over time says about itself.

    Args:
        model: What `tsm` or `tsm_stream` built, with seven classes.
        name: The model's name.
        version: Version of its weights.
        temperature: What its logits are divided by before the softmax.
        crop: How a face is cut out of a frame for it.
        licence: SPDX name or a sentence.
        provenance: Where its weights come from.

    Raises:
        EmoError: The model is another one.
    """
    taken = set(model.input) if isinstance(model.input, dict) else set()
    classes = model.output["logits"].shape[-1] if isinstance(model.output, dict) else None
    if not taken & {CLIP, FRAME} or classes != len(EXPRESSIONS):
        raise EmoError(
            f"{model.name}: expected a model from a clip or a frame to {len(EXPRESSIONS)} logits. "
            f"Received: one from {', '.join(sorted(taken)) or 'a single input'} to {classes}"
        )
    outputs = {"probabilities": f"probability of {', '.join(EXPRESSIONS)}"}
    arrays = {}
    if CLIP in taken:
        frames, height, width, channels = model.input[CLIP].shape[1:]
        image = ImageInput(height, width, _COLOURS[channels], frames=frames)
        images = {CLIP: image}
        outputs["frame_probabilities"] = "the same of each frame"
        seen = f"a clip of {frames} frames"
    else:
        height, width, channels = model.input[FRAME].shape[1:]
        images = {FRAME: ImageInput(height, width, _COLOURS[channels])}
        for state in states_of(model):
            arrays[state] = ArrayInput(tuple(model.input[state].shape[1:]), _KEPT)
            outputs[state] = "what the next frame is given"
        seen = "one frame after the other"
    return ModelMetadata(
        name=name,
        task=VIDEO,
        description="Apparent expression of a face over time: one of seven, from "
        f"{seen}, {height} x {width} {_COLOURS[channels]} pixels.",
        version=version,
        inputs=images,
        outputs=outputs,
        arrays=arrays,
        labels=EXPRESSIONS,
        score_kind="softmax",
        temperature=temperature,
        crop=crop,
        licence=licence,
        provenance=provenance or {},
    )
