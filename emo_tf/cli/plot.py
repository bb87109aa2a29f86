"""`emo-tf plot`: the curves of training as a picture."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from emo_tf.cli.workshop import loading
from emo_tf.errors import EmoError

PICTURE = Path("plots") / "training.png"


def plot(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help=f"The picture.  [default: RUN/{PICTURE}]"),
    ] = None,
) -> None:
    """Draw how loss, validation figures and learning rate changed in training.

    A run need not have ended; one that was stopped and went on is drawn as a whole. Several runs
    are drawn into the same panels, each in a colour of its own.

    **Examples**

    `emo-tf plot runs/expression_fer2013`

    `emo-tf plot runs/video_static runs/video_tsm --out compared.png`
    """
    out = _target(runs, out)
    with loading("plot"):
        from emo_tf.plots import save_figure, training_curves_figure
        from emo_tf.training.logged_curves import read_logged_curves
    logged = {name: read_logged_curves(run) for name, run in _named(runs).items()}
    units = {name: "epoch" if one.in_epochs else "step" for name, one in logged.items()}
    if len(set(units.values())) > 1:
        unfinished = next(name for name, unit in units.items() if unit == "step")
        raise EmoError(
            f"{unfinished}: expected an epoch that has ended, as the other runs have. "
            "Received: none so far"
        )
    figure = training_curves_figure(
        {name: one.curves for name, one in logged.items()}, unit=next(iter(units.values()))
    )
    save_figure(figure, out)
    print(f"Wrote {out}")


def _target(runs: Sequence[Path], out: Path | None) -> Path:
    if out is None:
        if len(runs) > 1:
            raise EmoError("--out: expected the picture of several runs. Received: nothing")
        return runs[0] / PICTURE
    if out.suffix.lower() != ".png":
        raise EmoError(f"--out: expected a file that ends in .png. Received: {out}")
    if out.is_dir():
        raise EmoError(f"--out: expected a file. Received: {out}, which is a folder")
    return out


def _named(runs: Sequence[Path]) -> dict[str, Path]:
    """Names each run once by its folder, or by its path where folders have the same name."""
    different = {run.resolve(): run for run in runs}
    often = Counter(path.name for path in different)
    return {
        path.name if often[path.name] == 1 else str(run): run for path, run in different.items()
    }
