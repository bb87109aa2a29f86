"""Training a model of groups from a prepared data set to `model.keras` and its figures."""

from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow_datasets as tfds

from emo_tf.errors import EmoError
from emo_tf.models.group_metadata import group_metadata
from emo_tf.models.group_weights import start_from
from emo_tf.models.keras_file import save_model
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_ensemble import GroupEnsembleExperiment, train_members
from emo_tf.training.group_task import EMOTIC, GroupTask
from emo_tf.training.initial_model import InitialModel
from emo_tf.training.run_files import MODEL, write_results
from emo_tf.training.strategy import Cluster
from emo_tf.training.trainer import Trainer

TITLES = {EMOTIC: "EMOTIC"}
"""What data sets are called in provenance, by builder; the others are of groups."""

GROUP_AFFECT = "Group Affect Database 3.0"


class Source(InitialModel):
    """A model whose weights a model of groups starts from."""

    def fill(self, model: keras.Model) -> tuple[str, ...]:
        """Gives a model the weights of those of its parts that this one has too; returns which.

        Raises:
            EmoError: There is no such part, or it looks at faces of another alignment.
        """
        return start_from(model, self.model, other_metadata=self.metadata, source=str(self.path))


def train_group(
    experiment: GroupExperiment,
    run_dir: Path,
    *,
    dataset: tfds.core.DatasetBuilder,
    cluster: Cluster,
    initial: Sequence[Path] = (),
    **options: object,
) -> dict:
    """Trains, keeps the epoch that the experiment asks for, fits the temperature on validation.

    Writes `model.keras`, which carries the temperature, `metrics.json` with the figures of the
    validation split, and of `eval` where the data set has it, and `data.json`, which says where
    the data set lies.

    Args:
        experiment: What to train and how.
        run_dir: Folder of the run; a run that was stopped there goes on.
        dataset: The prepared data set.
        cluster: The devices.
        initial: Folders of runs that have ended, or `.keras` files, whose weights to start from,
            one after the other.
        **options: As for `Trainer`.

    Returns:
        What `metrics.json` in the run's folder holds.

    Raises:
        EmoError: The data cannot be read as the experiment asks, the weights to start from are
            missing or fit nowhere, or the folder holds another experiment's run.
    """
    run_dir = Path(run_dir)
    if initial and isinstance(experiment, GroupEnsembleExperiment):
        raise EmoError(
            f"--init: expected none, as the members of {experiment.name} are trained by "
            f"themselves. Received: {', '.join(map(str, initial))}"
        )
    task = GroupTask(experiment, dataset, cluster=cluster, cache_dir=run_dir / "cache")
    sources = [Source.read(path) for path in initial]
    # Before anything is written.
    filled = _filled(task.build(), sources) if sources else {}
    if isinstance(experiment, GroupEnsembleExperiment):
        model = train_members(experiment, run_dir, dataset=dataset, cluster=cluster, **options)
    else:
        model = _trained(task, run_dir, sources, cluster=cluster, **options)
    predicted = {
        split: task.predict(model, pictures) for split, pictures in task.measured().items()
    }
    temperature = predicted[experiment.validation_split].fit_temperature()
    metrics = {
        "parameters": model.count_params(),
        "started_from": filled,
        "examples": {experiment.train_split: task.training.count},
        "temperature": round(temperature, 6),
        **{split: found.report(temperature=temperature) for split, found in predicted.items()},
    }
    if cluster.is_chief:
        metadata = group_metadata(
            model,
            name=experiment.name,
            temperature=temperature,
            provenance=_provenance(experiment, sources),
        )
        save_model(model, run_dir / MODEL, metadata=metadata)
        write_results(run_dir, {"metrics.json": metrics}, dataset=dataset, name=experiment.dataset)
    return metrics


def _trained(
    task: GroupTask,
    run_dir: Path,
    sources: Sequence[Source],
    *,
    cluster: Cluster,
    **options: object,
) -> keras.Model:
    """Returns the model with the weights of the epoch that is kept."""

    def initialise(model: keras.Model) -> None:
        for source in sources:
            source.fill(model)

    trainer = Trainer(task, run_dir, cluster=cluster, initialise=initialise, **options)
    with task.errors_named():
        weights = trainer.fit()
    with cluster.strategy.scope():
        model = task.build()  # In float32, whatever training computed in.
        model.load_weights(weights)
    return model


def _filled(model: keras.Model, sources: Sequence[Source]) -> dict[str, list[str]]:
    """Returns which parts of a model weights were found for, by where they come from."""
    return {str(source.path): list(source.fill(model)) for source in sources}


def _provenance(experiment: GroupExperiment, sources: Sequence[Source]) -> dict[str, object]:
    """Returns which data and experiments have led to a model, the first ones first."""
    name = experiment.dataset.partition("/")[0]
    earlier = [source.metadata.provenance for source in sources]

    def joined(key: str, own: str) -> list[str]:
        return list(dict.fromkeys([*(item for one in earlier for item in one.get(key, ())), own]))

    return {
        "datasets": joined("datasets", TITLES.get(name, GROUP_AFFECT)),
        "experiments": joined("experiments", experiment.name),
        "train_split": experiment.train_split,
        "validation_split": experiment.validation_split,
        "seed": experiment.seed,
    }
