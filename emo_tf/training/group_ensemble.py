"""Several models of faces, each trained by itself, whose probabilities are averaged."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import keras
import tensorflow_datasets as tfds

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.models.backbones import BACKBONES
from emo_tf.models.group_branches import FACE_BACKBONE
from emo_tf.training.config import Optimizer
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_task import GroupTask
from emo_tf.training.kept_config import keep_config
from emo_tf.training.strategy import Cluster
from emo_tf.training.trainer import Trainer

_OF_A_MEMBER = ("alignment", "face_size", "faces")
"""Arguments of the ensemble's builder that are those of its members'."""


@dataclass(frozen=True, kw_only=True)
class GroupEnsembleExperiment(GroupExperiment):
    """An experiment that trains several models of faces and averages them.

    Attributes:
        members: How each is trained, by the name of its backbone; what else the experiment says
            goes for all of them.
        published_weights: The names of the members that start from the weights that Keras fetches
            for their backbones: `imagenet`.
        model: The registered name of what averages them.

    Raises:
        EmoError: There is no member, one that starts from published weights is none, or an example
            is not a face.
    """

    model: str = "face_ensemble"
    members: Mapping[str, Optimizer]
    published_weights: Mapping[str, str]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.unit != "faces":
            raise EmoError(f"unit: expected faces, as the members train. Received: {self.unit!r}")
        strangers = sorted(set(self.published_weights) - set(self.members))
        if strangers or not self.members:
            received = ", ".join(strangers) or "no members"
            raise EmoError(f"published_weights: expected names of members. Received: {received}")
        arguments = {**self.model_arguments, "members": tuple(self.members)}
        object.__setattr__(self, "model_arguments", arguments)

    def member(self, name: str) -> GroupExperiment:
        """Returns the experiment that trains one of the members alone."""
        given = self.model_arguments
        shared = {key: given[key] for key in _OF_A_MEMBER if key in given}
        settings = {field.name: getattr(self, field.name) for field in fields(GroupExperiment)}
        settings |= {
            "name": name,
            "model": "group_local",
            "model_arguments": {"face_backbone": name, **shared},
            "optimizer": self.members[name],
        }
        return GroupExperiment(**settings)


class _MemberTask(GroupTask):
    """A member's training; its epochs bear its name."""

    def note(self, epoch: int) -> str:
        return self.experiment.name


def train_members(
    experiment: GroupEnsembleExperiment,
    run_dir: Path,
    *,
    dataset: tfds.core.DatasetBuilder,
    cluster: Cluster,
    **options: object,
) -> keras.Model:
    """Trains the members one after the other, each in a folder of its own in that of the run.

    Args:
        experiment: What to train and how.
        run_dir: Folder of the run; a run that was stopped there goes on with the member that it
            had come to.
        dataset: The prepared data set.
        cluster: The devices.
        **options: As for `Trainer`.

    Returns:
        The ensemble.

    Raises:
        EmoError: The data cannot be read as the experiment asks, or the folder holds another
            experiment's run.
    """
    keep_config(run_dir, experiment, write=cluster.is_chief)
    with cluster.strategy.scope():
        ensemble = models.create(experiment.model, **experiment.model_arguments)
    for name in experiment.members:
        folder = Path(run_dir) / f"member_{name}"
        task = _MemberTask(
            experiment.member(name), dataset, cluster=cluster, cache_dir=folder / "cache"
        )
        weights = experiment.published_weights.get(name)
        initialise = None if weights is None else functools.partial(_fill, name, weights)
        trainer = Trainer(task, folder, cluster=cluster, initialise=initialise, **options)
        with task.errors_named():
            best = trainer.fit()
        with cluster.strategy.scope():
            member = task.build()
            member.load_weights(best)
            ensemble.get_layer(name).set_weights(member.get_weights())
    return ensemble


def _fill(name: str, weights: str, model: keras.Model) -> None:
    """Gives the backbone of a new model its published weights."""
    backbone = model.get_layer(FACE_BACKBONE)
    height, width = backbone.input_shape[1:3]
    published = BACKBONES.get(name).build(height=height, width=width, weights=weights)
    backbone.set_weights(published.get_weights())
