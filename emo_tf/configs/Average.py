"""The picture and the mean of what the face detector saw in its faces.

Gupta et al. 2018, "An attention model for group-level emotion recognition". The 2208 features of
`Global_Simple`, whose network keeps its weights, and the mean 256 of O-Net over up to 27 faces.
Only the last layer learns: SGD of .001, 16 epochs, a tenth of the rate every 5. Batch normalisation
goes by the batch in the frozen network too, as in the repository's. No face is cut out, so no
alignment matters.
Published: 73.03 % accuracy on VAL, as model 5 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf train Average --manual-dir DIR_WITH_GROUP_AFFECT --init runs/Global_Simple
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import average_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return average_recipe("Average", smoke=smoke)
