"""Experiments on EMOTIC and on groups, shrunk to seconds."""

from dataclasses import replace

from emo_tf.training.emotic_config import EmoticExperiment
from emo_tf.training.group_config import GroupExperiment

SMALL = {
    "scene_backbone": "small_resnet",
    "body_backbone": "small_resnet",
    "scene_size": (64, 64),
    "body_size": (48, 48),
    "scene_weights": None,
    "body_weights": None,
    "units": 32,
}

SMALL_OF_GROUPS = {
    "image_backbone": "tiny_resnet",
    "image_size": (48, 64),
    "image_weights": None,
    "face_backbone": "tiny_resnet",
    "faces": 4,
}


def shrunk(experiment: EmoticExperiment) -> EmoticExperiment:
    """Returns an experiment with everything but its sizes: two epochs of a small network."""
    return replace(
        experiment,
        model_arguments={**experiment.model_arguments, **SMALL},
        epochs=2,
        batch_size=8,
        data=replace(experiment.data, limit=64),
    )


def shrunk_group(experiment: GroupExperiment) -> GroupExperiment:
    """Returns an experiment with everything but its sizes: two epochs of small networks."""
    given = experiment.model_arguments
    small = {name: value for name, value in SMALL_OF_GROUPS.items() if name in given}
    return replace(
        experiment,
        model_arguments={**given, **small},
        epochs=2,
        batch_size=8,
        data=replace(experiment.data, limit=16),
    )
