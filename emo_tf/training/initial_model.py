"""A model whose weights another starts from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import keras

from emo_tf.errors import EmoError
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.keras_file import load_model
from emo_tf.training.run_files import finished_model


@dataclass(frozen=True)
class InitialModel:
    """A model whose weights another starts from.

    Attributes:
        path: Its file.
        model: The model.
        metadata: What it takes and returns.
    """

    path: Path
    model: keras.Model
    metadata: ModelMetadata

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads a `.keras` file, or what a run that has ended has trained.

        Raises:
            EmoError: There is neither.
        """
        path = existing(path)
        path = finished_model(path) if path.is_dir() else path
        return cls(path, *load_model(path))


def existing(path: Path) -> Path:
    """Returns a path where a run or a model lies.

    Raises:
        EmoError: There is none.
    """
    path = Path(path)
    if not path.exists():
        raise EmoError(f"{path}: expected a run or a model to start from. Received: none")
    return path
