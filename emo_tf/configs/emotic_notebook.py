"""EMOTIC as the notebook of the public PyTorch implementation trains it (Tandon-A/emotic).

As `emotic_cli`, but the backbones keep their weights, while their batch normalisation still goes by
the batch and keeps averaging; smaller batches, a smaller rate, and the epoch of the least
validation loss is kept.
Expected: 25.3 mAP on test, 34.2 on validation, VAD errors of .900, 1.031 and .944, as published.
Most of an epoch is the forward pass of the backbones: about 12 minutes on two cores.

    emo-tf train emotic_notebook --manual-dir DIR_WITH_EMOTIC --scene-backbone places.keras \\
        --body-backbone imagenet.keras
"""

from dataclasses import replace

from emo_tf.configs import emotic_cli
from emo_tf.training.emotic_config import EmoticExperiment
from emo_tf.training.smoke import shrunk


def get_config(*, smoke: bool = False) -> EmoticExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    published = emotic_cli.get_config()
    experiment = replace(
        published,
        name="emotic_notebook",
        batch_size=26,
        drop_remainder=True,
        keep="loss",
        optimizer=replace(
            published.optimizer,
            learning_rate=1e-3,
            freeze=("scene_backbone", "body_backbone"),
            frozen_batch_norm="batch",
        ),
    )
    return shrunk(experiment) if smoke else experiment
