"""`emo-tf ensemble fit`: several models of groups joined into one verdict."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from emo_tf.cli.ensemble.figures import print_figures, print_left_out, read_selected
from emo_tf.cli.figure_table import AS_IS
from emo_tf.cli.output import check_targets
from emo_tf.cli.wording import counted
from emo_tf.errors import EmoError
from emo_tf.groups.ensemble_evaluation import evaluate_verdicts
from emo_tf.groups.ensemble_fit import FittedEnsemble, fit_with_verdicts


def fit(
    outputs: Annotated[
        Path,
        typer.Option(
            metavar="NPZ",
            help="What the models said: `labels` (N,) and `logits` or `probabilities` (N, M, 3), "
            "classes in the order negative, neutral, positive; names of the M under `models`.",
        ),
    ],
    method: Annotated[str, typer.Option(help="`mean`, `weights`, `svm` or `stack`.")],
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="The ensemble to write.")],
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="W,W,...",
            help="For `weights`: one number a model, of any sign.",
            show_default=False,
        ),
    ] = None,
    models: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,...",
            help="The members, in this order.  [default: all models of the outputs]",
            show_default=False,
        ),
    ] = None,
    regularisation: Annotated[
        float | None,
        typer.Option(
            metavar="C",
            help="For `svm`: the smaller, the wider the margins.  [default: 9e-5, as published for "
            "ten thousand pictures; fewer need more]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Fit an ensemble: what it joins several models' verdicts by, as one JSON file.

    `mean` is the plain mean of the probabilities. `weights` adds up log-probabilities (or logits,
    which comes to the same) by weights given by hand; how certain the answer is, is fitted. `svm`
    is a linear support vector machine on the probabilities, one class against one; its votes, with
    the margins to break ties, become probabilities by a softmax that is fitted. `stack` is
    logistic regression on the log-probabilities, its penalty chosen on five folds.

    Fit a `stack` on the validation part: on pictures that the models were trained on they are
    more certain than on others, and the stack would trust them too much. An `svm` that was fitted
    on such pictures, as the published one, may answer well, but is far too certain of it.

    The figures that are printed are those on the pictures it was fitted on, for a `stack` out of
    fold; `emo-tf ensemble evaluate` has those on others. Pictures on which a member gave no
    verdict are left out.

    `svm` and `stack` need scikit-learn: `pip install 'emo_tf[groups]'`.

    **Examples**

    `emo-tf ensemble fit --outputs val.npz --method stack --out ensemble.json`

    `emo-tf ensemble fit --outputs val.npz --method weights --models faces,scenes
    --weights 2,1 --out ensemble.json`

    `emo-tf ensemble fit --outputs train.npz --method svm --regularisation 9e-5 --out svm.json`
    """
    check_targets({"--out": str(out)}, inputs={outputs})
    selected = read_selected(outputs, models)
    numbers = None if weights is None else _numbers(weights)
    fitted = fit_with_verdicts(
        selected, method=method, weights=numbers, regularisation=regularisation
    )
    pictures = fitted.pictures
    console = Console(file=sys.stdout, highlight=False)
    fitted.ensemble.save(out)
    print_left_out(len(selected.labels) - len(pictures.labels), selected, console)
    console.print(
        f"{method} of {counted(len(pictures.models), 'model')} on "
        f"{counted(len(pictures.labels), 'picture')} of {outputs}, {_standing(fitted)}",
        **AS_IS,
    )
    print_figures(evaluate_verdicts(fitted.verdicts, pictures), console)
    console.print(f"Wrote {out}", **AS_IS)


def _numbers(weights: str) -> list[float]:
    try:
        return [float(weight) for weight in weights.split(",")]
    except ValueError as error:
        raise EmoError(
            f"--weights: expected numbers separated by commas. Received: {weights}"
        ) from error


def _standing(fitted: FittedEnsemble) -> str:
    """Returns what figures on these pictures are worth."""
    if fitted.out_of_fold:
        chosen = fitted.ensemble.fit["regularisation"]
        return (
            "the pictures it was fitted on: cross-validated over five folds, by whose log loss "
            f"C = {chosen:g} was chosen"
        )
    if not fitted.ensemble.coefficients:
        return "which nothing was fitted on"
    return "the pictures it was fitted on: others are harder"
