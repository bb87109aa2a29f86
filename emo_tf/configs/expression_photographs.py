"""The shipped expression model: `expression_fer2013`, adapted to faces cut out of photographs.

FER2013 is a collection of small square crops with labels of its own taste. A short second stage
mixes in labelled photographs, cut by the package's own detector and alignment, each many times
over with new augmentation; FER2013 stays the larger part of every batch. One such run lands half
a point of FER2013 above or below the next, so several are averaged (Wortsman et al. 2022, "Model
soups"), and what is kept lies between the weights before and that mean (Wortsman et al. 2022,
"Robust fine-tuning"): as far along as the held-out part of FER2013 loses about half a point.

    emo-tf train expression_photographs --manual-dir DIR_WITH_FER2013 --photographs PHOTOS.zip \\
        --init runs/expression_fer2013
"""

from dataclasses import replace

from emo_tf.configs import expression_fer2013
from emo_tf.training.config import Experiment, Optimisation


def get_config(*, smoke: bool = False) -> Experiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    first_stage = expression_fer2013.get_config(smoke=smoke)
    return replace(
        first_stage,
        name="expression_photographs",
        epochs=1,
        resolutions=((0.0, 48),),
        interpolation=0.75,
        members=2 if smoke else 3,
        photograph_repeats=2 if smoke else 13,
        optimisation=Optimisation(peak_learning_rate=0.02, warmup_epochs=0.1, ema_decay=0.98),
    )
