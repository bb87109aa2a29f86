"""Attention over faces by the faces alone, trained by Adam.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.3. Scores C:
two linear layers on the face alone. As `Attention_C`, from `Global_Simple` and `Local`, in the
alignment `vlgiitr`; Adam of 3e-4 without a schedule.
Published: 73.63 % accuracy on VAL, as model 14 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf train Attention_C_Adam --manual-dir DIR_WITH_GROUP_AFFECT \\
        --init runs/Global_Simple --init runs/Local
"""

from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import attention_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return attention_recipe(
        "Attention_C_Adam",
        smoke=smoke,
        scores="C",
        optimizer=Optimizer(name="adam", learning_rate=3e-4),
        schedule=Schedule(name="constant"),
    )
