"""`emo-tf train`: run an experiment."""

from pathlib import Path
from typing import Annotated

import typer

from emo_tf.cli.training_display import TrainingDisplay
from emo_tf.cli.wording import counted
from emo_tf.cli.workshop import loading
from emo_tf.errors import EmoError


def train(
    experiment: Annotated[str, typer.Argument(help="Experiment, e.g. `emotic_context`.")],
    manual_dir: Annotated[
        Path | None,
        typer.Option(
            help="Folder with the raw data set, as its README says; needed until the data set has "
            "been built in DATA_DIR. Of several data sets it is for the one not yet built."
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Folder of the run.  [default: runs/EXPERIMENT]"),
    ] = None,
    data_dir: Annotated[
        Path, typer.Option(file_okay=False, help="Where prepared data sets lie.")
    ] = Path("data"),
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Change a setting of the experiment; repeatable."
        ),
    ] = None,
    strategy: Annotated[
        str,
        typer.Option(help="Devices: auto, none, mirrored, multi_worker (reads TF_CONFIG) or tpu."),
    ] = "auto",
    init: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="RUN|FILE",
            help="Run whose best weights to start from; a `.keras` file of EMOTIC's, for models of "
            "groups, whose parts may come from several (then repeatable), or of videos; for these "
            "also a `.tflite` file in floats.",
        ),
    ] = None,
    scene_backbone: Annotated[
        Path | None,
        typer.Option(metavar="FILE.keras", help="Weights for EMOTIC's scene to start from."),
    ] = None,
    body_backbone: Annotated[
        Path | None,
        typer.Option(metavar="FILE.keras", help="Weights for EMOTIC's body to start from."),
    ] = None,
    photographs: Annotated[
        Path | None,
        typer.Option(help="Folder or zip of CLASS/PICTURE, for experiments that mix them in."),
    ] = None,
    smoke: Annotated[
        bool,
        typer.Option(
            "--smoke",
            help="Shrink the run to seconds; without raw data, on the data set's miniature.",
        ),
    ] = False,
    graph: Annotated[
        bool, typer.Option("--graph", help="Show TensorBoard the graph of a step.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(metavar="FIRST:LAST", help="Let TensorBoard's profiler look at these steps."),
    ] = None,
) -> None:
    """Train an experiment; started again with the same command, a stopped run goes on.

    The folder of the run holds `config.json`, `checkpoints/`, `logs/` for TensorBoard and, at the
    end, `model.keras`, `metrics.json` and, of EMOTIC, `thresholds.json`.

    **Examples**

    `emo-tf train emotic_context --smoke`

    `emo-tf train emotic_notebook --manual-dir ~/emotic --scene-backbone places.keras
    --body-backbone imagenet.keras`

    `emo-tf train emotic_context --set optimizer.learning_rate=5e-4 --set model.branches=body
    --run runs/body`

    `emo-tf train Attention_C --init runs/Global_Simple --init runs/Local`

    `emo-tf train expression_fer2013 --manual-dir ~/fer2013 --run runs/try --smoke`

    `emo-tf train video_tsm --manual-dir ~/fer2013 --init runs/expression_fer2013`

    `tensorboard --logdir runs`
    """
    steps = _steps(profile)
    with loading("train"):
        from emo_tf import configs
        from emo_tf.training.overrides import apply_overrides
        from emo_tf.training.run import Start, start_run
        from emo_tf.training.strategy import joined
    config = apply_overrides(configs.load(experiment, smoke=smoke), settings or [])
    start = Start(
        run_dir=run or Path("runs") / experiment,
        data_dir=data_dir,
        manual_dir=manual_dir,
        initial=tuple(init or ()),
        backbones={"scene": scene_backbone, "body": body_backbone},
        photographs=photographs,
        miniature=smoke,
    )
    with joined(strategy) as cluster, TrainingDisplay(shown=cluster.is_chief) as display:
        devices = cluster.strategy.num_replicas_in_sync
        where = f" on {devices} devices" if devices > 1 else ""
        display.say(
            f"Training {experiment} in {start.run_dir}: {counted(config.epochs, 'epoch')}{where}"
        )
        summary = start_run(
            config,
            start,
            cluster=cluster,
            say=display.say,
            report=display.epoch,
            progress=display.progress,
            graph=graph,
            profile=steps,
        )
        display.say(summary)


def _steps(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    first, colon, last = text.partition(":")
    if not (colon and first.isdigit() and last.isdigit() and int(first) <= int(last)):
        raise EmoError(f"--profile: expected FIRST:LAST, two steps such as 10:14. Received: {text}")
    return int(first), int(last)
