"""What the verbs of `emo-tf ensemble` read and print alike."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from emo_tf.cli.figure_table import AS_IS, figure_table, plain_table
from emo_tf.cli.wording import counted
from emo_tf.groups.model_outputs import ModelOutputs


def read_selected(path: Path, models: str | None) -> ModelOutputs:
    """Reads what models said, of those alone that `models` names, separated by commas.

    Args:
        path: A `.npz` file, as `ModelOutputs.read` takes it.
        models: Names between commas; all models if `None`.

    Returns:
        What they said.

    Raises:
        EmoError: The file cannot be used, or a model is not in it.
    """
    outputs = ModelOutputs.read(path)
    if models is None:
        return outputs
    return outputs.select([name.strip() for name in models.split(",")])


def print_left_out(left_out: int, outputs: ModelOutputs, console: Console) -> None:
    """Says how many pictures are left out, if any.

    Args:
        left_out: How many.
        outputs: What models said of all of them.
        console: Where to print.
    """
    if left_out:
        console.print(
            f"Left out {counted(left_out, 'picture')} of {len(outputs.labels):,} on which not "
            "every model gave a verdict",
            **AS_IS,
        )


def print_figures(figures: Mapping, console: Console) -> None:
    """Prints what `evaluate_verdicts` returned: a table, and the ensemble's confusion.

    Args:
        figures: By name.
        console: Where to print.
    """
    best = figures["best_single"]["model"]
    kinds = ("ensemble", "mean", "best_single")
    table = figure_table(("ensemble", "mean", best), [figures[kind] for kind in kinds])
    console.print(table)
    console.print(
        f"In brackets 95 % intervals; {best} is the best of the "
        f"{counted(len(figures['models']), 'model')} on these very pictures",
        **AS_IS,
    )
    confusion = plain_table(*(f"taken for {name}" for name in figures["classes"]))
    for name, row in zip(figures["classes"], figures["ensemble"]["confusion"], strict=True):
        confusion.add_row(name, *(f"{count:,}" for count in row))
    console.print(confusion)
