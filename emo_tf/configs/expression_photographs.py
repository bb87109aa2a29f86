"""The shipped expression model: `expression_fer2013`, adapted to faces cut out of photographs.

FER2013 is a collection of small square crops with labels of its own taste. A short second stage
mixes in labelled photographs, cut by the package's own detector and alignment, each many times
over with new augmentation; FER2013 stays the larger part of every batch. Such a run costs one to
three points on the held-out part of FER2013, depending on its seed; the mean of the weights of
several costs about half a point less than they do (Wortsman et al. 2022, "Model soups").

    emo-tf train expression_photographs --manual-dir DIR_WITH_FER2013 --photographs PHOTOS.zip \\
        --init runs/expression_fer2013
"""

from dataclasses import replace

from emo_tf.configs import expression_fer2013
from emo_tf.training.config import Schedule
from emo_tf.training.expression_config import ExpressionExperiment


def get_config(*, smoke: bool = False) -> ExpressionExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    first_stage = expression_fer2013.get_config(smoke=smoke)
    return replace(
        first_stage,
        name="expression_photographs",
        epochs=1,
        resolutions=((0.0, 48),),
        members=2 if smoke else 3,
        photograph_repeats=2 if smoke else 13,
        optimizer=replace(first_stage.optimizer, learning_rate=0.02, ema_decay=0.98),
        schedule=Schedule(name="cosine", warmup_epochs=0.1),
    )
