"""The folder of an evaluation of verdicts on groups: complete, or as it was before."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.files import check_replaceable, read_object, replace_folder
from emo_tf.groups.group_evaluation import GroupVerdicts
from emo_tf.groups.model_outputs import write_outputs
from emo_tf.groups.scene_tables import write_confusion
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.metrics.slice_files import is_slice_file
from emo_tf.runtime.group_model import ENSEMBLE

FORMAT = "emo_tf group evaluation"
METRICS = "metrics.json"
PREDICTIONS = "predictions.csv"
CONFUSION = "confusion.csv"
OUTPUTS = "outputs.npz"
PICTURES = ("confusion.png", "reliability.png", "accuracy.png")
"""Names of the figures: the confusion counts, the reliability diagram, sources side by side."""

_NAMES = {METRICS, PREDICTIONS, CONFUSION, OUTPUTS, *PICTURES}


def check_group_evaluation_folder(path: Path) -> None:
    """Checks that an evaluation can be written to a folder without a loss.

    Raises:
        EmoError: There is a file, or a folder that holds anything but an earlier evaluation.
    """
    expected = "a new or empty folder, or one of an earlier `emo-tf evaluate group`"
    something = check_replaceable(
        path,
        expected=expected,
        known=lambda name: name in _NAMES or is_slice_file(name),
        mark=METRICS,
    )
    if something and read_object(Path(path) / METRICS).get("format") != FORMAT:
        raise EmoError(
            f"{path}: expected {expected}. Received: one whose {METRICS} is of something else"
        )


@contextmanager
def group_evaluation_folder(path: Path) -> Iterator[Path]:
    """Yields a new folder that takes the name `path` once the block ends well.

    An evaluation that is there already is replaced then, and not touched before.

    Raises:
        EmoError: As `check_group_evaluation_folder`.
    """
    check_group_evaluation_folder(path)
    with replace_folder(path) as folder:
        yield folder


def write_evaluation(
    folder: Path, verdicts: GroupVerdicts, *, images: Sequence[str], metrics: Mapping[str, object]
) -> None:
    """Writes metrics, predictions, the faces' confusion counts and the outputs of all sources.

    The counts, which `emo-tf scenes fit` takes, are left out where some class has no face. The
    outputs, which `emo-tf ensemble fit` takes, hold no ensemble, as none can be a part of another.

    Args:
        folder: A folder that is there.
        verdicts: The verdicts.
        images: What to call each picture.
        metrics: What `evaluate_group` returned, and what else is to stand there.
    """
    text = json.dumps({"format": FORMAT, **metrics}, indent=1, ensure_ascii=False)
    # A name that is no valid UTF-8 becomes \udc80 and the like.
    (folder / METRICS).write_text(text + "\n", "utf-8", "backslashreplace")
    _write_predictions(folder / PREDICTIONS, verdicts, images=images)
    faces = np.array(metrics["sources"]["faces"]["confusion"])
    if faces.any(axis=1).all():
        write_confusion(folder / CONFUSION, faces)
    members = [index for index, name in enumerate(verdicts.sources) if name != ENSEMBLE]
    write_outputs(
        folder / OUTPUTS,
        probabilities=verdicts.probabilities[:, members],
        labels=verdicts.actual,
        models=[verdicts.sources[index] for index in members],
        images=list(images),
    )


def _write_predictions(path: Path, verdicts: GroupVerdicts, *, images: Sequence[str]) -> None:
    """Writes a row a picture: its verdict, and the label that each source gives it."""
    tops = [f"{source}_label" for source in verdicts.sources]
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(
            ("image", "actual", "label", *GROUP_EMOTIONS, "source", "faces", *tops, "reason")
        )
        for index, (image, result) in enumerate(zip(images, verdicts.results, strict=True)):
            followed = verdicts.followed[index]
            table.writerow(
                (
                    image,
                    GROUP_EMOTIONS[verdicts.actual[index]],
                    _label(followed),
                    *("" if np.isnan(p) else round(float(p), 6) for p in followed),
                    result.group.source if result.group else "",
                    len(result.faces),
                    *map(_label, verdicts.probabilities[index]),
                    result.reason or "",
                )
            )


def _label(distribution: np.ndarray) -> str:
    """Returns the top class of shape (3,), an empty text without a verdict."""
    return "" if np.isnan(distribution).all() else GROUP_EMOTIONS[distribution.argmax()]
