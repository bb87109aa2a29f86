"""Finds out what is to be exported."""

from collections.abc import Callable
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.emotic import emotic_exportable
from emo_tf.export.exportable import Exportable
from emo_tf.export.expression import expression_exportable
from emo_tf.export.group import group_exportable
from emo_tf.export.mtcnn import mtcnn_exportables
from emo_tf.export.run_files import read_run_files
from emo_tf.export.video import video_exportable

FACE_DETECTOR = "mtcnn"
"""What stands for the networks of the package of that name instead of a run."""

_BY_TASK: dict[str, Callable[..., Exportable]] = {
    "emotic": emotic_exportable,
    "expression": expression_exportable,
    "group": group_exportable,
    "video": video_exportable,
}


def read_exportables(
    run: Path, *, data_dir: Path | None = None, limit: int | None = None
) -> dict[str, Exportable]:
    """Reads what a run trained, or what stands in its place.

    Args:
        run: Folder of a run that has ended, a `.keras` file with its metadata, or `mtcnn`.
        data_dir: Where prepared data sets lie, if not where they lay for training.
        limit: Only the first so many examples to measure on.

    Returns:
        What to export by the name of its folder, which is empty for the one model of a run.

    Raises:
        EmoError: The run, the file or the data set cannot be read, or its model is of a task that
            is not exported.
    """
    if limit is not None and limit < 1:
        raise EmoError(f"limit: expected 1 or more. Received: {limit}")
    if str(run) == FACE_DETECTOR:
        return mtcnn_exportables()
    files = read_run_files(run)
    task = files.metadata.task
    if task not in _BY_TASK:
        *others, last = _BY_TASK
        raise EmoError(
            f"{files.path}: expected a model of task {', '.join(others)} or {last}. "
            f"Received: {files.metadata.name}, task {task}"
        )
    return {"": _BY_TASK[task](files, data_dir=data_dir, limit=limit)}
