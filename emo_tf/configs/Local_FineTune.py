"""The faces of a picture together: `Local`, tuned on the mean verdict.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.2. From
`Local`, in the alignment `vlgiitr`: batches of 32 pictures, up to 15 faces each, SGD of .001, 8
epochs, a tenth of the rate every 4. The repository takes the mean of the faces' logits; here it is
that of their probabilities, as in the verdict itself.
Published: 71.51 % accuracy on VAL, as model 3 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf train Local_FineTune --manual-dir DIR_WITH_GROUP_AFFECT --init runs/Local
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import fine_tune_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return fine_tune_recipe("Local_FineTune", smoke=smoke)
