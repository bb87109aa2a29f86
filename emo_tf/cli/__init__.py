"""The command line `emo-tf`: one module a verb, loaded when it is called."""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperGroup

import emo_tf
from emo_tf.cli.interruption import Stopped
from emo_tf.errors import EmoError, unknown_name

VERBS = {
    "predict": "Find faces in pictures and videos and tell their apparent expression.",
    "explain": "Show what a model looked at: maps over the picture, attention over faces.",
    "train": "Run an experiment; a stopped run goes on.",
    "evaluate": "Measure a run, or verdicts on pictures of groups, on what they did not see.",
    "export": "Write a trained model as SavedModel and `.tflite`, and measure what it became.",
    "bless": "Decide whether an export is good enough to be served, and say why.",
    "push": "Put a blessed export where a server finds it, as its next version.",
    "serve": "Answer for models over HTTP, with a web page that looks at photos.",
    "annotate": "Label pictures by hand in a local web page: people, 26 categories, valence, "
    "arousal, dominance.",
    "pipeline": "Build, train, evaluate, export, bless and push; steps that are done are skipped.",
    "data": "Build, describe and export data sets, and draw small made-up twins of them.",
    "scenes": "Fit, evaluate and feed the Bayesian network that joins scene labels with faces.",
    "ensemble": "Join several models of groups into one verdict, and measure it.",
    "plot": "Draw the curves of training of runs.",
    "weights": "Show, import and verify published weights of torch, without torch.",
}
"""Every verb with its line of help.

`emo_tf.cli.<verb>` holds the function `<verb>`, or a Typer of that name with verbs of its own.
"""

_EPILOG = (
    "It names how people look, not what they experience, and is not for emotion recognition at "
    "work or in education, nor for decisions about people: see ACCEPTABLE_USE.md."
)

BAD_ARGUMENT = 2
INTERRUPTED = 130

# Typer may or may not carry its own Click: its errors are reached through a public name.
_UsageError = typer.BadParameter.__mro__[1]


class LazyGroup(TyperGroup):
    """Lists the verbs from `VERBS` and imports the one that is called, no other."""

    def list_commands(self, ctx) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx, cmd_name: str):
        # Without its parameters this is enough for the list of verbs in the help.
        return self.commands.get(cmd_name) or (
            TyperCommand(cmd_name, help=VERBS[cmd_name]) if cmd_name in VERBS else None
        )

    def resolve_command(self, ctx, args: list[str]):
        verb = args[0]
        if verb not in VERBS:
            raise unknown_name("verb", verb, VERBS)
        made = getattr(importlib.import_module(f"emo_tf.cli.{verb}"), verb)
        if not isinstance(made, typer.Typer):
            function, made = made, typer.Typer(add_completion=False, rich_markup_mode="markdown")
            made.command(verb)(function)
        self.add_command(typer.main.get_command(made), verb)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"emo-tf {emo_tf.__version__}")
        raise typer.Exit()


@app.callback(epilog=_EPILOG)
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Apparent emotion from pictures and videos of people. Each verb has --help with examples."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs `emo-tf` and exits: 0 done, 1 some sources failed, 2 bad arguments, 130 interrupted.

    Args:
        arguments: What follows `emo-tf`; the process's own arguments if `None`.
    """
    _open_streams()
    arguments = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    ending = "interrupted"
    try:
        code = app(arguments, prog_name="emo-tf", standalone_mode=False)
    except _UsageError as error:
        code = _fail(error.format_message())
    except EmoError as error:
        code = _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Stopped as stop:
        code, ending = INTERRUPTED, str(stop)
    except OSError as error:
        # What no check foresees, as a disk that fills up.
        print(f"emo-tf: error: {error}", file=sys.stderr)
        code = 1
    if code == INTERRUPTED:
        print(f"\nemo-tf: {ending}", file=sys.stderr)
    # In this mode Typer returns the code of an Exit, or else what the verb returned.
    sys.exit(code if isinstance(code, int) else 0)


def _open_streams() -> None:
    """Makes the standard streams usable, also those that the caller closed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 (until the end)
    for stream in (sys.stdout, sys.stderr):
        # A file name may hold what the terminal cannot show.
        stream.reconfigure(errors="backslashreplace")


def _fail(message: str) -> int:
    if message:
        print(f"emo-tf: error: {' '.join(message.split())}", file=sys.stderr)
    return BAD_ARGUMENT
