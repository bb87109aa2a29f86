"""Attention over faces by the faces alone, after EMOTIC, at a rate of .01.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.3. Scores C:
two linear layers on the face alone. Starts from `Global_EmotiC` and `Local`; all weights learn. Up
to 15 faces in the alignment `vlgiitr`, nothing is changed at random: SGD of .01, batches of 32, 27
epochs, a tenth of the rate every 9.
Published: 73.18 % accuracy on VAL, as model 13 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf train Attention_C_EmotiC_lr01 --manual-dir DIR_WITH_GROUP_AFFECT \\
        --init runs/Global_EmotiC --init runs/Local
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import attention_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return attention_recipe("Attention_C_EmotiC_lr01", smoke=smoke, scores="C", learning_rate=1e-2)
