"""Whether a model file does what it was given for."""

from collections.abc import Sequence
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.model_metadata import ModelMetadata

ARGUMENTS = {
    "expression": "expression_model",
    "video": "videos",
    "emotic": "context_model",
    "group": "group_models",
}
"""As what the `Analyzer` takes models of a task, or what else they are for."""


def check_task(path: Path, metadata: ModelMetadata, *, task: str, labels: Sequence[str]) -> None:
    """Checks that a model is of a task and knows its labels, in whatever order.

    Args:
        path: The model file, for messages.
        metadata: What the file says about the model.
        task: The task.
        labels: All labels of the task.

    Raises:
        EmoError: The model is of another task, or has other labels.
    """
    if metadata.task != task:
        hint = ARGUMENTS.get(metadata.task)
        raise EmoError(
            f"{path}: expected a model of task {task}. Received: {metadata.task}"
            + (f", which is for {hint}" if hint else "")
        )
    if sorted(metadata.labels) != sorted(labels):
        raise EmoError(
            f"{path}: expected the labels {', '.join(labels)}. "
            f"Received: {', '.join(metadata.labels) or 'none'}"
        )
