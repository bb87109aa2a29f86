"""`emo-tf ensemble`: several models of groups as one."""

import typer

from emo_tf.cli.ensemble.evaluate import evaluate
from emo_tf.cli.ensemble.fit import fit

ensemble = typer.Typer(
    add_completion=False,
    rich_markup_mode="markdown",
    no_args_is_help=True,
    help="Join several models of groups into one verdict, and measure it. "
    "Each verb has its own --help with examples.",
)
ensemble.command()(fit)
ensemble.command()(evaluate)
