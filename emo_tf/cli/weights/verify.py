"""`emo-tf weights verify`: an imported model against numbers computed elsewhere."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from emo_tf.cli.workshop import loading


def verify(
    model: Annotated[Path, typer.Argument(help="What `emo-tf weights import` wrote.")],
    golden: Annotated[Path, typer.Option(help="`.npz` of inputs and outputs, computed elsewhere.")],
    tolerance: Annotated[
        float,
        typer.Option(min=0, help="Largest error, as a share of the output's largest value."),
    ] = 1e-4,
) -> None:
    """Compare the outputs of an imported model with those of another implementation.

    The golden file holds the inputs under the names that the model gives them, pictures in torch's
    order of axes, or for a model of one input `input_seed` and `input_shape`, from which
    `numpy.random.RandomState(input_seed).standard_normal(input_shape)` makes it; and outputs under
    the model's names. Exit code 1 if an output differs by more.

    **Examples**

    `emo-tf weights verify resnet18.keras --golden resnet18.npz`
    """
    with loading("weights verify"):
        from emo_tf.models.golden import compare_with_golden
        from emo_tf.models.keras_file import load_model
    network, _ = load_model(model)
    errors = compare_with_golden(network, golden)
    table = Table("output", "error", "tolerance", "", box=None, pad_edge=False)
    for name, error in errors.items():
        # What is not a number is not the same either.
        same = error <= tolerance
        table.add_row(name, f"{error:.1e}", f"{tolerance:.0e}", "same" if same else "differs")
    Console(highlight=False).print(table)
    if not all(error <= tolerance for error in errors.values()):
        raise typer.Exit(1)
