"""`emo-tf data`: data sets, from the licensed raw files to what training reads."""

import typer

from emo_tf.cli.data.build import build
from emo_tf.cli.data.describe import describe
from emo_tf.cli.data.export import export
from emo_tf.cli.data.miniature import miniature

data = typer.Typer(
    add_completion=False,
    rich_markup_mode="markdown",
    no_args_is_help=True,
    help="Build, describe and export data sets, and draw small made-up twins of them. "
    "Each verb has its own --help with examples.",
)
for verb in (build, describe, export, miniature):
    data.command()(verb)
