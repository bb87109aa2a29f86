"""The faces of a picture together, in larger batches: as `Local_FineTune`, of 128 pictures.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.2. From
`Local`, in the alignment `vlgiitr`; the rate is that of `Local_FineTune`, .001.
Published: 71.30 % accuracy on VAL, as model 9 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf train Local_FineTune_br128 --manual-dir DIR_WITH_GROUP_AFFECT --init runs/Local
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import fine_tune_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return fine_tune_recipe("Local_FineTune_br128", smoke=smoke, batch_size=128)
