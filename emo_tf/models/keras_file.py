"""`.keras` files that say themselves what the model in them takes and returns."""

import zipfile
from pathlib import Path

import keras

from emo_tf.errors import EmoError
from emo_tf.files import replace_whole
from emo_tf.model_metadata import FILE_NAME, ZIP_DAMAGE, ModelMetadata

SUFFIX = ".keras"


def check_path(path: Path) -> None:
    """Checks that a path is one for a Keras model.

    Raises:
        EmoError: It does not end in `.keras`, or a folder stands there.
    """
    if Path(path).suffix != SUFFIX:
        raise EmoError(f"{path}: expected a name that ends in {SUFFIX}. Received: {path}")
    if Path(path).is_dir():
        raise EmoError(f"{path}: expected a file. Received: a folder")


def save_model(model: keras.Model, path: Path, *, metadata: ModelMetadata) -> None:
    """Writes a model with its `emo_tf.json`, whole or not at all.

    Keras passes over the additional file, so `keras.models.load_model` reads the model too.

    Raises:
        EmoError: As `check_path`.
    """
    check_path(path)
    with replace_whole(path) as temporary:
        model.save(temporary)
        with zipfile.ZipFile(temporary, "a") as archive:
            archive.writestr(FILE_NAME, metadata.to_json())


def load_model(path: Path) -> tuple[keras.Model, ModelMetadata]:
    """Returns what `save_model` wrote: the model and its metadata.

    Raises:
        EmoError: The file is missing, is no Keras model or is one without `emo_tf.json`.
    """
    path = Path(path)
    if not path.is_file():
        raise EmoError(f"{path}: expected a Keras model. Received: no such file")
    metadata = ModelMetadata.read(path)
    try:
        return keras.models.load_model(path, compile=False), metadata
    except (*ZIP_DAMAGE, ValueError, TypeError, KeyError, AttributeError) as error:
        raise EmoError(f"{path}: expected a Keras model that loads. Received: {error}") from error
