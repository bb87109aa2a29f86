"""The folder of an evaluation: complete, or as it was before."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emo_tf.files import check_replaceable, replace_folder
from emo_tf.metrics.slice_files import is_slice_file

METRICS = "metrics.json"
ABLATION = "ablation.json"
CATEGORIES = "categories.csv"
THRESHOLDS = "thresholds.json"
VALIDATION_THRESHOLDS = "val_thresholds.npy"
PLOTS = "plots"

_NAMES = {METRICS, ABLATION, CATEGORIES, THRESHOLDS, VALIDATION_THRESHOLDS, PLOTS}
_MAT_FILE = re.compile(r".+_(cat|cont)_(preds|labels)\.mat")


def check_evaluation_folder(path: Path) -> None:
    """Checks that an evaluation can be written to a folder without a loss.

    Raises:
        EmoError: There is a file, or a folder that holds anything but an earlier evaluation.
    """
    check_replaceable(
        path,
        expected="a new or empty folder, or one of an earlier evaluation",
        known=lambda name: name in _NAMES or bool(_MAT_FILE.fullmatch(name)) or is_slice_file(name),
        mark=METRICS,
    )


@contextmanager
def evaluation_folder(path: Path) -> Iterator[Path]:
    """Yields a new folder that takes the name `path` once the block ends well.

    An evaluation that is there already is replaced then, and not touched before.

    Raises:
        EmoError: As `check_evaluation_folder`.
    """
    check_evaluation_folder(path)
    with replace_folder(path) as folder:
        yield folder
