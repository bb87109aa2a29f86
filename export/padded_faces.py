"""Faces of pictures as model files take them: as many places a picture, those left over black."""

from collections.abc import Mapping

import numpy as np

FACE_MASK = "face_mask"
"""The input that says which places hold a face: 1, then 0."""

OF_FACES = ("faces", "face_features")
"""The inputs with a place a face behind the batch."""


def first_places(counts: np.ndarray, places: int) -> np.ndarray:
    """Returns the mask of so many faces a picture.

    Args:
        counts: Faces of each picture, shape (B,).
        places: Places of each, F.

    Returns:
        float32 (B, F), 1 in the first places, 0 in the others.
    """
    return (np.arange(places) < np.asarray(counts)[:, None]).astype(np.float32)


def pad_faces(faces: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Puts faces that lie one after another into the places of their pictures.

    Args:
        faces: Faces of all pictures, those of the first before those of the second, (N, ...). What
            comes behind the last that the mask asks for is left out.
        mask: Which places hold a face, (B, F) of 0 and 1.

    Returns:
        Of the type of `faces`, (B, F, ...), zeros where there is none.
    """
    is_face = mask > 0
    padded = np.zeros((*mask.shape, *faces.shape[1:]), faces.dtype)
    padded[is_face] = faces[: is_face.sum()]
    return padded


def with_faces_only(inputs: Mapping[str, np.ndarray], mask: np.ndarray) -> dict[str, np.ndarray]:
    """Returns inputs of a model with this mask, zeros where there is no face.

    Args:
        inputs: Inputs by name, (B, ...).
        mask: Which places hold a face, (B, F) of 0 and 1.
    """
    kept = {
        name: pad_faces(values[mask > 0], mask)
        for name, values in inputs.items()
        if name in OF_FACES
    }
    return {**inputs, **kept, FACE_MASK: mask}
