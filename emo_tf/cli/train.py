"""`emo-tf train`: run an experiment."""

import os
from pathlib import Path
from typing import Annotated

import typer

from emo_tf.errors import EmoError


def train(
    experiment: Annotated[str, typer.Argument(help="Experiment, e.g. `expression_fer2013`.")],
    manual_dir: Annotated[
        Path, typer.Option(help="Folder with the raw data set, as its README says.")
    ],
    run: Annotated[
        Path | None, typer.Option(help="Folder of the run.  [default: runs/EXPERIMENT]")
    ] = None,
    data_dir: Annotated[Path, typer.Option(help="Where prepared data sets lie.")] = Path("data"),
    smoke: Annotated[bool, typer.Option("--smoke", help="Shrink the run to seconds.")] = False,
) -> None:
    """Train an experiment; started again with the same command, a stopped run goes on.

    The folder of the run holds `config.json`, `checkpoints/`, `logs/` for TensorBoard and, at the
    end, `model.keras` and `metrics.json`.

    **Examples**

    `emo-tf train expression_fer2013 --manual-dir ~/fer2013`

    `emo-tf train expression_fer2013 --manual-dir ~/fer2013 --run runs/try --smoke`

    `tensorboard --logdir runs/expression_fer2013/logs`
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        from emo_tf import configs
    except ModuleNotFoundError as error:
        raise EmoError(
            f"train: expected the extra `train` (pip install 'emo_tf[train]'). Received: {error}"
        ) from error
    config = configs.load(experiment, smoke=smoke)
    from emo_tf.training.expression import train_expression

    run = run or Path("runs") / experiment
    metrics = train_expression(
        config, run, manual_dir=manual_dir, data_dir=data_dir, report=_print_epoch
    )
    public = metrics["public_test"]
    print(
        f"PublicTest: accuracy {public['accuracy']:.2%}, mean recall {public['mean_recall']:.2%}, "
        f"expected calibration error {public['expected_calibration_error']:.3f}"
    )
    print(f"Wrote {run / 'model.keras'} and {run / 'metrics.json'}")


def _print_epoch(report) -> None:
    mark = "  best" if report.is_best else ""
    print(
        f"epoch {report.epoch:3d}/{report.epochs}  {report.side}px  loss {report.loss:.3f}  "
        f"accuracy {report.accuracy:.3f}  held out {report.held_out_accuracy:.4f}  "
        f"{report.examples_per_s:.0f} examples/s{mark}",
        flush=True,
    )
