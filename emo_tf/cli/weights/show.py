"""`emo-tf weights show`: what a weight file holds."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from emo_tf.cli.weights.opening import open_checkpoint
from emo_tf.cli.workshop import loading


def show(
    file: Annotated[Path, typer.Argument(help="A torch or safetensors file.")],
) -> None:
    """List the tensors of a torch or safetensors file, without torch and without running its code.

    Names are as they are imported: without `module.`, and as torchvision spells them today.

    **Examples**

    `emo-tf weights show resnet18_places365.pth.tar`

    `emo-tf weights show model_emotic1.pth`
    """
    with loading("weights show"):
        checkpoint = open_checkpoint(file)
    table = Table("tensor", "shape", "type", box=None, pad_edge=False)
    for name, tensor in checkpoint.tensors.items():
        table.add_row(name, " x ".join(map(str, tensor.shape)) or "one number", str(tensor.dtype))
    Console(file=sys.stdout, highlight=False).print(table)
