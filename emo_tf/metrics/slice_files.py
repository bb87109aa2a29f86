"""The files that figures of slices are written to."""

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path

from emo_tf.metrics.slices import SliceCell, Sliced

SLICES = "slices.json"
CELLS = "slices.csv"

_PICTURE = "slices_{}.png"
_STRANGE = re.compile(r"[^\w.-]+")


def slices_picture(column: str) -> str:
    """Returns what the picture of the slices by a column is called."""
    return _PICTURE.format(_STRANGE.sub("_", column))


def is_slice_file(name: str) -> bool:
    """Returns whether a file of that name is one that figures of slices are written to."""
    return name in (SLICES, CELLS) or bool(re.fullmatch(_PICTURE.format(r"[\w.-]+"), name))


def write_slices(folder: Path, slices: Sequence[Sliced]) -> None:
    """Writes `slices.json`, and `slices.csv` with a row for each figure of each slice.

    Args:
        folder: A folder that is there.
        slices: Those by each column.
    """
    text = json.dumps([one.to_dict() for one in slices], indent=1, ensure_ascii=False)
    (folder / SLICES).write_text(text + "\n", "utf-8", "backslashreplace")
    path = folder / CELLS
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(("column", *(field.name for field in fields(SliceCell))))
        # A cell is empty where there is no number.
        table.writerows((one.column, *astuple(cell)) for one in slices for cell in one.cells)
