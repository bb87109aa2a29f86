"""Attention over faces by the picture's projection.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.3. Scores B:
the dot product of a face and a projection of the picture, in 64 units. Starts from `Global_Simple`
and `Local`; all weights learn. Up to 15 faces in the alignment `vlgiitr`, nothing is changed at
random: SGD of .001, batches of 32, 27 epochs, a tenth of the rate every 9.
Published: 73.75 % accuracy on VAL, as model 12 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf train Attention_B --manual-dir DIR_WITH_GROUP_AFFECT \\
        --init runs/Global_Simple --init runs/Local
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import attention_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return attention_recipe("Attention_B", smoke=smoke, scores="B")
