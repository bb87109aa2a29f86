"""Writes small copies of the Group Affect Database for the tests."""

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from emo_tf.corpora.testing import encoded

from .published_faces import COORDINATES, CROPPED, FACE_FEATURES
from .source import LISTS, required_paths

PICTURES = (
    "train/Negative/neg_1.jpg",
    "train/Positive/pos_1.jpg",
    "val/Negative/neg_1.jpg",
    "val/Negative/neg_2.jpg",
    "val/Neutral/neu_1.jpg",
    "test/test_shared/test_1.jpg",
)
"""What a copy holds unless told otherwise; the folder train/Neutral is empty."""


def write_group_affect(
    folder: Path,
    *,
    files: Mapping[str, bytes | None] | None = None,
    lists: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """Writes a copy of the database.

    Args:
        folder: Where to.
        files: Files by path below `folder`, beside or instead of `PICTURES`; `None` for one of
            those to leave out.
        lists: Names by split, `val` or `eval`, each for a list file; no such file without.

    Returns:
        `folder`.
    """
    for (path,) in required_paths(folder):
        path.mkdir(parents=True)
    for name, data in (dict.fromkeys(PICTURES, encoded()) | dict(files or {})).items():
        if data is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    for split, names in (lists or {}).items():
        (folder / LISTS[split]).write_bytes(pickle.dumps(list(names), protocol=2))
    return folder


def write_published_faces(
    folder: Path,
    photo: str,
    *,
    boxes: np.ndarray,
    landmarks: np.ndarray,
    features: np.ndarray,
    cropped: Sequence[np.ndarray] | None = None,
    cropped_landmarks: np.ndarray | None = None,
) -> None:
    """Writes the faces of a photograph as the public PyTorch implementation does.

    Args:
        folder: Of the database.
        photo: Path below it.
        boxes: Corners and score, (F, 5).
        landmarks: x1 ... x5, y1 ... y5, (F, 10).
        features: (F, 256).
        cropped: F pictures for `CroppedFaces`; `None` for no such folder.
        cropped_landmarks: In the pixels of those, (F, 10).
    """
    files = {COORDINATES: {"a": boxes, "b": landmarks}, FACE_FEATURES: {"a": features}}
    if cropped is not None:
        pictures = cropped
        if isinstance(cropped, list):  # of several sizes
            pictures = np.empty(len(cropped), object)
            pictures[:] = cropped
        files[CROPPED] = {"a": pictures, "b": cropped_landmarks}
    for name, arrays in files.items():
        path = (folder / name / photo).with_suffix(".npz")
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **arrays)
