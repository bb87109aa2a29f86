"""Faces in clips as the trainer's task: seven expressions, a label a frame."""

from collections.abc import Mapping
from pathlib import Path

import keras
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clip_splits import MeasuredClips
from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.losses.neutral_balanced_crossentropy import NeutralBalancedCrossentropy
from emo_tf.training.reports import Validation
from emo_tf.training.split_task import SplitTask
from emo_tf.training.strategy import Cluster
from emo_tf.training.summaries import Summaries
from emo_tf.training.video_config import VideoExperiment, VideoLoss
from emo_tf.training.video_data import VideoData
from emo_tf.training.video_predictions import VideoPredictions, VideoPredictor

_CLASSES = len(EXPRESSIONS)


class VideoTask(SplitTask):
    """Trains and validates a model of clips; see `training.task.Task`.

    Args:
        experiment: What to train and how.
        datasets: The prepared data sets by name.
        cluster: The devices.
        photographs: Faces cut out of photographs for the model, where the experiment draws some.
        cache_dir: Where pictures are kept if they are cached on disk.

    Raises:
        EmoError: The data cannot be had as the experiment asks, or the model takes no clips.
    """

    any_length = False

    def __init__(
        self,
        experiment: VideoExperiment,
        datasets: Mapping[str, tfds.core.DatasetBuilder],
        *,
        cluster: Cluster,
        photographs: LabelledFaces | None = None,
        cache_dir: Path | None = None,
    ):
        self.experiment = experiment
        self._cluster = cluster
        data = VideoData(
            datasets,
            inputs=clip_inputs(self.build()),
            settings=experiment.data,
            moving=experiment.moving,
            cache_dir=cache_dir,
        )
        self.training = data.training(experiment, share=cluster.share, photographs=photographs)
        self.validation = data.measured(experiment.dataset, experiment.validation_split)
        self.reported = {
            f"{name} {split}": data.measured(name, split)
            for name, split in experiment.reported.items()
        }
        self.steps = self.training.steps(drop_remainder=experiment.drop_remainder)
        self._loss = _loss(experiment.loss)
        self._predictor: tuple[keras.Model, VideoPredictor] | None = None

    def to_train(self, model: keras.Model) -> keras.Model:
        return model

    def totals(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {"frames": tf.cast(tf.size(self._counted(batch["label"])), tf.float32)}

    def losses(
        self, model: keras.Model, batch: Mapping[str, tf.Tensor], totals: Mapping[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        labels = self._counted(batch["label"])  # (B, T)
        logits = model({"clip": batch["clip"]}, training=True)["frame_logits"]
        logits = self._counted(logits)  # (B, T, C)
        loss = self._loss(tf.one_hot(labels, _CLASSES), logits)
        hits = tf.equal(tf.argmax(logits, axis=2, output_type=tf.int32), labels)
        accuracy = tf.reduce_sum(tf.cast(hits, tf.float32)) / totals["frames"]
        return loss / totals["frames"], {"frame_accuracy": accuracy}

    def predict(self, model: keras.Model, clips: MeasuredClips) -> VideoPredictions:
        """Predicts clips; the same on every worker.

        Args:
            model: The model.
            clips: The clips.

        Raises:
            EmoError: A file is missing or damaged, or a picture in it cannot be decoded.
        """
        if self._predictor is None or self._predictor[0] is not model:
            self._predictor = model, VideoPredictor(model)
        return self._predictor[1](clips, advance=self._cluster.alive)

    def validate(self, model: keras.Model) -> Validation:
        predictions = self.predict(model, self.validation)
        figures = {
            "accuracy": predictions.accuracy,
            "frame_accuracy": predictions.frame_accuracy,
            "mean_recall": predictions.mean_recall,
            "loss": predictions.negative_log_likelihood(),
        }
        return Validation(
            score=figures.get(self.experiment.keep),
            figures={f"validation/{name}": figure for name, figure in figures.items()},
            detail=predictions,
        )

    def summarise(self, summaries: Summaries, validation: Validation, *, step: int) -> None:
        predictions: VideoPredictions = validation.detail
        for name, figure in predictions.figures(self.experiment.validation_split).items():
            summaries.figure(name, figure, step=step)

    def _counted(self, frames: tf.Tensor) -> tf.Tensor:
        """Returns the frames of (B, T, ...) that the loss counts."""
        last = self.experiment.loss.last_frames
        return frames if last is None else frames[:, -last:]


def clip_inputs(model: keras.Model) -> ClipInputs:
    """Returns what a model of clips takes.

    Raises:
        EmoError: It takes something else.
    """
    shapes = {tensor.name: tuple(tensor.shape[1:]) for tensor in model.inputs}
    if shapes.keys() != {"clip"}:
        raise EmoError(
            f"model: expected one of clips. Received: {model.name}, of {', '.join(shapes)}"
        )
    frames, height, width, channels = shapes["clip"]
    return ClipInputs(frames, (height, width), colour="grey" if channels == 1 else "rgb")


def _loss(settings: VideoLoss) -> keras.losses.Loss:
    """Returns the sum over all frames of a loss."""
    if settings.name == "neutral_balanced":
        return NeutralBalancedCrossentropy(neutral_share=settings.neutral_share, reduction="sum")
    return keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=settings.label_smoothing, reduction="sum"
    )
