"""The faces of a picture together, with a margin between the classes' angles.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.2. As
`Local_FineTune`, from `Local`, whose classifier is left behind, in the alignment `vlgiitr`, with
the large-margin softmax of Liu et al. 2016 and margin 4. The repository returns logits without the
margin and says nothing of the weight of the plain ones: here it falls from 1000 to 5, as Liu et al.
let it.
Published: 68.96 % accuracy on VAL, as model 10 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf train Local_FineTune_LSoftmax --manual-dir DIR_WITH_GROUP_AFFECT \\
        --init runs/Local
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import fine_tune_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return fine_tune_recipe("Local_FineTune_LSoftmax", smoke=smoke, margin=4)
