"""People in scenes as the trainer's task: categories, valence, arousal and dominance."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf import models
from emo_tf.data.people import People
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.losses import (
    WeightedSquaredError,
    batch_counts,
    category_loss,
    score_kind,
    vad_loss,
)
from emo_tf.models.context_fusion import branch_sizes
from emo_tf.training.emotic_config import EmoticExperiment
from emo_tf.training.emotic_predictions import EmoticPredictions, with_labels
from emo_tf.training.replicas import Gathered
from emo_tf.training.reports import Validation
from emo_tf.training.split_task import SplitTask
from emo_tf.training.strategy import Cluster
from emo_tf.training.summaries import Summaries

VALIDATION_SPLIT = "val"
EXAMPLES = 6
"""People whom TensorBoard shows."""


class EmoticTask(SplitTask):
    """Trains and validates an EMOTIC model; see `training.task.Task`.

    The loss is the weighted sum of the categories' and of VAD's. Where the categories' loss weighs
    by how often each label occurs in the batch, the whole batch counts, whatever devices and parts
    it is spread over.

    Args:
        experiment: What to train and how.
        dataset: The prepared data set.
        cluster: The devices.
        cache_dir: Where crops are kept if they are cached on disk.

    Raises:
        EmoError: The data or a loss cannot be had as the experiment asks.
    """

    any_length = False

    def __init__(
        self,
        experiment: EmoticExperiment,
        dataset: tfds.core.DatasetBuilder,
        *,
        cluster: Cluster,
        cache_dir: Path | None = None,
    ):
        self.experiment = experiment
        self._cluster = cluster
        settings = experiment.loss
        self._score_kind = experiment.model_arguments.get("score_kind", "raw")
        if score_kind(settings.categories) != self._score_kind:
            raise EmoError(
                f"loss.categories: expected a loss for {self._score_kind} scores, as "
                f"model.score_kind says. Received: {settings.categories!r}"
            )
        arguments = {"reduction": settings.reduction, **settings.category_arguments}
        self._category_loss = category_loss(settings.categories, **arguments)
        if self._score_kind == "sigmoid":  # A probability of 0 or 1 has no gradient left.
            arguments["from_logits"] = True
        self._training_loss = category_loss(settings.categories, **arguments)
        self._vad_loss = vad_loss(
            settings.vad, reduction=settings.reduction, **settings.vad_arguments
        )
        sizes = branch_sizes(**experiment.model_arguments)
        self.training, self.validation = (
            People(
                dataset,
                split,
                inputs=sizes,
                batch_size=experiment.batch_size,
                settings=experiment.data,
                share=cluster.share,
                cache_dir=cache_dir,
            )
            for split in ("train", VALIDATION_SPLIT)
        )
        self._predictor: tuple[keras.Model, Gathered] | None = None
        self._examples: list[dict[str, np.ndarray]] | None = None
        self.steps = self.training.steps(drop_remainder=experiment.drop_remainder)

    def to_train(self, model: keras.Model) -> keras.Model:
        if self._score_kind == "raw":
            return model
        logits = {**self.experiment.model_arguments, "score_kind": "raw"}
        twin = models.create(self.experiment.model, **logits)
        twin.set_weights(model.get_weights())
        return twin

    def totals(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        people = tf.cast(tf.shape(batch["vad"])[0], tf.float32)
        return {"people": people, "counts": batch_counts(batch["categories"])}

    def losses(
        self, model: keras.Model, batch: Mapping[str, tf.Tensor], totals: Mapping[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        outputs = model({name: batch[name] for name in model.input}, training=True)
        return self._weighted(self._training_loss, batch, outputs, totals)

    def _weighted(
        self,
        loss: keras.losses.Loss,
        labels: Mapping[str, object],
        outputs: Mapping[str, object],
        totals: Mapping[str, object],
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Returns the people's share of the loss of a batch, and its two terms."""
        settings = self.experiment.loss
        # The others weigh nothing by the batch.
        counts = {"counts": totals["counts"]} if isinstance(loss, WeightedSquaredError) else {}
        by_person = {
            "loss/categories": loss.call(labels["categories"], outputs["score"], **counts),
            "loss/vad": self._vad_loss.call(labels["vad"], outputs["vad"]),
        }
        people = totals["people"] if settings.reduction == "mean" else 1.0
        terms = {name: tf.reduce_sum(values) / people for name, values in by_person.items()}
        weights = settings.category_weight, settings.vad_weight
        total = sum(w * term for w, term in zip(weights, terms.values(), strict=True))
        return total, terms

    def predict(self, model: keras.Model, people: People) -> EmoticPredictions:
        """Predicts the people of a split over all devices; the same on every worker.

        Args:
            model: The model.
            people: The split.
        """
        if self._predictor is None or self._predictor[0] is not model:
            self._predictor = model, self._predictor_of(model)
        found = self._predictor[1](people.evaluation, advance=self._cluster.alive)
        is_person = found["label/weight"] > 0
        labels = {name: found[f"label/{name}"][is_person] for name in ("categories", "vad")}
        return with_labels(labels, {name: found[name][is_person] for name in ("score", "vad")})

    def _predictor_of(self, model: keras.Model) -> Gathered:
        def run(batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            outputs = model({name: batch[name] for name in model.input}, training=False)
            labels = {name: batch[name] for name in ("categories", "vad", "weight")}
            return {f"label/{name}": value for name, value in labels.items()} | outputs

        return Gathered(self._cluster.strategy, run)

    def validate(self, model: keras.Model) -> Validation:
        predictions = self.predict(model, self.validation)
        report = predictions.report(thresholds=predictions.thresholds)
        precision = report["mean_average_precision"]
        figures = {
            **self.loss_of(predictions),
            "mean_average_precision": np.nan if precision is None else precision,
            "vad_mean_absolute_error": report["vad_mean_absolute_error"]["mean"],
        }
        score = {
            "loss": -figures["loss"],
            "mean_average_precision": -np.inf if precision is None else precision,
            "last": None,
        }[self.experiment.keep]
        named = {f"validation/{name}": value for name, value in figures.items()}
        return Validation(score=score, figures=named, detail=predictions)

    def loss_of(self, predictions: EmoticPredictions) -> dict[str, float]:
        """Returns the loss of a split and its terms, by name, as training reports them.

        Batches are as large as in training and follow one another; the mean is over batches, one
        of fewer people counting less.
        """
        size, people = self.experiment.batch_size, len(predictions.vad)
        sums: dict[str, float] = {}
        for start in range(0, people, size):
            chosen = slice(start, start + size)
            labels = {
                "categories": tf.constant(predictions.labels[chosen], tf.float32),
                "vad": tf.constant(predictions.vad_labels[chosen]),
            }
            outputs = {"score": predictions.scores[chosen], "vad": predictions.vad[chosen]}
            outputs = {name: tf.constant(value) for name, value in outputs.items()}
            loss, terms = self._weighted(self._category_loss, labels, outputs, self.totals(labels))
            # A mean is over its people; a sum is of as many as a batch that is full would have.
            is_mean = self.experiment.loss.reduction == "mean"
            share = (min(people - start, size) if is_mean else size) / people
            for name, value in {"loss": loss, **terms}.items():
                sums[name] = sums.get(name, 0.0) + share * float(value)
        return sums

    def summarise(self, summaries: Summaries, validation: Validation, *, step: int) -> None:
        predictions = validation.detail
        from emo_tf.plots import examples_figure  # Matplotlib takes its time.

        summaries.emotic(predictions, step=step)
        count = min(EXAMPLES, self.validation.count)
        if self._examples is None:
            people = self.validation.evaluation().unbatch().take(count)
            self._examples = list(people.as_numpy_iterator())
        whole = np.array([0, 0, 1, 1])  # A body is all that is seen of its scene.
        figure = examples_figure(
            [person.get("scene", person.get("body")) for person in self._examples],
            np.array([p["box"] if "scene" in p else whole for p in self._examples]),
            predictions.labels[:count],
            predictions.scores[:count],
            predictions.thresholds,
            predictions.vad_labels[:count],
            predictions.vad[:count],
            names=EMOTIC_CATEGORIES,
        )
        summaries.figure("examples", figure, step=step)
