"""Makes the examples of the data set from the faces that RAF-DB lists."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from emo_tf.corpora.boxes import Corners, UnusableError, box_features, cut_box, read_picture
from emo_tf.corpora.report import LeftOut

from .face_files import box_round, read_box, read_landmarks
from .label_lists import LabelledFace, list_path

MISSING_BOX = "missing box"
MISSING_LANDMARKS = "missing landmarks"


def examples_of(
    face: LabelledFace, *, folder: Path, kind: str
) -> Iterator[tuple[str, dict[str, object]] | LeftOut]:
    """Yields key and example of a face that can be used, or why it cannot.

    Args:
        face: Of the set's list.
        folder: Of the set.
        kind: One of `label_lists.SETS`.

    Raises:
        EmoError: A file of annotations cannot be understood.
    """
    try:
        found = face.stem, _example_of(face, folder, kind)
    except UnusableError as problem:
        table = list_path(Path(kind), kind).as_posix()
        found = LeftOut(problem.reason, f"{table}, {face}: {problem}")
    yield found


def _example_of(face: LabelledFace, folder: Path, kind: str) -> dict[str, object]:
    picture = read_picture(folder / "Image" / "original" / face.name)
    box, landmarks = (_box_by_landmarks if kind == "multi" else _annotated_box)(face, folder)
    example = {
        "image": picture.encoded,
        "filename": face.name,
        **box_features(cut_box(box, picture), picture, dtype=np.float32),
        "landmarks": landmarks,
        "distribution": np.array(face.distribution, np.float32),
    }
    return example if face.label is None else example | {"label": face.label}


def _annotated_box(face: LabelledFace, folder: Path) -> tuple[Corners, np.ndarray]:
    box = folder / "Annotation" / "boundingbox" / f"{face.stem}_boundingbox.txt"
    if not box.exists():
        raise UnusableError(MISSING_BOX, f"no {box.name}")
    points = folder / "Annotation" / "manual" / f"{face.stem}_manu_attri.txt"
    landmarks = read_landmarks(points) if points.exists() else np.empty((0, 2), np.float32)
    return read_box(box), landmarks


def _box_by_landmarks(face: LabelledFace, folder: Path) -> tuple[Corners, np.ndarray]:
    points = folder / "Annotation" / "manual" / f"{face.stem}_manu_ldmk.txt"
    if not points.exists():
        raise UnusableError(MISSING_LANDMARKS, f"no {points.name}")
    landmarks = read_landmarks(points)
    return box_round(landmarks), landmarks
