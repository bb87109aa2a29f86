"""The folder of an evaluation: complete, or as it was before."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.files import replace_folder

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
    path = Path(path)
    expected = f"{path}: expected a new or empty folder, or one of an earlier evaluation."
    if path.exists() and not path.is_dir():
        raise EmoError(f"{expected} Received: a file")
    names = sorted(item.name for item in path.iterdir()) if path.exists() else []
    strange = [name for name in names if name not in _NAMES and not _MAT_FILE.fullmatch(name)]
    if strange or (names and METRICS not in names):
        raise EmoError(f"{expected} Received: one that holds {(strange or names)[0]}")


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
