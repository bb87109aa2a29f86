"""Makes the examples of the data set from the rows of AffectNet."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from emo_tf.corpora.boxes import UnusableError, box_features, cut_box, read_picture
from emo_tf.corpora.report import LeftOut
from emo_tf.labels import AFFECTNET_EXPRESSIONS, EXPRESSIONS

from .annotations import NOT_RATED, Row

REASONS_OF_CODES = {8: "expression none", 9: "expression uncertain", 10: "no face"}
NO_BOX = "no face box"
NO_RATING = "no valence or arousal"


def examples_of(
    row: Row, *, images: Path, table: str
) -> Iterator[tuple[str, dict[str, object]] | LeftOut]:
    """Yields key and example of a row that can be used, or why it cannot.

    Args:
        row: Of the table.
        images: The folder of pictures.
        table: Name of the file that the row stands in.
    """
    try:
        found = f"{row.line:06d}", _example_of(row, images)
    except UnusableError as problem:
        found = LeftOut(problem.reason, f"{table}, {row}: {problem}")
    yield found


def _example_of(row: Row, images: Path) -> dict[str, object]:
    if row.code in REASONS_OF_CODES:
        reason = REASONS_OF_CODES[row.code]
        raise UnusableError(reason, f"{reason}, code {row.code}")
    if row.box_xywh is None:
        raise UnusableError(NO_BOX, "box is NULL")
    if NOT_RATED in (row.valence, row.arousal):
        detail = f"valence {row.valence:g}, arousal {row.arousal:g}"
        raise UnusableError(NO_RATING, detail)
    picture = read_picture(images / row.path)
    x, y, width, height = row.box_xywh
    corners = cut_box([round(value) for value in (x, y, x + width, y + height)], picture)
    expression = AFFECTNET_EXPRESSIONS[row.code]
    return {
        "image": picture.encoded,
        "filename": row.path,
        **box_features(corners, picture, dtype=np.int32),
        "landmarks": row.landmarks_xy,
        "expression": expression,
        "expression7": expression if expression in EXPRESSIONS else -1,
        "valence": row.valence,
        "arousal": row.arousal,
    }
