"""Fits a logistic stack, and chooses its regularisation on folds."""

import functools
from collections.abc import Callable

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.extras import needing_extra
from emo_tf.groups.model_outputs import ModelOutputs
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.metrics.classification import negative_log_likelihood
from emo_tf.runtime.ensemble import Ensemble, log_probabilities

REGULARISATIONS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
"""What is tried for C, the strongest first."""

FOLDS = 5
_ITERATIONS = 5000


def fit_stack(outputs: ModelOutputs) -> tuple[Ensemble, np.ndarray]:
    """Fits multinomial logistic regression on all log-probabilities, with an L2 penalty.

    C is that of least log loss out of five folds; then all pictures are fitted. The pictures have
    to be others than those that the models were trained on, on which these are too certain. The
    log-probabilities are taken as they are, not centred over the classes: folds of the validation
    part of the Group Affect Database told no difference.

    Args:
        outputs: What M models said, with a verdict of each on every picture.

    Returns:
        The ensemble, and what it says of each picture when fitted to the four folds that the
        picture is not in, shape (N, 3).

    Raises:
        EmoError: There are fewer than five pictures of a class, or scikit-learn is not installed.

    Reference:
        Wolpert 1992, "Stacked generalization".
    """
    tried = [
        out_of_fold(outputs, functools.partial(_fit, regularisation=one)) for one in REGULARISATIONS
    ]
    losses = [negative_log_likelihood(verdicts, outputs.labels) for verdicts in tried]
    best = int(np.argmin(losses))
    return _fit(outputs, regularisation=REGULARISATIONS[best]), tried[best]


def out_of_fold(
    outputs: ModelOutputs,
    fit: Callable[[ModelOutputs], Ensemble],
    *,
    folds: int = FOLDS,
    seed: int = 0,
) -> np.ndarray:
    """Returns the verdict on each picture by an ensemble that was fitted to the other folds.

    Args:
        outputs: What M models said, with a verdict of each on every picture.
        fit: Makes an ensemble.
        folds: Number of parts, each with the same share of every class.
        seed: Draws the parts.

    Returns:
        Shape (N, 3), rows that add up to 1.

    Raises:
        EmoError: A class has fewer pictures than there are folds, or scikit-learn is not installed.
    """
    counts = np.bincount(outputs.labels, minlength=len(GROUP_EMOTIONS))
    if counts.min() < folds:
        raise EmoError(
            f"{outputs.source}: expected {folds} pictures of each class at least, one a fold. "
            f"Received: {counts.min()} of {GROUP_EMOTIONS[counts.argmin()]}"
        )
    with needing_extra("groups", what="folds"):
        from sklearn.model_selection import StratifiedKFold
    verdicts = np.empty((len(outputs.labels), len(GROUP_EMOTIONS)))
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for others, fold in parts.split(outputs.labels, outputs.labels):
        ensemble = fit(outputs.pictures(others))
        verdicts[fold] = ensemble.combine(outputs.pictures(fold).probabilities)
    return verdicts


def _fit(outputs: ModelOutputs, *, regularisation: float) -> Ensemble:
    with needing_extra("groups", what="a stack"):
        from sklearn.linear_model import LogisticRegression
    features = log_probabilities(outputs.probabilities).reshape(len(outputs.labels), -1)
    regression = LogisticRegression(C=regularisation, max_iter=_ITERATIONS)
    regression.fit(features, outputs.labels)
    return Ensemble(
        outputs.models,
        "stack",
        {
            "coefficients": regression.coef_.reshape(
                len(GROUP_EMOTIONS), len(outputs.models), len(GROUP_EMOTIONS)
            ),
            "intercepts": regression.intercept_,
        },
        fit={"regularisation": regularisation},
    )
