"""`emo-tf push`: a blessed export where a server finds it."""

from pathlib import Path
from typing import Annotated

import typer

from emo_tf.export.push import push as push_export


def push(
    export: Annotated[Path, typer.Option(help="Folder of a blessed export.")],
    to: Annotated[
        Path, typer.Option(help="Folder of the served model, ROOT/MODEL; made if there is none.")
    ],
    keep: Annotated[
        int, typer.Option(help="How many versions to keep, the new one among them.")
    ] = 3,
) -> None:
    """Serve a blessed export as the next version of a model.

    The version appears whole or not at all, as TensorFlow Serving wants it: ROOT/MODEL/NUMBER with
    `saved_model.pb`. The other files of the export, its report and blessing among them, go along
    in `assets.extra`, where `emo-tf serve --models ROOT` finds the `.tflite` files.

    **Examples**

    `emo-tf push --export runs/emotic_context/export --to served/context`

    `emo-tf push --export phone --to served/expression --keep 1`
    """
    pushed = push_export(export, to, keep=keep)
    print(f"Wrote {pushed.version}")
    for version in pushed.removed:
        print(f"Removed {version}")
