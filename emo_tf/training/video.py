"""Training a model of faces in videos from prepared data sets to `model.keras` and its figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow_datasets as tfds

from emo_tf.data.fer2013 import LICENCE
from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.data.photographs import Photographs
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.keras_file import save_model
from emo_tf.models.tflite_weights import fill_from_tflite
from emo_tf.models.tsm_metadata import video_metadata
from emo_tf.models.tsm_settings import TsmSettings
from emo_tf.models.video_weights import start_video
from emo_tf.training.batch_norm_statistics import measure_batch_norm
from emo_tf.training.initial_model import InitialModel, existing
from emo_tf.training.photographs import PHOTOGRAPHS, check_photographs
from emo_tf.training.run_files import MODEL, write_results
from emo_tf.training.strategy import Cluster
from emo_tf.training.trainer import Trainer
from emo_tf.training.video_config import FER2013, VideoExperiment
from emo_tf.training.video_task import VideoTask

TITLES = {
    "affectnet": "AffectNet",
    "fer2013": "FER2013",
    "raf_db": "RAF-DB",
    "vtt_friends": "Friends of the Video Turing Test",
}
"""What data sets are called in provenance, by builder."""

NAME = "expression_tsm"
"""What the models are called."""

_STATISTICS_FRAMES = 2048
"""Enough for means and variances that single batches scatter about."""


@dataclass(frozen=True)
class Source:
    """What a model starts from.

    Attributes:
        path: Its file.
        metadata: What the model in it takes and returns.
        fill: Fills a model with its weights and says which layers.
        folded: Whether its batch normalisations are folded into the layers before them.
    """

    path: Path
    metadata: ModelMetadata
    fill: Callable[[keras.Model], tuple[str, ...]]
    folded: bool = False

    @classmethod
    def read(cls, path: Path) -> "Source":
        """Reads a run that has ended, a `.keras` file, or a `.tflite` file in floats.

        Raises:
            EmoError: There is none of them, or it is damaged.
        """
        path = existing(path)
        if path.suffix == ".tflite":
            metadata = ModelMetadata.read(path)
            return cls(path, metadata, lambda model: fill_from_tflite(model, path), folded=True)
        other = InitialModel.read(path)
        return cls(
            other.path,
            other.metadata,
            lambda model: start_video(model, other.model, source=str(other.path)),
        )


def train_video(
    experiment: VideoExperiment,
    run_dir: Path,
    *,
    datasets: Mapping[str, tfds.core.DatasetBuilder],
    cluster: Cluster,
    initial: Path | None = None,
    photographs: Photographs | None = None,
    **options: object,
) -> dict:
    """Trains, keeps the epoch that the experiment asks for, fits the temperature on validation.

    Writes `model.keras`, the model of clips with the temperature in its metadata, `metrics.json`
    with the figures of the splits, and `data.json`, which says where the data set lies that
    validates.

    Args:
        experiment: What to train and how.
        run_dir: Folder of the run; a run that was stopped there goes on.
        datasets: The prepared data sets, by the names that the experiment has for them.
        cluster: The devices.
        initial: Folder of a run that has ended, or a `.keras` or `.tflite` file, whose weights to
            start from: a model with the same layers, whatever is shifted in either.
        photographs: Labelled photographs, whose faces are cut out as the experiment says.
        **options: As for `Trainer`.

    Returns:
        What `metrics.json` in the run's folder holds.

    Raises:
        EmoError: The data cannot be read as the experiment asks, the weights to start from are
            missing or do not fit, or the folder holds another experiment's run.
    """
    run_dir = Path(run_dir)
    check_photographs(photographs, wanted=experiment.photographs > 0, name=experiment.name)
    task = VideoTask(
        experiment,
        datasets,
        cluster=cluster,
        photographs=_faces(experiment, photographs),
        cache_dir=run_dir / "cache",
    )
    source = Source.read(initial) if initial is not None else None
    # Before anything is written.
    filled, weights = _first_weights(task, source) if source else ((), None)
    model = _trained(task, run_dir, weights, cluster=cluster, **options)
    predicted = {
        name: task.predict(model, clips)
        for name, clips in {experiment.validation_split: task.validation, **task.reported}.items()
    }
    # What is not two-way becomes a model of one frame after the other.
    temperature = predicted[experiment.validation_split].fit_temperature(
        frame_by_frame=not experiment.model_arguments.get("two_way", False)
    )
    metrics = {
        "parameters": model.count_params(),
        "started_from": {str(source.path): list(filled)} if source else {},
        "examples": {experiment.train_split: task.training.count},
        "temperature": round(temperature, 6),
        **{name: found.report(temperature=temperature) for name, found in predicted.items()},
    }
    if cluster.is_chief:
        provenance = _provenance(experiment, source)
        metadata = video_metadata(
            model,
            name=NAME,
            version="1",
            temperature=temperature,
            crop=experiment.crop,
            licence=LICENCE if TITLES[FER2013] in provenance["datasets"] else "",
            provenance=provenance,
        )
        save_model(model, run_dir / MODEL, metadata=metadata)
        write_results(
            run_dir,
            {"metrics.json": metrics},
            dataset=datasets[experiment.dataset],
            name=experiment.dataset,
        )
    return metrics


def _faces(experiment: VideoExperiment, photographs: Photographs | None) -> LabelledFaces | None:
    """Returns the faces in photographs as the model takes them."""
    if photographs is None:
        return None
    settings = TsmSettings(**experiment.model_arguments)
    return photographs.crops(
        dict(experiment.crop),
        size=(settings.height, settings.width),
        colour="grey" if settings.channels == 1 else "rgb",
    )


def _first_weights(task: VideoTask, source: Source) -> tuple[tuple[str, ...], list[np.ndarray]]:
    """Returns which layers a source fills, and all weights that training begins with."""
    # The others are those of the trainer's own seed.
    keras.utils.set_random_seed(task.experiment.seed)
    model = task.build()
    filled = source.fill(model)
    if source.folded:
        batches = -(
            -_STATISTICS_FRAMES // (task.experiment.batch_size * model.input["clip"].shape[1])
        )
        with task.errors_named():
            measure_batch_norm(model, task.batches(0, 0).take(batches))
    return filled, model.get_weights()


def _trained(
    task: VideoTask,
    run_dir: Path,
    weights: list[np.ndarray] | None,
    *,
    cluster: Cluster,
    **options: object,
) -> keras.Model:
    """Returns the model with the weights of the epoch that is kept."""

    def initialise(model: keras.Model) -> None:
        if weights is not None:
            model.set_weights(weights)

    trainer = Trainer(task, run_dir, cluster=cluster, initialise=initialise, **options)
    with task.errors_named():
        kept = trainer.fit()
    with cluster.strategy.scope():
        model = task.build()  # In float32, whatever training computed in.
        model.load_weights(kept)
    return model


def _provenance(experiment: VideoExperiment, source: Source | None) -> dict[str, object]:
    """Returns which data and experiments have led to a model, the first ones first."""
    earlier = source.metadata.provenance if source else {}
    own = [TITLES.get(name.partition("/")[0], name) for name in experiment.trained_on]
    own += [PHOTOGRAPHS] * bool(experiment.photographs)
    return {
        # What `tsm_stream` is built with too.
        "model_arguments": dict(experiment.model_arguments),
        "datasets": list(dict.fromkeys([*earlier.get("datasets", ()), *own])),
        "experiments": list(dict.fromkeys([*earlier.get("experiments", ()), experiment.name])),
        "train_split": experiment.train_split,
        "validation_split": experiment.validation_split,
        "seed": experiment.seed,
    }
