"""`emo-tf evaluate`: a run, or verdicts on pictures of people, measured on what they never saw."""

import typer

from emo_tf.cli.evaluate.group import group
from emo_tf.cli.evaluate.run import run_callback

evaluate = typer.Typer(
    add_completion=False, rich_markup_mode="markdown", invoke_without_command=True
)
evaluate.callback()(run_callback)
evaluate.command()(group)
