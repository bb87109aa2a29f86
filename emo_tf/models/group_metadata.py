"""What models of groups say about themselves."""

from collections.abc import Mapping

import keras

from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata
from emo_tf.models.group_branches import alignment_of

MIN_FACE = 20
"""Pixels of the smallest face that Gupta et al. 2018 look for."""

_MASK_DESCRIPTION = "1 for each face of the picture, the largest first, then 0"
_FEATURES_DESCRIPTION = (
    "what O-Net of MTCNN has of each face in its layer of 256, the largest first"
)


def group_metadata(
    model: keras.Model,
    *,
    name: str,
    version: str = "1",
    temperature: float | None = None,
    licence: str = "",
    provenance: Mapping[str, object] | None = None,
) -> ModelMetadata:
    """Returns what a model of groups says about itself.

    Args:
        model: A model of pictures, not of packed faces.
        name: The model's name.
        version: Version of its weights.
        temperature: What its logits are divided by before the softmax.
        licence: SPDX name or a sentence.
        provenance: Where its weights come from.

    Raises:
        EmoError: The model takes packed faces.
    """
    images, arrays, seen = {}, {}, []
    if "image" in model.input:
        images["image"] = ImageInput(*model.input["image"].shape[1:3])
        seen.append("the picture")
    for face_input in ("faces", "face_features"):
        if face_input in model.input:
            count = _face_count(model, face_input)
            arrays["face_mask"] = ArrayInput((count,), _MASK_DESCRIPTION)
            seen.append(f"up to {count} faces")
    if "faces" in model.input:
        count, height, width, _ = model.input["faces"].shape[1:]
        images["faces"] = ImageInput(height, width, faces=count)
    if "face_features" in model.input:
        shape = tuple(model.input["face_features"].shape[1:])
        arrays["face_features"] = ArrayInput(shape, _FEATURES_DESCRIPTION)
    outputs = {"probabilities": f"probability of {', '.join(GROUP_EMOTIONS)}"}
    if arrays:
        outputs["face_weights"] = "how much each face counts; they add up to 1, or are 0 without"
    alignment = alignment_of(model)
    return ModelMetadata(
        name=name,
        task="group",
        description="Verdict on the apparent emotion of a group: negative, neutral or positive, "
        f"from {' and '.join(seen)}.",
        version=version,
        inputs=images,
        outputs=outputs,
        arrays=arrays,
        labels=GROUP_EMOTIONS,
        score_kind="softmax",
        temperature=temperature,
        crop={} if alignment is None else {"preset": alignment},
        detection={"min_face": MIN_FACE} if arrays else {},
        licence=licence,
        provenance=provenance or {},
    )


def _face_count(model: keras.Model, face_input: str) -> int:
    shape = model.input[face_input].shape
    count = model.input["face_mask"].shape[1] if "face_mask" in model.input else None
    if count is None or shape[1] != count:
        raise EmoError(
            f"{model.name}: expected a model of pictures with their faces. "
            f"Received: one of packed faces, {tuple(shape)}"
        )
    return count
