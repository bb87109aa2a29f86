"""Faces with their labels, in memory."""

from dataclasses import dataclass

import numpy as np

from emo_tf.errors import EmoError


@dataclass(frozen=True, eq=False)
class LabelledFaces:
    """Faces of one size with the label and the name of each.

    Attributes:
        images: Pixels 0 to 255, uint8 of shape (N, height, width, channels).
        labels: Places in the data set's list of classes, int32 of shape (N,).
        ids: What the data set calls each face, N of them.
    """

    images: np.ndarray
    labels: np.ndarray
    ids: tuple[str, ...]

    def __post_init__(self):
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise EmoError(
                "images: expected uint8 of shape (N, height, width, channels). "
                f"Received: {self.images.dtype} of shape {self.images.shape}"
            )
        if self.labels.shape != (len(self.images),) or self.labels.dtype != np.int32:
            raise EmoError(
                f"labels: expected int32 of shape ({len(self.images)},). "
                f"Received: {self.labels.dtype} of shape {self.labels.shape}"
            )
        if len(self.ids) != len(self.images):
            raise EmoError(f"ids: expected {len(self.images)}. Received: {len(self.ids)}")

    def __len__(self) -> int:
        return len(self.images)

    def where(self, mask: np.ndarray) -> "LabelledFaces":
        """Returns the faces that `mask`, bool of shape (N,), marks, in their order."""
        (chosen,) = np.nonzero(mask)
        return LabelledFaces(
            images=self.images[chosen],
            labels=self.labels[chosen],
            ids=tuple(self.ids[index] for index in chosen),
        )


def balanced_repeats(labels: np.ndarray, *, repeats: int, most: int = 8) -> np.ndarray:
    """Returns indices that repeat examples so that their classes weigh about alike.

    Args:
        labels: Class indices of shape (N,).
        repeats: How often each example of the largest class occurs.
        most: Examples of smaller classes occur more often, at most by this factor: a handful of
            pictures of a rare class is not worth a seventh of everything.

    Returns:
        Indices into `labels`, sorted.
    """
    counts = np.bincount(labels)
    factors = np.minimum(most, counts.max() / np.maximum(counts, 1))
    return np.repeat(np.arange(len(labels)), np.round(repeats * factors).astype(int)[labels])
