"""Faces in memory as clips of a still."""

import contextlib
from contextlib import AbstractContextManager

import numpy as np
import tensorflow as tf

from emo_tf.data.clip_changes import standing
from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clip_records import face_of
from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.data.tuning import without_autograph


class StillFaces:
    """Faces that stand still; a `ClipSource`.

    Args:
        faces: Grey or RGB, with labels in the order of `EXPRESSIONS`.
        inputs: What a model takes; whole faces are given this size and colour.
        name: In messages.

    Attributes:
        name: As given.
        inputs: As given.
        count: How many there are.
    """

    def __init__(self, faces: LabelledFaces, *, inputs: ClipInputs, name: str = "faces"):
        self.name, self.inputs, self.count = name, inputs, len(faces)
        self._labels = faces.labels
        self._images = tf.constant(_fitted(faces.images, inputs))

    def labels(self) -> np.ndarray:
        """Returns the label of each, int32 (N,)."""
        return self._labels

    def chosen(self, places: np.ndarray, lots: np.ndarray) -> tf.data.Dataset:
        """Returns stills one by one; see `ClipSource`.

        Args:
            places: Which stills, shape (N,).
            lots: Left alone: a still is what it is.
        """

        @without_autograph
        def gather(place: tf.Tensor, label: tf.Tensor) -> dict[str, tf.Tensor]:
            still = {"clip": self._images[place][None], "label": label}
            return standing(still, frames=self.inputs.frames)

        chosen = tf.data.Dataset.from_tensor_slices((places, self._labels[places]))
        return chosen.map(gather, num_parallel_calls=1)

    def errors_named(self) -> AbstractContextManager:
        """Returns a context that changes nothing: there is no file to read."""
        return contextlib.nullcontext()


def _fitted(images: np.ndarray, inputs: ClipInputs) -> np.ndarray:
    if images.shape[1:] == inputs.shape[1:]:
        return images
    fitted = [face_of(np.repeat(i, 3 // i.shape[-1], axis=-1), (), inputs) for i in images]
    return np.stack(fitted) if fitted else np.zeros((0, *inputs.shape[1:]), np.uint8)
