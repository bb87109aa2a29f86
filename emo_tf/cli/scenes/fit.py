"""`emo-tf scenes fit`: from tables, or from labelled pictures, to a scene network."""

import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from emo_tf.cli.output import check_targets
from emo_tf.cli.scenes.album import Album, look_at_faces
from emo_tf.cli.scenes.tuning import TuningPictures
from emo_tf.errors import EmoError
from emo_tf.groups.scene_fit import SMOOTHING, TEMPER, fit_network, published_network
from emo_tf.groups.scene_tables import SceneCounts, read_confusion
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork

SOME_FAILED = 1


def fit(
    out: Annotated[Path, typer.Option(metavar="NET.json", help="The network to write.")],
    counts: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="How often each label was seen in pictures of each class: columns `label`, "
            "`positive`, `negative`, `neutral`; the last row, `total`, counts the pictures.",
            show_default=False,
        ),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Pictures in folders named after their classes, at any depth.",
            show_default=False,
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="JSON",
            help='With `--images`: their scene labels, `{"pos_1.jpg": ["team", ...], ...}`.',
            show_default=False,
        ),
    ] = None,
    confusion: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="How often the faces' verdict was each class: column `actual` and one for each "
            "predicted class. With `--images` the faces are looked at where it is not given.",
            show_default=False,
        ),
    ] = None,
    smoothing: Annotated[
        float | None,
        typer.Option(
            metavar="S",
            help=f"Added to every count, so that none is zero.  [default: {SMOOTHING:g}]",
            show_default=False,
        ),
    ] = None,
    temper: Annotated[
        float | None,
        typer.Option(
            metavar="T",
            help="Exponent of the label evidence, above 0 up to 1: labels that go together are "
            f"no news each.  [default: {TEMPER:g}]",
            show_default=False,
        ),
    ] = None,
    absent: Annotated[
        bool | None,
        typer.Option(
            "--absent/--no-absent",
            help="Whether labels that a picture lacks are evidence.  [default: no-absent]",
            show_default=False,
        ),
    ] = None,
    published: Annotated[
        bool,
        typer.Option(
            "--published",
            help="As Garg 2019: zeros set to 1e-4, absent labels as evidence, the top class of "
            "the faces alone, no temper. Takes no other setting.",
        ),
    ] = False,
    tune_labels: Annotated[
        Path | None,
        typer.Option(
            metavar="JSON",
            help="Scene labels of other pictures than those counted, on which to choose "
            "smoothing and temper; with `--tune-faces`.",
            show_default=False,
        ),
    ] = None,
    tune_faces: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="Columns `image`, `actual`, `cnn` of the pictures to choose on, as `scenes "
            "evaluate` takes them.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make a network that joins the labels of a scene with the verdict of the faces in it.

    From tables (`--counts`, `--confusion`), or from labelled pictures in folders named `negative`,
    `neutral` and `positive` in any case (`--images`, `--labels`): labels are counted by class, and
    the shipped model looks at the faces unless there is a `--confusion`. A picture that cannot be
    read is named and makes the exit code 1; its labels count, its faces do not.

    With `--tune-labels` and `--tune-faces` smoothing and temper are those of the least log loss
    on these pictures, and the figures printed are out of fold: those of each fifth by the settings
    chosen on the other four.

    **Examples**

    `emo-tf scenes fit --counts label_counts.csv --confusion confusion.csv --out net.json`

    `emo-tf scenes fit --counts label_counts.csv --confusion confusion.csv --published
    --out published.json`

    `emo-tf scenes fit --images train/ --labels train_labels.json --out net.json`

    `emo-tf scenes fit --images train/ --labels train_labels.json --tune-labels val_labels.json
    --tune-faces val_faces.csv --out net.json`
    """
    files = {
        "--counts": counts,
        "--images": images,
        "--labels": labels,
        "--confusion": confusion,
        "--tune-labels": tune_labels,
        "--tune-faces": tune_faces,
    }
    given = {name: path for name, path in files.items() if path is not None}
    chosen = {"--smoothing": smoothing, "--temper": temper, "--absent": absent}
    settings = {name: value for name, value in chosen.items() if value is not None}
    _check_files(given)
    _check_settings(settings, published=published, tuned=tune_labels is not None)
    check_targets({"--out": str(out)}, inputs=set(given.values()))
    album = Album.find(images, SceneLabels.read(labels)) if images else None
    if album:
        tables = SceneCounts.of_pictures(album.labels, album.classes, source=str(labels))
    else:
        tables = SceneCounts.read(counts)
    faces = read_confusion(confusion) if confusion else None
    settings = {
        "smoothing": SMOOTHING if smoothing is None else smoothing,
        "temper": TEMPER if temper is None else temper,
        "absent": bool(absent),
    }
    # What cannot be used is told before pictures are looked at, which may take hours.
    trial = fit_network(tables, np.ones((3, 3)), **settings)
    tuning = TuningPictures.read(tune_labels, tune_faces, network=trial) if tune_labels else None
    errors = album.errors if album else ()
    if faces is None:
        table = look_at_faces(album, Console(file=sys.stdout))
        faces, errors = table.confusion, (*errors, *table.errors)
    selection = tuning.choose(tables, faces, absent=settings["absent"]) if tuning else None
    if selection:
        settings |= {"smoothing": selection.smoothing, "temper": selection.temper}
    if published:
        network = published_network(tables, faces)
    else:
        network = fit_network(tables, faces, **settings)
    try:
        network.save(out)
    except OSError as error:
        raise EmoError(f"{out}: cannot be written ({error.strerror})") from error
    for line in _material(tables, faces, album=album):
        print(line)
    print(_how(network, smoothing=None if published else settings["smoothing"]))
    if selection:
        print(tuning.summary(selection))
    print(f"Wrote {out}")
    for error in errors:
        print(f"emo-tf: {error}", file=sys.stderr)
    if errors:
        raise typer.Exit(SOME_FAILED)


def _check_files(given: Collection[str]) -> None:
    """Checks which files were given together.

    Raises:
        EmoError: One lacks its partner, or two exclude each other.
    """
    sources = [name for name in ("--counts", "--images") if name in given]
    if len(sources) != 1:
        raise EmoError(
            "--counts, --images: expected one of them. "
            f"Received: {' and '.join(sources) or 'neither'}"
        )
    for option, partner in (
        ("--counts", "--confusion"),
        ("--images", "--labels"),
        ("--labels", "--images"),
        ("--tune-labels", "--tune-faces"),
        ("--tune-faces", "--tune-labels"),
    ):
        if option in given and partner not in given:
            raise EmoError(f"{option}: expected {partner} too. Received: {option} alone")


def _check_settings(given: Collection[str], *, published: bool, tuned: bool) -> None:
    """Checks which settings were given together.

    Raises:
        EmoError: Some were given that are to be as published, or to be chosen.
    """
    others = [*given, *(["--tune-labels"] if tuned else [])]
    if published and others:
        raise EmoError(f"--published: expected no other setting. Received: {', '.join(others)}")
    fixed = [name for name in given if name != "--absent"]
    if tuned and fixed:
        raise EmoError(
            "--tune-labels: expected smoothing and temper to be chosen. "
            f"Received: {', '.join(fixed)} too"
        )


def _material(tables: SceneCounts, faces: np.ndarray, *, album: Album | None) -> Iterator[str]:
    """Yields what the network was made of."""
    yield f"Labels of {tables.source}: {len(tables.labels):,}"
    yield f"Pictures: {_by_class(tables.totals)}"
    yield f"Verdicts of faces: {_by_class(faces.sum(axis=1))}"
    if album and album.without_class:
        yield f"Pictures in folders of no class, left out: {album.without_class:,}"
    if album and album.without_entry:
        yield f"Pictures without an entry, left out: {album.without_entry:,}"


def _by_class(numbers: np.ndarray) -> str:
    return ", ".join(f"{n:,} {name}" for n, name in zip(numbers, GROUP_EMOTIONS, strict=True))


def _how(network: SceneNetwork, *, smoothing: float | None) -> str:
    """Returns a line on the settings of a network; without smoothing it is the published one."""
    absent = "are evidence" if network.absent else "say nothing"
    zeros = "zeros as published" if smoothing is None else f"smoothing {smoothing:g}"
    faces = ", the top class of the faces alone" if network.hard_faces else ""
    return f"Settings: {zeros}, temper {network.temper:g}, absent labels {absent}{faces}"
