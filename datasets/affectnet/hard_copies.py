"""Writes small copies of AffectNet for the tests, with whatever oddity a test is about."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from emo_tf.corpora.testing import encoded

from .annotations import COLUMNS

LANDMARKS = ";".join(f"{value / 2:.2f}" for value in range(136))
"""The points (0, 0.5), (1, 1.5) and so on."""


def row(path: str = "1/a.jpg", **changes: object) -> dict[str, object]:
    """Returns the cells of a happy face with a box of 20 x 30 pixels at (10, 5)."""
    usual = (path, 10, 5, 20, 30, LANDMARKS, 1, 0.5, -0.25)
    return dict(zip(COLUMNS, usual, strict=True)) | changes


def no_face(path: str = "1/none.jpg", **changes: object) -> dict[str, object]:
    """Returns the cells of a picture without a face."""
    null = dict.fromkeys(COLUMNS[1:6], "NULL")
    return row(path, **null, expression=10, valence=-2, arousal=-2) | changes


def write_table(path: Path, rows: Iterable[Mapping[str, object]], *, header: bool = True) -> Path:
    """Writes a CSV file of rows."""
    rows = list(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        if header:
            table.writerow(rows[0])
        table.writerows(one.values() for one in rows)
    return path


def write_affectnet(
    folder: Path,
    *,
    train: Iterable[Mapping[str, object]] = (),
    validation: Iterable[Mapping[str, object]] = (),
    images: Mapping[str, bytes | None] | None = None,
) -> Path:
    """Writes a copy of AffectNet; the table of validation has no header.

    Args:
        folder: Where to.
        train: Rows, one happy face where there are none.
        validation: Likewise.
        images: Files by path, `None` for one to leave out; the others are JPEGs of `pixels()`.

    Returns:
        `folder`.
    """
    splits = {
        "training": list(train) or [row()],
        "validation": list(validation) or [row("2/b.jpg")],
    }
    for name, rows in splits.items():
        write_table(folder / f"{name}.csv", rows, header=name == "training")
        for one in rows:
            path = str(one["subDirectory_filePath"])
            data = (images or {}).get(path, encoded())
            if data is not None:
                place = folder / "Manually_Annotated_Images" / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
    return folder
