"""`emo-tf evaluate`: a run, or verdicts on pictures of people, measured on what they never saw."""

import typer

from emo_tf.cli.evaluate.emotic import emotic
from emo_tf.cli.evaluate.group import group

evaluate = typer.Typer(
    add_completion=False, rich_markup_mode="markdown", invoke_without_command=True
)
evaluate.callback()(emotic)
evaluate.command()(group)
