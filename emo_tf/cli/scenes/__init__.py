"""`emo-tf scenes`: the Bayesian network that joins scene labels with faces."""

import typer

from emo_tf.cli.scenes.evaluate import evaluate
from emo_tf.cli.scenes.fit import fit
from emo_tf.cli.scenes.label import label

scenes = typer.Typer(
    add_completion=False,
    rich_markup_mode="markdown",
    no_args_is_help=True,
    help="Label scenes, and fit and evaluate the Bayesian network that joins their labels with "
    "faces. Each verb has its own --help with examples.",
)
for verb in (label, fit, evaluate):
    scenes.command()(verb)
