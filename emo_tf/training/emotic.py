"""Training an EMOTIC model from a prepared data set to `model.keras` and its figures."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow_datasets as tfds

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.models.context_fusion import context_metadata
from emo_tf.models.fusion_head import place_categories
from emo_tf.models.keras_file import load_model, save_model
from emo_tf.models.published import fill_branch
from emo_tf.training.emotic_config import EmoticExperiment
from emo_tf.training.emotic_task import VALIDATION_SPLIT, EmoticTask
from emo_tf.training.run_files import MODEL, write_results
from emo_tf.training.strategy import Cluster
from emo_tf.training.trainer import BEST_WEIGHTS, Trainer

_MIDDLE_OF_VAD = 5.5


def train_emotic(
    experiment: EmoticExperiment,
    run_dir: Path,
    *,
    dataset: tfds.core.DatasetBuilder,
    cluster: Cluster,
    initial: Path | None = None,
    backbones: Mapping[str, Path] | None = None,
    **options: object,
) -> dict:
    """Trains, keeps the epoch that the experiment asks for, chooses thresholds on validation.

    Writes `model.keras`, which carries the thresholds, `thresholds.json`, `metrics.json` with the
    figures of the validation split, and `data.json`, which says where the data set lies.

    Args:
        experiment: What to train and how.
        run_dir: Folder of the run; a run that was stopped there goes on.
        dataset: The prepared data set.
        cluster: The devices.
        initial: Folder of a run whose best weights to start from, or a `.keras` file of the same
            network.
        backbones: `.keras` files of a backbone to start from, by branch, as `emo-tf weights
            import` writes them.
        **options: As for `Trainer`.

    Returns:
        What `metrics.json` in the run's folder holds.

    Raises:
        EmoError: The data cannot be read as the experiment asks, the weights to start from are
            missing or those of another network, or the folder holds another experiment's run.
    """
    task = EmoticTask(experiment, dataset, cluster=cluster, cache_dir=Path(run_dir) / "cache")

    def initialise(model: keras.Model) -> None:
        if initial is not None:
            _take_weights(model, Path(initial))
        elif experiment.model_arguments.get("categories_from") == "vad":
            place_categories(model.get_layer("head"), mean_places(**task.training.labels()))
        for branch, path in (backbones or {}).items():
            fill_branch(model, branch, load_model(Path(path))[0])

    trainer = Trainer(task, run_dir, cluster=cluster, initialise=initialise, **options)
    with task.errors_named():
        weights = trainer.fit()
    with cluster.strategy.scope():
        model = task.build()  # In float32, whatever training computed in.
        model.load_weights(weights)
    predictions = task.predict(model, task.validation)
    found = dict(zip(EMOTIC_CATEGORIES, predictions.thresholds.tolist(), strict=True))
    # A category that no validation example carries has none and is never predicted.
    thresholds = {label: value for label, value in found.items() if not np.isnan(value)}
    metrics = {
        "parameters": model.count_params(),
        "people": {"train": task.training.count, VALIDATION_SPLIT: task.validation.count},
        "loss": task.loss_of(predictions),
        VALIDATION_SPLIT: predictions.report(thresholds=predictions.thresholds),
    }
    if cluster.is_chief:
        metadata = context_metadata(
            model,
            version="1",
            thresholds=thresholds,
            provenance={
                "datasets": ["EMOTIC"],
                "experiments": [experiment.name],
                "seed": experiment.seed,
            },
        )
        save_model(model, Path(run_dir) / MODEL, metadata=metadata)
        files = {"thresholds.json": thresholds, "metrics.json": metrics}
        write_results(run_dir, files, dataset=dataset, name=experiment.dataset)
    return metrics


def mean_places(*, categories: np.ndarray, vad: np.ndarray) -> np.ndarray:
    """Returns where the people who show each category are on average, (26, 3), 1 to 10.

    One imaginary person more, at the middle of the scale, keeps what is rare from the edges.

    Args:
        categories: 0 and 1 of shape (N, 26).
        vad: Shape (N, 3), 1 to 10.
    """
    return (categories.T @ vad + _MIDDLE_OF_VAD) / (categories.sum(axis=0)[:, np.newaxis] + 1)


def _take_weights(model: keras.Model, source: Path) -> None:
    path = source / "checkpoints" / BEST_WEIGHTS if source.is_dir() else source
    if not path.is_file():
        raise EmoError(f"{source}: expected a run with {BEST_WEIGHTS}, or a model. Received: none")
    try:
        if path.suffix == ".keras":
            model.set_weights(load_model(path)[0].get_weights())
        else:
            model.load_weights(path)
    except EmoError:
        raise
    except ValueError as error:
        raise EmoError(
            f"{path}: expected the weights of a {model.name} as this experiment builds it. "
            f"Received: those of another ({str(error).splitlines()[0]})"
        ) from error
