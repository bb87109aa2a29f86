"""`emo-tf weights import`: weights of other frameworks into a Keras model."""

from pathlib import Path
from typing import Annotated

import typer

from emo_tf.cli.weights.backbone_import import bring_in_backbone, face_crop
from emo_tf.cli.weights.fusion_import import bring_in_fusion
from emo_tf.cli.weights.opening import open_checkpoint
from emo_tf.cli.workshop import loading
from emo_tf.errors import EmoError, unknown_name

FUSION = "context_fusion"
BACKBONE = "a backbone of torch"
KERAS2 = "files of Keras 2"
KERAS2_SUFFIXES = (".json", ".h5", ".hdf5")
TAKEN_BY = {
    "--scene": FUSION,
    "--body": FUSION,
    "--thresholds": FUSION,
    "--alignment": BACKBONE,
    "--bgr": f"{BACKBONE} or {KERAS2}",
    "--labels": KERAS2,
}
"""What each option is for."""


def bring_in(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="A torch or safetensors file; or what Keras 2 wrote: `model.json model.h5`, or "
            "one `.h5` of a whole model.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The Keras model to write, `.keras`.")],
    architecture: Annotated[
        str | None,
        typer.Option(
            help="For torch: `resnet18`, `resnet34`, `resnet50`, `densenet161`, `mobilenet_v2`, "
            "`sphere20a` or `context_fusion`."
        ),
    ] = None,
    alignment: Annotated[
        str | None,
        typer.Option(
            help="For `sphere20a`: the crops it was trained on, `sphereface` or `vlgiitr`; "
            "`sphereface` by default, as published."
        ),
    ] = None,
    bgr: Annotated[
        bool,
        typer.Option(
            "--bgr",
            help="The network was trained on blue, green, red, as OpenCV reads: its first weights "
            "are turned round.",
        ),
    ] = False,
    scene: Annotated[
        Path | None, typer.Option(help="For `context_fusion`: the file of the scene's backbone.")
    ] = None,
    body: Annotated[
        Path | None, typer.Option(help="For `context_fusion`: the file of the body's backbone.")
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option(help="For `context_fusion`: `val_thresholds.npy`.")
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(help="For Keras 2: the classes in the order of its outputs, `a,b,c`."),
    ] = None,
    licence: Annotated[
        str, typer.Option(help="Licence of the weights; it stays with the model.")
    ] = "",
) -> None:
    """Import weights of torch or Keras 2 without them, and without running the code in their files.

    It reads what `torch.save` writes, old and new, state dicts and whole modules, safetensors, and
    what Keras 2 saves. All tensors of the architecture have to be there, and no others but the
    identities that `sphere20a` was trained to tell apart. A backbone keeps its classifier if the
    file has one. For `context_fusion`, FILE is the joining part, and its backbones are recognised.

    **Examples**

    `emo-tf weights import resnet18_places365.pth.tar --architecture resnet18 --out places.keras`

    `emo-tf weights import densenet161-8d451a50.pth --architecture densenet161 --out dense.keras`

    `emo-tf weights import sphere20a_20171020.pth --architecture sphere20a --bgr --out faces.keras`

    `emo-tf weights import model_emotic1.pth --architecture context_fusion --scene
    model_context1.pth --body model_body1.pth --thresholds val_thresholds.npy --out emotic.keras`

    `emo-tf weights import model.json model.h5 --labels negative,neutral,positive --out small.keras`
    """
    with loading("weights import"):
        from emo_tf.models.keras_file import check_path, save_model
    check_path(out)
    is_keras2 = any(path.suffix.lower() in KERAS2_SUFFIXES for path in files)
    kind = KERAS2 if is_keras2 else FUSION if architecture == FUSION else BACKBONE
    given = {
        "--scene": scene,
        "--body": body,
        "--thresholds": thresholds,
        "--alignment": alignment,
        "--bgr": bgr,
        "--labels": labels,
    }
    _check_files(files, architecture, is_keras2=is_keras2)
    _check_options([name for name, value in given.items() if value], kind, received=architecture)
    if kind == KERAS2:
        from emo_tf.cli.weights.keras2 import bring_in_keras2

        names = tuple(label.strip() for label in labels.split(",")) if labels else ()
        model, metadata = bring_in_keras2(
            files, name=out.stem, labels=names, bgr=bgr, licence=licence
        )
    elif kind == FUSION:
        branches = {name: path for name, path in (("scene", scene), ("body", body)) if path}
        if not branches:
            raise EmoError(
                f"--scene, --body: expected the backbones that belong to a {FUSION}. Received: none"
            )
        parts = {
            part: open_checkpoint(path) for part, path in ({"head": files[0]} | branches).items()
        }
        model, metadata = bring_in_fusion(parts, thresholds=thresholds, licence=licence)
    else:
        crop = face_crop(architecture, alignment)
        model, metadata = bring_in_backbone(
            architecture, open_checkpoint(files[0]), crop=crop, bgr=bgr, licence=licence
        )
    save_model(model, out, metadata=metadata)
    print(f"Wrote {out}: {metadata.description}")


def _check_files(files: list[Path], architecture: str | None, *, is_keras2: bool) -> None:
    """Checks that there are as many files as their kind wants, and that the kind is told."""
    from emo_tf.models.torch_architectures import TORCH_ARCHITECTURES

    received = ", ".join(map(str, files))
    if is_keras2:
        if architecture is not None:
            raise EmoError(
                f"--architecture: expected only with files of torch. Received: {received}"
            )
        if len(files) > 2:
            raise EmoError(f"FILE: expected a .json and an .h5, or an .h5. Received: {received}")
        return
    known = (*TORCH_ARCHITECTURES, FUSION)
    if architecture is None:
        raise EmoError(
            f"--architecture: expected one of {', '.join(known)} for {received}. Received: none"
        )
    if architecture not in known:
        raise unknown_name("architecture", architecture, known)
    if len(files) > 1:
        raise EmoError(f"FILE: expected one file of torch or safetensors. Received: {received}")


def _check_options(given: list[str], kind: str, *, received: str | None) -> None:
    """Checks that what is imported takes the options that are given."""
    extra = [name for name in given if kind not in TAKEN_BY[name]]
    if extra:
        raise EmoError(
            f"{', '.join(extra)}: expected only with {TAKEN_BY[extra[0]]}. "
            f"Received: {received or KERAS2}"
        )
