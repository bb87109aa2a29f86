"""Options of `emo-tf predict` that are about videos."""

import re
from pathlib import Path
from typing import Annotated

import typer

from emo_tf.errors import EmoError

_PANEL = "Videos"
_MOMENT = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)", re.ASCII)

EveryOption = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Look at each Nth frame.", rich_help_panel=_PANEL),
]
FpsOption = Annotated[
    float | None,
    typer.Option(metavar="R", help="Look at R frames a second.", rich_help_panel=_PANEL),
]
StartOption = Annotated[
    str | None,
    typer.Option(metavar="T", help="Begin there: seconds or [h:]mm:ss.", rich_help_panel=_PANEL),
]
EndOption = Annotated[
    str | None,
    typer.Option(metavar="T", help="End before there.", rich_help_panel=_PANEL),
]
DetectEveryOption = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="Look for new faces in each Nth frame; known ones are followed in between.  "
        "[default: 5]",
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
SegmentsOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|-",
        help="Write JSON Lines, one object a stretch of a track with one expression.",
        rich_help_panel=_PANEL,
    ),
]
VttOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|-",
        help="Write labels of VTT's schema: for each track every half second its place and its "
        "expression.",
        rich_help_panel=_PANEL,
    ),
]
VttFramesOption = Annotated[
    str | None,
    typer.Option(
        "--vtt-frames",
        metavar="FILE|-",
        help="Write labels in VTT's older form: one a frame and track.",
        rich_help_panel=_PANEL,
    ),
]
PlotOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Write a picture there for each video: the probabilities of each track over time.",
        rich_help_panel=_PANEL,
    ),
]


def seconds_of(text: str | None, option: str) -> float | None:
    """Reads a moment of a video: `75`, `1:15` or `0:01:15.5`.

    Args:
        text: What was given; `None` stays.
        option: By which it was given, for messages.

    Returns:
        Seconds.

    Raises:
        EmoError: It is no moment.
    """
    if text is None:
        return None
    found = _MOMENT.fullmatch(text)
    parts = [float(part) for part in found.groups() if part is not None] if found else []
    if not found or any(part >= 60 for part in parts[1:]):
        raise EmoError(f"{option}: expected seconds or [h:]mm:ss. Received: {text}")
    return sum(part * 60**power for power, part in enumerate(reversed(parts)))
