"""What people said of figures: which tell most, and why a bar is missed."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REMARKS = Path(__file__).parent / "remarks.toml"


@dataclass(frozen=True)
class Telling:
    """A figure for those who read no more than ten.

    Attributes:
        text: What it is, in a few words.
        row: `what` of its row.
        peer: Name of the peer whose figure is a row of its own, or "".
        peer_row: `what` of that row.
    """

    text: str
    row: str
    peer: str = ""
    peer_row: str = ""


@dataclass(frozen=True)
class Remarks:
    """All remarks.

    Attributes:
        telling: The most telling figures, in the order to print.
        missed: Why a bar is missed, by `what` of its row.
    """

    telling: Sequence[Telling]
    missed: Mapping[str, str]


def read_remarks(path: Path = REMARKS) -> Remarks:
    """Reads the remarks of a TOML file, a list `telling` and a table `missed`."""
    said = tomllib.loads(path.read_text("utf-8"))
    return Remarks([Telling(**one) for one in said["telling"]], said["missed"])
