"""`emo-tf weights import`: torch weights into a Keras model."""

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emo_tf.cli.weights.opening import open_checkpoint
from emo_tf.cli.workshop import loading
from emo_tf.errors import EmoError, unknown_name
from emo_tf.labels import EMOTIC_CATEGORIES

if TYPE_CHECKING:
    import keras

    from emo_tf.checkpoints.checkpoint import Checkpoint
    from emo_tf.model_metadata import ModelMetadata

FUSION = "context_fusion"


def bring_in(
    file: Annotated[Path, typer.Argument(help="A torch or safetensors file.")],
    architecture: Annotated[
        str, typer.Option(help="`resnet18`, `resnet34`, `resnet50` or `context_fusion`.")
    ],
    out: Annotated[Path, typer.Option(help="The Keras model to write, `.keras`.")],
    scene: Annotated[
        Path | None, typer.Option(help="For `context_fusion`: the file of the scene's backbone.")
    ] = None,
    body: Annotated[
        Path | None, typer.Option(help="For `context_fusion`: the file of the body's backbone.")
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option(help="For `context_fusion`: `val_thresholds.npy`.")
    ] = None,
    licence: Annotated[
        str, typer.Option(help="Licence of the weights; it stays with the model.")
    ] = "",
) -> None:
    """Import torch weights without torch, and without running the code in their file.

    It reads what `torch.save` writes, old and new, state dicts and whole modules, and safetensors.
    All tensors of the architecture have to be there, and no others. A backbone keeps its
    classifier if the file has one. For `context_fusion`, FILE is the joining part, and its
    backbones are recognised.

    **Examples**

    `emo-tf weights import resnet18_places365.pth.tar --architecture resnet18 --out places.keras`

    `emo-tf weights import model_emotic1.pth --architecture context_fusion --scene
    model_context1.pth --body model_body1.pth --thresholds val_thresholds.npy --out emotic.keras`
    """
    files = {"scene": scene, "body": body}
    files = {branch: path for branch, path in files.items() if path is not None}
    with loading("weights import"):
        main = open_checkpoint(file)
        checkpoints = {branch: open_checkpoint(path) for branch, path in files.items()}
        from emo_tf.models.keras_file import check_path, save_model
        from emo_tf.models.resnet import RESNETS
    check_path(out)
    if architecture not in (*RESNETS, FUSION):
        raise unknown_name("architecture", architecture, (*RESNETS, FUSION))
    _check_arguments(architecture, files, thresholds)
    if files:
        model, metadata = _fusion(
            {"head": main, **checkpoints}, thresholds=thresholds, licence=licence
        )
    else:
        model, metadata = _backbone(architecture, main, licence=licence)
    save_model(model, out, metadata=metadata)
    print(f"Wrote {out}: {metadata.description}")


def _check_arguments(architecture: str, files: dict[str, Path], thresholds: Path | None) -> None:
    if architecture == FUSION:
        if not files:
            raise EmoError(
                f"--scene, --body: expected the backbones that belong to a {FUSION}. Received: none"
            )
        return
    extra = [f"--{branch}" for branch in files] + (["--thresholds"] if thresholds else [])
    if extra:
        raise EmoError(f"{', '.join(extra)}: expected only with {FUSION}. Received: {architecture}")


def _backbone(
    architecture: str, checkpoint: "Checkpoint", *, licence: str
) -> tuple["keras.Model", "ModelMetadata"]:
    from emo_tf.model_metadata import ModelMetadata
    from emo_tf.models.published import backbone_from_torch

    model = backbone_from_torch(architecture, checkpoint.tensors, source=str(checkpoint.path))
    outputs = {"features": f"{model.output['features'].shape[-1]} features of the picture"}
    if "logits" in model.output:
        outputs["logits"] = f"one a class, {model.output['logits'].shape[-1]} of them"
    return model, ModelMetadata(
        name=architecture,
        task="backbone",
        description=f"{architecture} in torchvision's arithmetic: from a standardised RGB picture "
        f"to {' and '.join(outputs.values())}.",
        version="1",
        inputs={},
        outputs=outputs,
        score_kind="raw",
        licence=licence,
        provenance={"files": [_origin("backbone", checkpoint)]},
    )


def _fusion(
    checkpoints: dict[str, "Checkpoint"], *, thresholds: Path | None, licence: str
) -> tuple["keras.Model", "ModelMetadata"]:
    from emo_tf.models.context_fusion import context_metadata
    from emo_tf.models.published import context_fusion_from_torch

    chosen = _read_thresholds(thresholds) if thresholds else {}
    tensors = {part: checkpoint.tensors for part, checkpoint in checkpoints.items()}
    model = context_fusion_from_torch(
        tensors.pop("head"),
        branches=tensors,
        sources={part: str(checkpoint.path) for part, checkpoint in checkpoints.items()},
    )
    files = [_origin(part, checkpoint) for part, checkpoint in checkpoints.items()]
    provenance = {"files": files} | ({"thresholds": thresholds.name} if thresholds else {})
    return model, context_metadata(
        model, version="1", thresholds=chosen, licence=licence, provenance=provenance
    )


def _read_thresholds(path: Path) -> dict[str, float]:
    from emo_tf.checkpoints.thresholds import read_thresholds

    thresholds = read_thresholds(path, EMOTIC_CATEGORIES)
    absent = [label for label, threshold in thresholds.items() if threshold == 0]
    if absent:
        print(
            f"{path}: no threshold for {', '.join(absent)}: the file says 0, which stands for none "
            "found",
            file=sys.stderr,
        )
    return {label: threshold for label, threshold in thresholds.items() if threshold != 0}


def _origin(part: str, checkpoint: "Checkpoint") -> dict[str, object]:
    """Returns where a part comes from, for the model's metadata."""
    with checkpoint.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "part": part,
        "file": checkpoint.path.name,
        "sha256": digest,
        "format": checkpoint.format,
        **({"values": checkpoint.values} if checkpoint.values else {}),
    }
