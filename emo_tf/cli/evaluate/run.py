"""`emo-tf evaluate --run`: a run measured on what it was not trained on."""

from pathlib import Path
from typing import Annotated

import typer

from emo_tf.cli.evaluate.slice_columns import (
    AttributesOption,
    MinSliceOption,
    SliceColumns,
    SlicesOption,
)
from emo_tf.cli.workshop import loading
from emo_tf.errors import EmoError
from emo_tf.metrics.slices import FEWEST


def run_callback(
    context: typer.Context,
    run: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="Folder of a run of EMOTIC, groups or videos that has ended.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            help="Split of the run's data set, such as `val`.  [default: one that nothing was "
            "chosen on: EMOTIC's `test`, `eval` of groups, FER2013's `public_test`; what validated "
            "where there is none]",
            show_default=False,
        ),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="Where prepared data sets lie.  [default: where they lay for training]",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            file_okay=False, help="Folder for the results.  [default: RUN/evaluation/SPLIT]"
        ),
    ] = None,
    ablate: Annotated[
        bool,
        typer.Option(
            "--ablate",
            help="Of EMOTIC: silence the scene, then the body, and compare: B, I and B+I.",
        ),
    ] = False,
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            file_okay=False,
            metavar="RUN",
            help="Another run to compare with, of EMOTIC one trained on other branches; may be "
            "repeated.",
        ),
    ] = None,
    slices: SlicesOption = None,
    attributes: AttributesOption = None,
    min_slice: MinSliceOption = FEWEST,
) -> None:
    """Measure a run, or with the command `group` verdicts on pictures of people.

    With `--run` of EMOTIC: average precision of each category, valence, arousal, dominance. The
    threshold of each category is where precision equals recall on the validation split. The
    folder of the results holds `metrics.json`, `categories.csv`, `thresholds.json`,
    `val_thresholds.npy`, predictions and labels as `SPLIT_{cat,cont}_{preds,labels}.mat`, and
    `plots/`; with `--ablate` or `--beside` also `ablation.json`.

    With `--run` of groups: accuracy, balanced accuracy, log loss and expected calibration error
    (ECE) with 95 % intervals, and the confusion counts. The folder holds `metrics.json`,
    `predictions.csv`, `outputs.npz` (for `ensemble fit`), and with matplotlib `confusion.png`,
    `reliability.png` and `accuracy.png`.

    With `--run` of videos: accuracy, mean recall, log loss and ECE of the decisions on clips and of
    their last frames, and the confusion counts. The folder holds `metrics.json`.

    With `--slices` also the figures of the examples apart by what they share, with 95 % intervals,
    and the largest gaps; in the folder `slices.json`, `slices.csv` and a picture a column.

    The folder is complete, or as it was before.

    `--ablate` shows what a model of body and scene uses: one branch says the same for everybody,
    its mean. `--beside` shows what can be learnt from one branch alone, as Kosti et al. 2020 do; of
    groups it measures several runs on the same pictures and joins what they say in `outputs.npz`.

    **Examples**

    `emo-tf evaluate --run runs/emotic_context`

    `emo-tf evaluate --run runs/emotic_context --split val --out look`

    `emo-tf evaluate --run runs/emotic_context --ablate`

    `emo-tf evaluate --run runs/emotic_context --beside runs/body --beside runs/scene`

    `emo-tf evaluate --run runs/emotic_context --slices gender --slices age`

    `emo-tf evaluate --run runs/video_tsm`

    `emo-tf evaluate --run runs/Attention_C --beside runs/Average --split val --out outputs`

    `emo-tf evaluate group pictures/val`
    """
    _check_choice(context, run)
    if context.invoked_subcommand is not None:
        return
    with loading("evaluate"):
        from emo_tf.cli.evaluate.emotic import evaluate_emotic
        from emo_tf.cli.evaluate.group_run import evaluate_group_run
        from emo_tf.cli.evaluate.video import evaluate_video_run
        from emo_tf.training.run_files import task_of
    columns = SliceColumns.chosen(slices, attributes=attributes, min_slice=min_slice)
    task = task_of(run)
    if task == "video":
        for option, given in (("--ablate", ablate), ("--beside", beside)):
            if given:
                raise EmoError(f"{option}: expected none for a run of videos. Received: {run}")
        evaluate_video_run(run, split=split, data_dir=data_dir, out=out, slices=columns)
        return
    if task != "group":
        evaluate_emotic(
            run,
            split=split,
            data_dir=data_dir,
            out=out,
            ablate=ablate,
            beside=beside or (),
            slices=columns,
        )
        return
    if ablate:
        raise EmoError(f"{run}: expected a run of EMOTIC for --ablate. Received: one of groups")
    evaluate_group_run(
        run, split=split, data_dir=data_dir, out=out, beside=beside or (), slices=columns
    )


def _check_choice(context: typer.Context, run: Path | None) -> None:
    """Checks that either a run is named or a command, whose options stand behind it."""
    command = context.invoked_subcommand
    if run is None and command is None:
        raise EmoError(
            "Missing option '--run'. Expected --run RUN, for a run that has ended, or `group DIR`, "
            "for pictures of people. Received: neither"
        )
    given = [
        name
        for name in context.params
        if command is not None and context.get_parameter_source(name).name == "COMMANDLINE"
    ]
    if given:
        raise EmoError(
            f"{command}: expected its options behind it, and none of a run. "
            f"Received: --{given[0].replace('_', '-')} before it"
        )
