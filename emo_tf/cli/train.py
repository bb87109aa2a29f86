"""`emo-tf train`: run an experiment."""

from pathlib import Path
from typing import Annotated

import typer

from emo_tf.cli.wording import counted
from emo_tf.cli.workshop import loading


def train(
    experiment: Annotated[str, typer.Argument(help="Experiment, e.g. `expression_fer2013`.")],
    manual_dir: Annotated[
        Path, typer.Option(help="Folder with the raw data set, as its README says.")
    ],
    run: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Folder of the run.  [default: runs/EXPERIMENT]"),
    ] = None,
    data_dir: Annotated[
        Path, typer.Option(file_okay=False, help="Where prepared data sets lie.")
    ] = Path("data"),
    photographs: Annotated[
        Path | None,
        typer.Option(help="Folder or zip of CLASS/PICTURE, for experiments that mix them in."),
    ] = None,
    init: Annotated[
        Path | None, typer.Option(help="Folder of a run whose best weights to start from.")
    ] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Shrink the run to seconds.")] = False,
) -> None:
    """Train an experiment; started again with the same command, a stopped run goes on.

    The folder of the run holds `config.json`, `checkpoints/`, `logs/` for TensorBoard and, at the
    end, `model.keras` and `metrics.json`; where several members are averaged, the first three lie
    in a folder for each.

    **Examples**

    `emo-tf train expression_fer2013 --manual-dir ~/fer2013`

    `emo-tf train expression_fer2013 --manual-dir ~/fer2013 --run runs/try --smoke`

    `emo-tf train expression_photographs --manual-dir ~/fer2013 --photographs photos.zip --init
    runs/expression_fer2013`

    `tensorboard --logdir runs/expression_fer2013/logs`
    """
    with loading("train"):
        from emo_tf import configs
        from emo_tf.data.photographs import FER2013_CROP, Photographs
        from emo_tf.training.expression import train_expression
    config = configs.load(experiment, smoke=smoke)
    run = run or Path("runs") / experiment
    times = f", {config.members} times" if config.members > 1 else ""
    print(f"Training {experiment} in {run}: {counted(config.epochs, 'epoch')}{times}", flush=True)
    crops = Photographs.read(photographs).crops(FER2013_CROP) if photographs else None
    metrics = train_expression(
        config,
        run,
        manual_dir=manual_dir,
        data_dir=data_dir,
        photographs=crops,
        initial_run=init,
        report=_print_epoch,
    )
    public = metrics["public_test"]
    print(
        f"PublicTest: accuracy {public['accuracy']:.2%}, mean recall {public['mean_recall']:.2%}, "
        f"expected calibration error {public['expected_calibration_error']:.3f}"
    )
    print(f"Wrote {run / 'model.keras'} and {run / 'metrics.json'}")


def _print_epoch(report) -> None:
    left = f"  ~{_duration(report.seconds_left)} left" if report.epoch < report.epochs else ""
    mark = "  best" if report.is_best else ""
    print(
        f"epoch {report.epoch:3d}/{report.epochs}  {report.side}px  loss {report.loss:.3f}  "
        f"accuracy {report.accuracy:.3f}  held out {report.held_out_accuracy:.4f}  "
        f"{report.examples_per_s:.0f} examples/s{left}{mark}",
        flush=True,
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
