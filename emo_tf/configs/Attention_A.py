"""Attention over faces by how alike face and picture are.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.3. Scores A:
the dot product of the features of picture and face. Starts from `Global_Simple` and `Local`; all
weights learn. Up to 15 faces in the alignment `vlgiitr`, nothing is changed at random: SGD of .001,
batches of 32, 27 epochs, a tenth of the rate every 9.
Published: 73.18 % accuracy on VAL, as model 11 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf train Attention_A --manual-dir DIR_WITH_GROUP_AFFECT \\
        --init runs/Global_Simple --init runs/Local
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import attention_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return attention_recipe("Attention_A", smoke=smoke, scores="A")
