"""Valence of people in scenes as three classes, from the whole picture: DenseNet-161 on EMOTIC.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.1. The
pretraining of the models called EmotiC: valence of 1 to 4 stands for negative, 5 to 7 for neutral,
8 to 10 for positive. SGD of .001, batches of 32, 15 epochs; the repository lets the rate fall every
6.
Published: nothing. Not measured here: neither the accuracy nor the time it takes.

    emo-tf train global_emotic_valence --manual-dir DIR_WITH_EMOTIC --init densenet.keras
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import global_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return global_recipe(
        "global_emotic_valence", smoke=smoke, dataset="emotic", epochs=15, step_epochs=6
    )
