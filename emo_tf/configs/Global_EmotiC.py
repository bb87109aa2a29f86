"""The whole picture alone, from weights that have learnt valence: DenseNet-161.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.1. As
`Global_Simple`, but started from `global_emotic_valence`, and 16 epochs.
Published: 70.40 % accuracy on VAL, as model 2 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf train Global_EmotiC --manual-dir DIR_WITH_GROUP_AFFECT \\
        --init runs/global_emotic_valence
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import global_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return global_recipe("Global_EmotiC", smoke=smoke, epochs=16)
