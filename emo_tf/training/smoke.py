"""Experiments on EMOTIC, on groups and on videos, shrunk to seconds."""

from dataclasses import replace

from emo_tf.training.emotic_config import EmoticExperiment
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.video_config import VideoExperiment

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

SMALL_EXPRESSION_NET = {
    "stem_filters": 8,
    "stage_filters": (8, 16, 16),
    "stage_blocks": (1, 1, 1),
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


def shrunk_video(experiment: VideoExperiment) -> VideoExperiment:
    """Returns an experiment with everything but its sizes: two epochs on small frames."""
    given = experiment.model_arguments
    small = {"height": 32, "width": 32}
    if given.get("backbone", "expression_net") == "expression_net":
        small["backbone_arguments"] = SMALL_EXPRESSION_NET
    return replace(
        experiment,
        model_arguments={**given, **small},
        epochs=2,
        batch_size=4,
        steps=4 if experiment.balanced else None,
        data=replace(experiment.data, limit=24),
    )
