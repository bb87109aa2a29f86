"""Labelled photographs of faces, cut out as FER2013 cuts them."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.errors import EmoError, unknown_name
from emo_tf.labels import EXPRESSIONS
from emo_tf.results import Face
from emo_tf.runtime.close_up import find_faces
from emo_tf.runtime.face_align import crop_face
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.image_io import read_image

# Where the five landmarks lie in FER2013, as shares of the picture's side: medians over the faces
# that the detector finds in 500 of its training pictures, made symmetric. A photograph's face is
# cut out so that its landmarks fall there: it then looks like what the model was trained on.
FER2013_CROP = {
    "preset": "similarity",
    "template": [[0.315, 0.382], [0.685, 0.382], [0.5, 0.585], [0.345, 0.77], [0.655, 0.77]],
}


@dataclass(frozen=True, eq=False)
class Photographs:
    """Labelled photographs with the largest face found in each.

    Attributes:
        images: Upright RGB pictures, uint8 of shape (H, W, 3) each.
        labels: Places in `labels.EXPRESSIONS`, int32 of shape (N,).
        faces: The largest face of each picture, or `None` where none was found.
        ids: `<class>/<file>` of each.
    """

    images: tuple[np.ndarray, ...]
    labels: np.ndarray
    faces: tuple[Face | None, ...]
    ids: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> "Photographs":
        """Reads `<class>/<file>` from a folder or a zip, sorted, and finds the faces.

        Raises:
            EmoError: There is no such folder or zip, a class is unknown or a picture unreadable.
        """
        detector = FaceDetector()
        images, labels, faces, ids = [], [], [], []
        for name, content in _pictures(Path(path)):
            expression = name.split("/")[0]
            if expression not in EXPRESSIONS:
                raise unknown_name(f"class of {path}: {name}", expression, EXPRESSIONS)
            image = read_image(content, name=f"{path}: {name}")
            found = find_faces(detector, image)
            images.append(image)
            labels.append(EXPRESSIONS.index(expression))
            faces.append(max(found, key=_area) if found else None)
            ids.append(name)
        return cls(tuple(images), np.array(labels, np.int32), tuple(faces), tuple(ids))

    def __len__(self) -> int:
        return len(self.images)

    @property
    def has_face(self) -> np.ndarray:
        """Whether a face was found, bool of shape (N,)."""
        return np.array([face is not None for face in self.faces], bool)

    def crops(
        self, crop: dict, *, size: tuple[int, int] = (48, 48), colour: str = "grey"
    ) -> LabelledFaces:
        """Cuts the faces out of the pictures that have one, in their order.

        Args:
            crop: How, as in a model's metadata.
            size: Height and width of the crops.
            colour: `rgb` or `grey`.
        """
        chosen = np.flatnonzero(self.has_face)
        crops = [
            crop_face(self.images[i], self.faces[i], crop, size=size, colour=colour) for i in chosen
        ]
        return LabelledFaces(
            images=np.stack(crops),
            labels=self.labels[chosen],
            ids=tuple(self.ids[i] for i in chosen),
        )


def _area(face: Face) -> float:
    return face.box_xywh[2] * face.box_xywh[3]


def _pictures(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yields `<class>/<file>` and the bytes of each picture."""
    if path.is_dir():
        for picture in sorted(path.glob("*/*")):
            yield picture.relative_to(path).as_posix(), picture.read_bytes()
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if not name.endswith("/"):
                    yield name, archive.read(name)
    except (OSError, zipfile.BadZipFile) as error:
        raise EmoError(
            f"{path}: expected a folder or a zip of <class>/<picture>. Received: {error}"
        ) from error
