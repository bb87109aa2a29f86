"""The faces of a photograph out of the files of the public PyTorch implementation.

`FaceCoordinates`, `FaceFeatures` and `CroppedFaces` hold one `.npz` a photograph, in folders as
those of the photographs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from emo_tf.errors import EmoError

from .faces import FEATURES, LANDMARKS, FoundFace, crops_of
from .unpickling import load_arrays

COORDINATES, FACE_FEATURES, CROPPED = "FaceCoordinates", "FaceFeatures", "CroppedFaces"


@dataclass(frozen=True)
class PublishedFaces:
    """The three folders of files.

    Attributes:
        manual_dir: The folder that holds them.
        cropped: Whether `CroppedFaces` is there: aligned crops are then made from those faces, as
            published, else from the photograph.
    """

    manual_dir: Path
    cropped: bool

    def read(self, photo: str, pixels: np.ndarray) -> list[FoundFace]:
        """Returns the faces of a photograph, in the order of the files.

        Args:
            photo: Path below `manual_dir`: `train/Positive/pos_1.jpg`.
            pixels: The photograph, upright RGB, uint8 (H, W, 3).

        Raises:
            EmoError: A file is missing, damaged, or does not fit the others.
        """
        path, coordinates = self._load(COORDINATES, photo)
        boxes = _rows(coordinates, "a", columns=5, path=path)
        landmarks = _rows(coordinates, "b", columns=2 * LANDMARKS, path=path)
        features_path, arrays = self._load(FACE_FEATURES, photo)
        features = _rows(arrays, "a", columns=FEATURES, path=features_path)
        for other, found in ((path, landmarks), (features_path, features)):
            if len(found) != len(boxes):
                raise EmoError(
                    f"{other}: expected {len(boxes)} faces, as {path} has boxes. "
                    f"Received: {len(found)}"
                )
        points = _points(landmarks)
        crops = (
            self._cropped(photo, faces=len(boxes))
            if self.cropped
            else [(pixels, face) for face in points]
        )
        return [
            FoundFace(
                _box_in(box, pixels.shape), float(box[4]), face, seen, crops_of(picture, inside)
            )
            for box, face, seen, (picture, inside) in zip(
                boxes, points, features, crops, strict=True
            )
        ]

    def _cropped(self, photo: str, *, faces: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Returns the cut-out faces, each with the landmarks in its pixels."""
        path, arrays = self._load(CROPPED, photo)
        if not faces:
            return []
        pictures = list(_array(arrays, "a", path=path))
        points = _points(_rows(arrays, "b", columns=2 * LANDMARKS, path=path))
        if not len(pictures) == len(points) == faces:
            raise EmoError(
                f"{path}: expected {faces} faces, as {COORDINATES} has boxes. "
                f"Received: {len(pictures)}, {len(points)} of them with landmarks"
            )
        for place, picture in enumerate(pictures):
            if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
                raise EmoError(
                    f"{path}, face {place}: expected uint8 (H, W, 3). "
                    f"Received: {picture.dtype} {picture.shape}"
                )
        return list(zip(pictures, points, strict=True))

    def _load(self, folder: str, photo: str) -> tuple[Path, dict[str, np.ndarray]]:
        whole = PurePosixPath(photo).with_suffix(".npz")
        split, *_, name = whole.parts
        candidates = [self.manual_dir / folder / path for path in (whole, f"{split}/{name}")]
        path = next(filter(Path.exists, candidates), None)
        if path is None:
            raise EmoError(f"{candidates[0]}: expected the faces of {photo}. Received: no file")
        return path, load_arrays(path)


def find_published(manual_dir: Path, photos: Iterable[str]) -> PublishedFaces | None:
    """Returns the published faces, `None` where there are none of them.

    Args:
        manual_dir: The folder that may hold them.
        photos: Paths of the photographs below it; single files may be missing, not all of `test`.

    Raises:
        EmoError: There is one of `FaceCoordinates` and `FaceFeatures` without the other, or none of
            the faces of `train`, `val` or `test`.
    """
    there = [name for name in (COORDINATES, FACE_FEATURES, CROPPED) if (manual_dir / name).is_dir()]
    if not there:
        return None
    parts = sorted({PurePosixPath(photo).parts[0] for photo in photos})
    for name in dict.fromkeys([COORDINATES, FACE_FEATURES, *there]):
        for folder in (manual_dir / name, *(manual_dir / name / part for part in parts)):
            if not folder.is_dir():
                raise EmoError(
                    f"{folder}: expected a folder, as {manual_dir / there[0]} is there; without "
                    f"{COORDINATES}, {FACE_FEATURES} and {CROPPED} the faces are looked for anew. "
                    "Received: no folder"
                )
    return PublishedFaces(manual_dir, cropped=CROPPED in there)


def _array(arrays: dict[str, np.ndarray], name: str, *, path: Path) -> np.ndarray:
    if name not in arrays:
        raise EmoError(f"{path}: expected an array {name}. Received: {', '.join(arrays) or 'none'}")
    return arrays[name]


def _rows(arrays: dict[str, np.ndarray], name: str, *, columns: int, path: Path) -> np.ndarray:
    """Returns one row a face, float32 (F, columns); F is 0 where the array says that none is."""
    array = _array(arrays, name, path=path)
    if array.dtype.kind in "fiu":
        # No face is written as an empty array or as one zero.
        if array.size == 0 or (array.shape == (1,) and not array.any()):
            return np.empty((0, columns), np.float32)
        if array.ndim == 2 and array.shape[1] == columns:
            return array.astype(np.float32)
    raise EmoError(
        f"{path}, array {name}: expected numbers of shape (faces, {columns}). "
        f"Received: {array.dtype} {array.shape}"
    )


def _points(landmarks: np.ndarray) -> np.ndarray:
    """Returns `[x, y]` a landmark, (F, 5, 2), of rows x1 ... x5, y1 ... y5."""
    return landmarks.reshape(-1, 2, LANDMARKS).transpose(0, 2, 1)


def _box_in(corners: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    height, width = shape[:2]
    x1, y1, x2, y2 = np.clip(corners[:4], 0, [width, height, width, height])
    return np.array([x1, y1, x2 - x1, y2 - y1], np.float32)
