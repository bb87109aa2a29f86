"""The models that come with the package, each a `.tflite` file with its model card."""

from pathlib import Path

from emo_tf.errors import unknown_name

_FOLDER = Path(__file__).parent


def weight_names() -> tuple[str, ...]:
    """Returns the names of the shipped models, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.tflite")))


def weight_path(name: str) -> Path:
    """Returns the file of a shipped model.

    Args:
        name: The file's name without `.tflite`, e.g. `"mtcnn_onet"`.

    Raises:
        EmoError: No such model is shipped; the message lists those that are.
    """
    if name not in weight_names():
        raise unknown_name("shipped model", name, weight_names())
    return _FOLDER / f"{name}.tflite"
