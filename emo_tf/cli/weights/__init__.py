"""`emo-tf weights`: published weights of other frameworks."""

import typer

from emo_tf.cli.weights.bring_in import bring_in
from emo_tf.cli.weights.show import show
from emo_tf.cli.weights.verify import verify

weights = typer.Typer(
    add_completion=False,
    rich_markup_mode="markdown",
    no_args_is_help=True,
    help="Show weight files of torch, import them without torch, and verify what they compute. "
    "Each verb has its own --help with examples.",
)
weights.command("import")(bring_in)
weights.command()(show)
weights.command()(verify)
