"""Experiments on EMOTIC, shrunk to seconds."""

from dataclasses import replace

from emo_tf.training.config import EmoticExperiment

SMALL = {
    "scene_backbone": "small_resnet",
    "body_backbone": "small_resnet",
    "scene_size": (64, 64),
    "body_size": (48, 48),
    "scene_weights": None,
    "body_weights": None,
    "units": 32,
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
