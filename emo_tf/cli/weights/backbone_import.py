"""What `emo-tf weights import` makes of the file of a backbone."""

import sys
from typing import TYPE_CHECKING

from emo_tf.cli.weights.opening import checkpoint_origin
from emo_tf.errors import EmoError, unknown_name

if TYPE_CHECKING:
    import keras

    from emo_tf.checkpoints.checkpoint import Checkpoint
    from emo_tf.model_metadata import ModelMetadata

FACE_PRESET = "sphereface"
"""The crops that the published weights of `sphere20a` were trained on."""

TURNED_COLOURS = "trained on BGR; its first weights are turned round to RGB"
"""What the metadata says of a network after `--bgr`."""


def face_crop(architecture: str, alignment: str | None) -> dict[str, str]:
    """Returns the crop that a backbone takes, for its metadata; none where it is not of faces.

    Args:
        architecture: Name of the backbone.
        alignment: The preset that the user names, if any.

    Raises:
        EmoError: There is no such preset, or the backbone takes no aligned faces.
    """
    from emo_tf.models.face_presets import FACE_PRESETS
    from emo_tf.models.sphereface import SPHERE

    if architecture != SPHERE:
        if alignment is not None:
            raise EmoError(f"--alignment: expected only with {SPHERE}. Received: {architecture}")
        return {}
    aligned = [name for name, preset in FACE_PRESETS.items() if preset.size is not None]
    if alignment not in (None, *aligned):
        raise unknown_name("alignment", alignment, aligned)
    return {"preset": alignment or FACE_PRESET}


def bring_in_backbone(
    architecture: str,
    checkpoint: "Checkpoint",
    *,
    crop: dict[str, str],
    bgr: bool,
    licence: str,
) -> tuple["keras.Model", "ModelMetadata"]:
    """Returns a backbone and what it says about itself.

    Args:
        architecture: Name of the backbone.
        checkpoint: Its file.
        crop: What `face_crop` returned.
        bgr: Whether it was trained on blue, green, red.
        licence: Licence of the weights.

    Raises:
        EmoError: The tensors do not fit the architecture.
    """
    from emo_tf.model_metadata import ModelMetadata
    from emo_tf.models.face_presets import FACE_PRESETS
    from emo_tf.models.published import backbone_from_torch, training_parts
    from emo_tf.models.torch_weights import reverse_colours

    source = str(checkpoint.path)
    left_out = training_parts(architecture, checkpoint.tensors)
    if left_out:
        print(
            f"{source}: left out {', '.join(left_out)}: it told apart the classes that "
            f"{architecture} was trained on",
            file=sys.stderr,
        )
    size = FACE_PRESETS[crop["preset"]].size if crop else None
    model = backbone_from_torch(architecture, checkpoint.tensors, source=source, size=size)
    if bgr:
        reverse_colours(model)
    widths = {name: output.shape[-1] for name, output in model.output.items()}
    sentences = {
        "features": "{} features of the picture",
        "embedding": "{} numbers that tell a face from others",
        "logits": "one a class, {} of them",
    }
    outputs = {name: sentences[name].format(width) for name, width in widths.items()}
    library = "torch" if crop else "torchvision"
    taken = f"a face in the crop {crop['preset']}" if crop else "a standardised RGB picture"
    colours = {"colours": TURNED_COLOURS}
    return model, ModelMetadata(
        name=architecture,
        task="backbone",
        description=f"{architecture} in {library}'s arithmetic: from {taken} to "
        f"{' and '.join(outputs.values())}.",
        version="1",
        inputs={},
        outputs=outputs,
        score_kind="raw",
        crop=crop,
        licence=licence,
        provenance={"files": [checkpoint_origin("backbone", checkpoint)]}
        | (colours if bgr else {}),
    )
