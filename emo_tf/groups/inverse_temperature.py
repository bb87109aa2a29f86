"""How certain an ensemble is to be, found by its log loss."""

from dataclasses import replace

import numpy as np

from emo_tf.groups.model_outputs import ModelOutputs
from emo_tf.runtime.ensemble import Ensemble

NAME = "inverse_temperature"
MOST = 100.0
"""The greatest that is looked at; more is asked for where all answers are right."""


def with_inverse_temperature(ensemble: Ensemble, outputs: ModelOutputs) -> Ensemble:
    """Returns the ensemble with the inverse temperature of least log loss, up to 100.

    Log loss is convex in it, and the class that comes first does not depend on it.

    Args:
        ensemble: One whose `inverse_temperature` is 1.
        outputs: What its members said, with a verdict of each on every picture.
    """
    from scipy.optimize import minimize_scalar

    # The scores themselves, but for a number that is the same for all classes.
    scores = np.log(ensemble.combine(outputs.probabilities))
    of_label = np.take_along_axis(scores, outputs.labels[:, None], axis=1)
    margins = scores - of_label

    def log_loss(inverse_temperature: float) -> float:
        # Without a floor under the probabilities, with which it would not be convex.
        scaled = inverse_temperature * margins
        top = scaled.max(axis=1)
        return float((top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))).mean())

    found = minimize_scalar(log_loss, bounds=(0, MOST), method="bounded").x
    return replace(ensemble, coefficients={**ensemble.coefficients, NAME: np.array(found)})
