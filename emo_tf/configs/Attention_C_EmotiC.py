"""Attention over faces by the faces alone, after EMOTIC.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.3. Scores C:
two linear layers on the face alone. Starts from `Global_EmotiC` and `Local`; all weights learn. Up
to 15 faces in the alignment `vlgiitr`, nothing is changed at random: SGD of .001, batches of 32, 27
epochs, a tenth of the rate every 9.
Published: 73.66 % accuracy on VAL, as model 7 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf train Attention_C_EmotiC --manual-dir DIR_WITH_GROUP_AFFECT \\
        --init runs/Global_EmotiC --init runs/Local
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import attention_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return attention_recipe("Attention_C_EmotiC", smoke=smoke, scores="C")
