"""`emo-tf scenes label`: what pictures show, by a scene classifier or by Google Vision."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from emo_tf.cli.output import STANDARD_OUTPUT, check_targets
from emo_tf.cli.progress import progress_bar
from emo_tf.cli.scenes.keys import keyed_pictures
from emo_tf.cli.wording import counted
from emo_tf.errors import EmoError, in_place
from emo_tf.runtime import google_labels, scene_labeller
from emo_tf.runtime.google_labels import GoogleLabeller, ServiceError
from emo_tf.runtime.image_io import read_image
from emo_tf.runtime.picture_model import PIXELS, USUAL_PIXELS
from emo_tf.runtime.scene_labeller import SceneLabeller
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork

SOME_FAILED = 1


def label(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Pictures, folders, or quoted patterns such as `'a/**/*.jpg'`.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="The labels to write.")],
    model: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.tflite",
            help="A scene classifier: one of ours, of task `scene`, or one that other tools wrote.",
            show_default=False,
        ),
    ] = None,
    google: Annotated[
        bool,
        typer.Option(
            "--google",
            help="Ask Google's Cloud Vision instead. The pictures leave the machine, and calls "
            "cost money. Needs `pip install 'emo_tf[vision]'` and credentials.",
        ),
    ] = False,
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.txt",
            help="With a model of other tools: its classes, one a line.  [default: the label file "
            "in the model]",
            show_default=False,
        ),
    ] = None,
    top: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many labels a picture gets at most.")
    ] = scene_labeller.TOP,
    min_score: Annotated[
        float | None,
        typer.Option(
            metavar="S",
            help="Smallest score of a label, 0 to 1.  [default: "
            f"{scene_labeller.MIN_SCORE:g}; with `--google` {google_labels.MIN_SCORE:g}]",
            show_default=False,
        ),
    ] = None,
    pixels: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(PIXELS),
            help="Range of the pixels that a float32 model of other tools takes.  "
            f"[default: {USUAL_PIXELS}]",
            show_default=False,
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Threads for the model, all cores by default."),
    ] = None,
    network: Annotated[
        Path | None,
        typer.Option(
            metavar="NET.json",
            help="Check first that this network knows the model's labels.",
            show_default=False,
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Label pictures anew that FILE.json holds already.")
    ] = False,
) -> None:
    """Write down what pictures show, as the labels that a scene network takes.

    The file is `{"day/pos_1.jpg": ["team", "trophy"], ...}`: paths below the folder given, or file
    names, with labels in lower case by falling score. Pictures that are in it already are passed
    over, by that path, so one file is for one album. A run that is stopped, by Ctrl-C or by the
    service, writes what it has; the same command goes on.

    A model of other tools takes one picture (1, H, W, 3), uint8 or float32, and gives one score a
    class. Scores outside of 0 to 1 go through a softmax; those within are left as they are. The
    usual spellings of Places365 and ImageNet become plain words: `/a/airfield 0` is airfield,
    `n01440764 tench, Tinca tinca` is tench.

    A picture that cannot be read is named and makes the exit code 1; the others are still done.

    **Examples**

    `emo-tf scenes label album/ --model places365.tflite --labels categories.txt --out labels.json`

    `emo-tf scenes label 'album/**/*.jpg' --model scenes.tflite --min-score 0.1 --out labels.json`

    `emo-tf scenes label album/ --google --out labels.json`
    """
    _check_labeller(
        model=model,
        google=google,
        others={
            "--labels": labels,
            "--pixels": pixels,
            "--threads": threads,
            "--network": network,
        },
    )
    pictures, errors = keyed_pictures(sources)
    files = [model, labels, network, *map(Path, pictures.values())]
    _check_out(out, inputs={path for path in files if path is not None})
    before = SceneLabels.read(out).by_picture if out.exists() else {}
    new = {key: path for key, path in pictures.items() if again or key not in before}
    settings = {"top": top} | ({} if min_score is None else {"min_score": min_score})
    if google:
        labeller = GoogleLabeller(**settings)
    else:
        labeller = SceneLabeller(model, labels=labels, pixels=pixels, threads=threads, **settings)
    if network is not None:
        SceneNetwork.read(network).check_vocabulary(labeller.vocabulary, source=str(model))
    labelling = _label(labeller, new)
    found = labelling.found
    if found:
        SceneLabels({**before, **found}).write(out)
    errors += labelling.errors
    print(_summary(found, passed_over=len(pictures) - len(new), failed=len(errors)))
    if found:
        print(f"wrote {out}")
    if found and not any(found.values()):
        print(
            "emo-tf: warning: no picture has a label; a smaller --min-score lets more through",
            file=sys.stderr,
        )
    for error in errors:
        print(f"emo-tf: {' '.join(error.split())}", file=sys.stderr)
    if labelling.stopped is not None:
        rest = len(new) - len(found) - len(labelling.errors)
        left = f"stopped with {counted(rest, 'picture')} left; the same command goes on"
        print(f"emo-tf: {left}", file=sys.stderr)
        if isinstance(labelling.stopped, KeyboardInterrupt):
            raise labelling.stopped
        print(f"emo-tf: error: {' '.join(str(labelling.stopped).split())}", file=sys.stderr)
    if errors or labelling.stopped is not None:
        raise typer.Exit(SOME_FAILED)


def _check_labeller(
    *, model: Path | None, google: bool, others: Mapping[str, object | None]
) -> None:
    """Checks that one labeller was named, with options of its own alone."""
    if google == (model is not None):
        raise EmoError(
            "--model, --google: expected one of them, a scene classifier or the service. "
            f"Received: {'both' if google else 'neither'}"
        )
    given = [name for name, value in others.items() if value is not None]
    if google and given:
        raise EmoError(f"{given[0]}: expected only with --model. Received: --google")


def _check_out(out: Path, *, inputs: set[Path]) -> None:
    """Checks where the labels are to go before calls cost anything."""
    if str(out) == STANDARD_OUTPUT:
        raise EmoError(f"--out: expected a file. Received: {out}")
    check_targets({"--out": str(out)}, inputs=inputs)
    folder = next(parent for parent in out.absolute().parents if parent.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise EmoError(f"--out: expected a place that can be written to. Received: {out}")


@dataclass
class _Labelling:
    """What came of pictures.

    Attributes:
        found: Their labels by key.
        errors: Why others could not be labelled.
        stopped: What ended it before its time.
    """

    found: dict[str, tuple[str, ...]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    stopped: KeyboardInterrupt | ServiceError | None = None


def _label(labeller: SceneLabeller | GoogleLabeller, pictures: Mapping[str, str]) -> _Labelling:
    """Labels pictures, given as paths by key, one after the other."""
    done = _Labelling()
    try:
        with progress_bar(Console(file=sys.stdout), len(pictures)) as advance:
            for key, path in pictures.items():
                try:
                    image = read_image(path)
                    with in_place(path):
                        done.found[key] = labeller.label(image)
                except EmoError as error:
                    done.errors.append(str(error))
                advance()
    except (KeyboardInterrupt, ServiceError) as stopped:
        done.stopped = stopped
    return done


def _summary(found: Mapping[str, tuple[str, ...]], *, passed_over: int, failed: int) -> str:
    parts = [f"{counted(len(found), 'picture')} labelled"]
    without = sum(not its_labels for its_labels in found.values())
    for number, what in (
        (without, "without a label"),
        (passed_over, "labelled before"),
        (failed, "failed"),
    ):
        if number:
            parts.append(f"{number} {what}")
    return ", ".join(parts)
