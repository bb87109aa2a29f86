"""Groups in pictures as the trainer's task: three classes, from the picture, its faces or both."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.group_inputs import GroupInputs
from emo_tf.data.group_pictures import GroupPictures
from emo_tf.data.valence_groups import ValenceGroups
from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.group_metadata import group_metadata
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_predictions import (
    GroupPredictions,
    GroupPredictor,
    packed_form,
    picture_logits,
)
from emo_tf.training.precision import precision_of
from emo_tf.training.reports import Validation
from emo_tf.training.split_task import SplitTask
from emo_tf.training.strategy import Cluster
from emo_tf.training.summaries import Summaries

EMOTIC = "emotic"
HELD_OUT = "eval"
"""Split that neither trains nor chooses anything, where a data set has it."""

_CLASSES = len(GROUP_EMOTIONS)


class GroupTask(SplitTask):
    """Trains and validates a model of groups; see `training.task.Task`.

    A model that takes crops of faces is trained and measured in its packed form: the faces of all
    pictures one after another, so that none is computed that is not there.

    Args:
        experiment: What to train and how.
        dataset: The prepared data set.
        cluster: The devices.
        cache_dir: Where pictures are kept if they are cached on disk.

    Raises:
        EmoError: The data cannot be had as the experiment asks.
    """

    def __init__(
        self,
        experiment: GroupExperiment,
        dataset: tfds.core.DatasetBuilder,
        *,
        cluster: Cluster,
        cache_dir: Path | None = None,
    ):
        self.experiment = experiment
        self._cluster = cluster
        self.inputs = group_inputs(group_metadata(self.build(), name=experiment.name))
        self.any_length = bool(self.inputs.faces) and experiment.unit == "pictures"
        self._check_experiment()

        self._dataset, self._cache_dir = dataset, cache_dir
        self.training = self._read(experiment.train_split, unit=experiment.unit)
        self.validation = self._read(experiment.validation_split)
        self.steps = self.training.steps(drop_remainder=experiment.drop_remainder)
        self._class_weights = tf.constant(self._weights_of_classes(), tf.float32)
        self._cross_entropy = keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=experiment.label_smoothing, reduction="sum"
        )
        self._predictor: tuple[keras.Model, GroupPredictor] | None = None

    def measured(self) -> dict[str, GroupPictures]:
        """Returns the splits that tell what the model is worth, by name, validation first."""
        splits = {self.experiment.validation_split: self.validation}
        if HELD_OUT in self._dataset.info.splits and HELD_OUT not in splits:
            splits[HELD_OUT] = self._read(HELD_OUT)
        return splits

    def _read(self, split: str, *, unit: str = "pictures") -> GroupPictures:
        return read_split(
            self._dataset,
            split,
            inputs=self.inputs,
            batch_size=self.experiment.batch_size,
            unit=unit,
            settings=self.experiment.data,
            share=self._cluster.share,
            cache_dir=self._cache_dir,
        )

    def _check_experiment(self) -> None:
        experiment = self.experiment
        if experiment.unit == "faces" and (not self.inputs.faces or self.inputs.image_size):
            raise EmoError(
                "unit: expected pictures, as the model is not one of faces alone. Received: 'faces'"
            )
        if self.any_length and experiment.accumulation > 1:
            raise EmoError(
                "accumulation: expected 1, as the faces of pictures differ in number. "
                f"Received: {experiment.accumulation}"
            )

    def _weights_of_classes(self) -> np.ndarray:
        """Returns what an example of each class weighs, shape (3,), 1 on average."""
        if not self.experiment.balanced:
            return np.ones(_CLASSES)
        counts = np.bincount(self.training.labels(), minlength=_CLASSES)
        present = np.count_nonzero(counts)
        return counts.sum() / (present * np.maximum(counts, 1))

    def to_train(self, model: keras.Model) -> keras.Model:
        return self._packed(model)

    def _packed(self, model: keras.Model) -> keras.Model:
        return packed_form(model, self.experiment.model, self.experiment.model_arguments)

    def totals(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {"examples": tf.cast(tf.shape(batch["label"])[0], tf.float32)}

    def losses(
        self, model: keras.Model, batch: Mapping[str, tf.Tensor], totals: Mapping[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        labels = batch["label"]
        if self.experiment.unit == "faces":
            inputs = {**batch, "labels": labels}
            logits = model({name: inputs[name] for name in model.input}, training=True)["logits"]
        else:
            logits = picture_logits(model, batch, training=True)
        weights = tf.gather(self._class_weights, labels)
        loss = self._cross_entropy(tf.one_hot(labels, _CLASSES), logits, sample_weight=weights)
        hits = tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), labels)
        accuracy = tf.reduce_sum(tf.cast(hits, tf.float32)) / totals["examples"]
        return loss / totals["examples"], {"accuracy": accuracy}

    def predict(self, model: keras.Model, pictures: GroupPictures) -> GroupPredictions:
        """Predicts the pictures of a split over all devices; the same on every worker.

        Args:
            model: The model.
            pictures: The split.

        Raises:
            EmoError: A file is missing or damaged, or a picture in it cannot be decoded.
        """
        if self._predictor is None or self._predictor[0] is not model:
            strategy = self._cluster.strategy
            with strategy.scope(), precision_of(self.experiment):
                packed = self._packed(model)
            self._predictor = model, GroupPredictor(model, packed, strategy=strategy)
        with pictures.errors_named():
            return self._predictor[1](pictures, advance=self._cluster.alive)

    def validate(self, model: keras.Model) -> Validation:
        predictions = self.predict(model, self.validation)
        report = predictions.report()
        figures = {
            "validation/accuracy": predictions.accuracy,
            "validation/loss": report.get("verdicts", {}).get("negative_log_likelihood", np.nan),
        }
        score = predictions.accuracy if self.experiment.keep == "accuracy" else None
        return Validation(score=score, figures=figures, detail=predictions)

    def summarise(self, summaries: Summaries, validation: Validation, *, step: int) -> None:
        predictions: GroupPredictions = validation.detail
        for name, figure in predictions.figures(self.experiment.validation_split).items():
            summaries.figure(name, figure, step=step)


def group_inputs(metadata: ModelMetadata) -> GroupInputs:
    """Returns what a model of groups is to be shown.

    Args:
        metadata: What it takes, in the form that is saved.
    """
    image, crops = (metadata.inputs.get(name) for name in ("image", "faces"))
    features = metadata.arrays.get("face_features")
    alignment = metadata.crop.get("preset")
    size = (crops.height, crops.width) if crops else None
    return GroupInputs(
        image_size=(image.height, image.width) if image else None,
        faces=crops.faces if crops else 0,
        alignment=alignment,
        face_size=size if alignment == "box" else None,
        features=features.shape[0] if features else 0,
    )


def read_split(
    dataset: tfds.core.DatasetBuilder, split: str, **options: object
) -> GroupPictures | ValenceGroups:
    """Returns a split of groups; of EMOTIC, its people as if each were one.

    Args:
        dataset: The prepared data set.
        split: Name of a split of it.
        **options: As for `GroupPictures`.
    """
    kind = ValenceGroups if dataset.name == EMOTIC else GroupPictures
    return kind(dataset, split, **options)
