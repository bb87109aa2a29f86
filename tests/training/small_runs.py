"""The trainer on faces that are small enough to be drawn in the middle of a test."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.training.expression_config import ExpressionExperiment
from emo_tf.training.expression_task import ExpressionTask
from emo_tf.training.trainer import Trainer


def labelled(images: np.ndarray, labels: np.ndarray) -> LabelledFaces:
    """Returns faces with their labels and numbers for names."""
    ids = tuple(map(str, range(len(images))))
    return LabelledFaces(images=images, labels=np.asarray(labels, np.int32), ids=ids)


def make_trainer(
    experiment: ExpressionExperiment, folder: Path, faces: Sequence[np.ndarray], **options: object
) -> Trainer:
    """Returns a trainer of `faces`: images, labels, held-out images, held-out labels."""
    images, labels, held_out_images, held_out_labels = faces
    task = ExpressionTask(
        experiment, labelled(images, labels), labelled(held_out_images, held_out_labels)
    )
    return Trainer(task, folder, **options)
