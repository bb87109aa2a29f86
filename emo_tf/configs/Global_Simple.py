"""The whole picture alone, from ImageNet's weights: DenseNet-161.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.1. SGD of
.001, batches of 32, 25 epochs, a tenth of the rate every 7; every step sees another part of each
picture, and half of them mirrored.
Published: 69.50 % accuracy on VAL, as model 1 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf weights import densenet161-8d451a50.pth --architecture densenet161 --out densenet.keras
    emo-tf train Global_Simple --manual-dir DIR_WITH_GROUP_AFFECT --init densenet.keras
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import global_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return global_recipe("Global_Simple", smoke=smoke)
