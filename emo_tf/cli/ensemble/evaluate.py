"""`emo-tf ensemble evaluate`: an ensemble measured on pictures whose class is known."""

import json as json_files
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from emo_tf.cli.ensemble.figures import print_figures, print_left_out, read_selected
from emo_tf.cli.figure_table import AS_IS
from emo_tf.cli.output import STANDARD_OUTPUT, check_targets, text_stream
from emo_tf.cli.wording import counted
from emo_tf.groups.ensemble_evaluation import evaluate_verdicts
from emo_tf.runtime.ensemble import Ensemble


def evaluate(
    ensemble: Annotated[
        Path,
        typer.Option(metavar="FILE.json", help="An ensemble that `emo-tf ensemble fit` wrote."),
    ],
    outputs: Annotated[
        Path,
        typer.Option(metavar="NPZ", help="What its members said of other pictures, as for `fit`."),
    ],
    models: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,...",
            help="The members among the models of the outputs.  [default: all of them]",
            show_default=False,
        ),
    ] = None,
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Write all figures as JSON.", show_default=False),
    ] = None,
) -> None:
    """Measure an ensemble beside the plain mean of its members and the best of them.

    Prints accuracy, balanced accuracy, log loss and expected calibration error (15 bins), with
    95 % intervals from 1,000 resamples of the pictures, and how often each class was taken for
    which.

    Models that have names have to be the members of the ensemble, in whatever order; models
    without are taken in the order in which they come. Pictures on which a member gave no verdict
    are left out.

    **Examples**

    `emo-tf ensemble evaluate --ensemble ensemble.json --outputs test.npz`

    `emo-tf ensemble evaluate --ensemble ensemble.json --outputs test.npz --models faces,scenes`

    `emo-tf ensemble evaluate --ensemble ensemble.json --outputs test.npz --json - | jq
    .ensemble.accuracy`
    """
    check_targets({"--json": json}, inputs={ensemble, outputs})
    joint = Ensemble.read(ensemble)
    members = read_selected(outputs, models).of_members(joint.models)
    pictures = members.complete()
    figures = evaluate_verdicts(joint.combine(pictures.probabilities), pictures)
    left_out = len(members.labels) - len(pictures.labels)
    console = Console(stderr=json == STANDARD_OUTPUT, highlight=False)
    print_left_out(left_out, members, console)
    console.print(
        f"{ensemble}, {joint.method} of {counted(len(joint.models), 'model')}, on "
        f"{counted(len(pictures.labels), 'picture')} of {outputs}",
        **AS_IS,
    )
    print_figures(figures, console)
    if json:
        details = {
            "method": joint.method,
            "left_out": left_out,
            "fit": dict(joint.fit),
        }
        with text_stream(json) as stream:
            stream.write(json_files.dumps(figures | details, indent=1) + "\n")
        if json != STANDARD_OUTPUT:
            console.print(f"Wrote {json}", **AS_IS)
