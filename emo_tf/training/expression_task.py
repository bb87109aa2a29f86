"""Faces with an expression as the trainer's task."""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from emo_tf import models
from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.data.pipeline import training_batches
from emo_tf.data.sharing import Share
from emo_tf.errors import EmoError
from emo_tf.metrics.classification import negative_log_likelihood
from emo_tf.softmax import softmax
from emo_tf.training.expression_config import ExpressionExperiment
from emo_tf.training.reports import Validation
from emo_tf.training.summaries import Summaries


def predict_logits(model: keras.Model, images: np.ndarray, *, batch_size: int = 256) -> np.ndarray:
    """Returns logits of shape (N, C) for uint8 images of shape (N, H, W, 1).

    Args:
        model: The model.
        images: Grey pixels, 0 to 255.
        batch_size: Pictures that are looked at together.
    """
    parts = [
        model(images[start : start + batch_size], training=False).numpy()
        for start in range(0, len(images), batch_size)
    ]
    return np.concatenate(parts)


class ExpressionTask:
    """Trains a classifier of images that fit into memory; see `training.task.Task`.

    Args:
        experiment: What to train and how.
        faces: Training images, uint8 (N, H, W, 1), and their labels.
        held_out: Those that choose the epoch to keep.
        share: Which part of each batch this process and its devices take.

    Raises:
        EmoError: There are fewer images than a batch, a batch does not divide among the devices,
            or no image is held out.
    """

    any_length = False

    def __init__(
        self,
        experiment: ExpressionExperiment,
        faces: LabelledFaces,
        held_out: LabelledFaces,
        *,
        share: Share = Share(),  # noqa: B008 (frozen)
    ):
        self.experiment = experiment
        self._share = share
        self._images = tf.constant(faces.images[: experiment.limit])
        self._labels = tf.constant(faces.labels[: experiment.limit], tf.int32)
        self._held_out = held_out
        if len(self._images) < experiment.batch_size:
            raise EmoError(
                f"training images: expected at least one batch of {experiment.batch_size}. "
                f"Received: {len(self._images)}"
            )
        if experiment.batch_size % share.all_replicas:
            raise EmoError(
                f"batch_size: expected a multiple of the {share.all_replicas} devices. "
                f"Received: {experiment.batch_size}"
            )
        if len(held_out) == 0:
            raise EmoError("held-out images: expected at least one. Received: none")
        self.steps = len(self._images) // experiment.batch_size
        self._cross_entropy = keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=experiment.label_smoothing, reduction="sum"
        )

    def build(self) -> keras.Model:
        return models.create(self.experiment.model, **self.experiment.model_arguments)

    def to_train(self, model: keras.Model) -> keras.Model:
        return model

    def batches(self, epoch: int, first_step: int) -> tf.data.Dataset:
        pairs = training_batches(
            self._images,
            self._labels,
            batch_size=self.experiment.batch_size,
            epoch=epoch,
            seed=self.experiment.seed,
            settings=self.experiment.augmentation,
            side=self.experiment.resolution(epoch),
            first_step=first_step,
        )
        batches = pairs.map(lambda images, labels: {"image": images, "label": labels})
        if self._share.all_replicas == 1:
            return batches
        rows = self._share.rows(self.experiment.batch_size)
        first, last = rows[0].start, rows[-1].stop
        ours = batches.map(lambda batch: {name: value[first:last] for name, value in batch.items()})
        return ours.unbatch().batch(len(rows[0]), drop_remainder=True)

    def totals(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {"images": tf.cast(tf.shape(batch["label"])[0], tf.float32)}

    def losses(
        self, model: keras.Model, batch: Mapping[str, tf.Tensor], totals: Mapping[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        logits = model(batch["image"], training=True)
        targets = tf.one_hot(batch["label"], logits.shape[-1])
        hits = tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), batch["label"])
        loss = self._cross_entropy(targets, logits) / totals["images"]
        return loss, {"accuracy": tf.reduce_sum(tf.cast(hits, tf.float32)) / totals["images"]}

    def validate(self, model: keras.Model) -> Validation:
        logits = predict_logits(model, self._held_out.images)
        labels = self._held_out.labels
        accuracy = float((logits.argmax(axis=1) == labels).mean())
        figures = {
            "held_out_accuracy": accuracy,
            "held_out_nll": negative_log_likelihood(softmax(logits), labels),
        }
        return Validation(score=accuracy, figures=figures)

    def cost(self, epoch: int) -> float:
        return float(self.experiment.resolution(epoch) ** 2)

    def note(self, epoch: int) -> str:
        return f"{self.experiment.resolution(epoch)}px"

    def summarise(self, summaries: Summaries, validation: Validation, *, step: int) -> None:
        """Writes nothing: the figures say it all."""
