"""What several models said about pictures whose class is known, as one file."""

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.files import replace_whole
from emo_tf.groups.class_arrays import checked_classes
from emo_tf.labels import GROUP_EMOTIONS

_CLASSES = len(GROUP_EMOTIONS)
_TOLERANCE = 1e-3
_ARRAYS = ("logits", "probabilities", "labels", "models", "classes", "images")
_DAMAGE = (
    EOFError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What numpy and zipfile raise on bytes that make no sense, or on pickled objects."""


@dataclass(frozen=True, eq=False)
class ModelOutputs:
    """What M models said about N pictures whose class is known.

    Attributes:
        models: Names of the models.
        log_probabilities: Natural logarithms of shape (N, M, 3), finite, classes in the order of
            `labels.GROUP_EMOTIONS`; NaN in the row of a model that gave no verdict.
        labels: True class indices of shape (N,).
        source: Where they come from, for messages.
        named: Whether the names are the models' own; if not, they are `model 1` and so on.
    """

    models: tuple[str, ...]
    log_probabilities: np.ndarray
    labels: np.ndarray
    source: str
    named: bool = True

    @classmethod
    def read(cls, path: Path) -> "ModelOutputs":
        """Reads a `.npz` file; nothing in it is unpickled.

        It holds `labels` (N,) and either `logits` or `probabilities` (N, M, 3), NaN in the row of
        a model without a verdict, in `probabilities` alone. Texts may stand beside them: `models`
        (M,), `classes` (3,), which have to be those of `labels.GROUP_EMOTIONS` in that order, and
        `images` (N,).

        Raises:
            EmoError: The file is no such file, an array is missing, of another shape or type, or
                holds what cannot be; names file and array.
        """
        with in_place(str(path)):
            return _from_arrays(_read_arrays(Path(path)), source=str(path))

    @property
    def probabilities(self) -> np.ndarray:
        """Shape (N, M, 3), NaN in the row of a model that gave no verdict."""
        return np.exp(self.log_probabilities)

    def select(self, names: Sequence[str]) -> "ModelOutputs":
        """Returns the outputs of these models, in this order.

        Raises:
            EmoError: A model is unknown or named twice, or none is named.
        """
        with in_place(self.source):
            for name in names:
                if name not in self.models:
                    raise unknown_name("model", name, self.models)
            if not names or len(set(names)) != len(names):
                raise EmoError(f"models: expected names, each once. Received: {list(names)}")
        columns = [self.models.index(name) for name in names]
        return replace(
            self, models=tuple(names), log_probabilities=self.log_probabilities[:, columns]
        )

    def of_members(self, members: Sequence[str]) -> "ModelOutputs":
        """Returns the outputs in the order of an ensemble's members, and under their names.

        Models with names of their own are brought into that order, others are taken as they come.

        Raises:
            EmoError: A member is missing, or a model is none of them.
        """
        if not self.named:
            if len(self.models) != len(members):
                raise EmoError(
                    f"{self.source}: expected the {len(members)} models of the ensemble, "
                    f"{', '.join(members)}. Received: {len(self.models)} without names"
                )
            return replace(self, models=tuple(members))
        if set(self.models) != set(members):
            raise EmoError(
                f"{self.source}: expected the models of the ensemble, {', '.join(members)}. "
                f"Received: {', '.join(self.models)}"
            )
        return self.select(members)

    def complete(self) -> "ModelOutputs":
        """Returns the pictures on which every model gave a verdict.

        Raises:
            EmoError: There is none.
        """
        there = ~np.isnan(self.log_probabilities).any(axis=(1, 2))
        if not there.any():
            silent = np.isnan(self.log_probabilities).any(axis=2).sum(axis=0)
            raise EmoError(
                f"{self.source}: expected a picture on which every model gave a verdict. Received: "
                f"none, and most often none of {self.models[silent.argmax()]!r}"
            )
        return self.pictures(np.flatnonzero(there))

    def pictures(self, rows: np.ndarray) -> "ModelOutputs":
        """Returns the outputs on some of the pictures, given by their indices."""
        return replace(
            self, log_probabilities=self.log_probabilities[rows], labels=self.labels[rows]
        )


def write_outputs(
    path: Path,
    *,
    probabilities: np.ndarray,
    labels: np.ndarray,
    models: Sequence[str],
    images: Sequence[str],
) -> None:
    """Writes a file that `ModelOutputs.read` takes, whole or not at all.

    Args:
        path: The `.npz` file.
        probabilities: Shape (N, M, 3), NaN in the row of a model without a verdict.
        labels: True class indices of shape (N,).
        models: The M names.
        images: What the N pictures are called.

    Raises:
        EmoError: They are not what the file may hold.
    """
    arrays = {
        "probabilities": np.asarray(probabilities),
        "labels": np.asarray(labels),
        "models": np.array(models, str),
        "classes": np.array(GROUP_EMOTIONS),
        "images": np.array(images, str),
    }
    with in_place(str(path)):
        _from_arrays(arrays, source=str(path))
    # Through a stream, as numpy else adds an ending to a name that has another.
    with replace_whole(path) as part, part.open("wb") as stream:
        np.savez_compressed(stream, **arrays)


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    expected = "expected a .npz file of numbers and texts."
    try:
        with path.open("rb") as stream:
            if not zipfile.is_zipfile(stream):
                raise EmoError(f"{expected} Received: no zip")
            stream.seek(0)
            with np.load(stream, allow_pickle=False) as file:
                return {name: np.asarray(file[name]) for name in _ARRAYS if name in file.files}
    except EmoError:
        raise
    except FileNotFoundError as error:
        raise EmoError(f"{expected} Received: no such file") from error
    except _DAMAGE as error:
        raise EmoError(f"{expected} Received: {str(error)[:200]!r}") from error


def _from_arrays(arrays: Mapping[str, np.ndarray], *, source: str) -> ModelOutputs:
    """Makes outputs of arrays after a look at each."""
    if ("logits" in arrays) == ("probabilities" in arrays) or "labels" not in arrays:
        raise EmoError(
            "expected the array labels, and either logits or probabilities. "
            f"Received: {', '.join(arrays) or 'none of them'}"
        )
    name = "logits" if "logits" in arrays else "probabilities"
    scores, labels = arrays[name], arrays["labels"]
    if scores.dtype.kind not in "fiu" or scores.ndim != 3 or scores.shape[2] != _CLASSES:
        raise EmoError(
            f"{name}: expected numbers of shape (N, M, {_CLASSES}), pictures by models by classes. "
            f"Received: shape {scores.shape}, type {scores.dtype}"
        )
    count, models, _ = scores.shape
    if not count or not models:
        raise EmoError(f"{name}: expected a picture and a model. Received: shape {scores.shape}")
    if labels.dtype.kind not in "iu":
        raise EmoError(f"labels: expected whole numbers. Received: type {labels.dtype}")
    with in_place("labels"):
        labels = checked_classes(labels, count=count)
    classes = _texts(arrays, "classes", count=_CLASSES)
    if classes is not None and classes != GROUP_EMOTIONS:
        raise EmoError(
            f"classes: expected {', '.join(GROUP_EMOTIONS)} in this order. "
            f"Received: {', '.join(classes)}"
        )
    _texts(arrays, "images", count=count)
    names = _texts(arrays, "models", count=models)
    if names is not None and (len(set(names)) != models or not all(names)):
        raise EmoError(f"models: expected names, each once. Received: {list(names)}")
    logarithms = _of_logits if name == "logits" else _of_probabilities
    return ModelOutputs(
        models=names or tuple(f"model {number}" for number in range(1, models + 1)),
        log_probabilities=logarithms(scores.astype(float)),
        labels=labels,
        source=source,
        named=names is not None,
    )


def _texts(arrays: Mapping[str, np.ndarray], name: str, *, count: int) -> tuple[str, ...] | None:
    if name not in arrays:
        return None
    texts = arrays[name]
    if texts.dtype.kind != "U" or texts.shape != (count,):
        raise EmoError(
            f"{name}: expected texts of shape ({count},). "
            f"Received: shape {texts.shape}, type {texts.dtype}"
        )
    return tuple(texts.tolist())


def _of_logits(logits: np.ndarray) -> np.ndarray:
    _refuse("logits", logits, ~np.isfinite(logits).all(axis=2), expected="finite numbers")
    shifted = logits - logits.max(axis=2, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))


def _of_probabilities(probabilities: np.ndarray) -> np.ndarray:
    # Also false for what is not a number.
    sound = (probabilities >= 0).all(axis=2)
    sound &= np.abs(probabilities.sum(axis=2) - 1) <= _TOLERANCE
    silent = np.isnan(probabilities).all(axis=2)
    expected = "values of 0 to 1 that add up to 1, or NaN in the whole row"
    _refuse("probabilities", probabilities, ~(sound | silent), expected=expected)
    return np.log(np.maximum(probabilities, np.finfo(float).tiny))


def _refuse(name: str, values: np.ndarray, wrong: np.ndarray, *, expected: str) -> None:
    """Raises the error for the first picture and model that are wrong, shape (N, M)."""
    if wrong.any():
        picture, model = np.argwhere(wrong)[0]
        raise EmoError(
            f"{name}[{picture}, {model}]: expected {expected}. "
            f"Received: {values[picture, model].tolist()}"
        )
