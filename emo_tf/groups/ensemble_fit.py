"""Finds the coefficients by which several models' verdicts are joined."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError, unknown_name
from emo_tf.groups.ensemble_stack import fit_stack
from emo_tf.groups.ensemble_svm import REGULARISATION, fit_svm
from emo_tf.groups.inverse_temperature import NAME, with_inverse_temperature
from emo_tf.groups.model_outputs import ModelOutputs
from emo_tf.runtime.ensemble import METHODS, Ensemble


@dataclass(frozen=True, eq=False)
class FittedEnsemble:
    """An ensemble, and what it says of the pictures that it was fitted to.

    Attributes:
        ensemble: The ensemble.
        pictures: The N pictures on which every model gave a verdict.
        verdicts: Shape (N, 3), what it says of them.
        out_of_fold: Whether each of the verdicts comes from a fit to other folds.
    """

    ensemble: Ensemble
    pictures: ModelOutputs
    verdicts: np.ndarray
    out_of_fold: bool


def fit_ensemble(
    outputs: ModelOutputs,
    *,
    method: str,
    weights: Sequence[float] | None = None,
    regularisation: float | None = None,
) -> Ensemble:
    """Returns what `fit_with_verdicts` fits, without the verdicts; the arguments are its own."""
    fitted = fit_with_verdicts(
        outputs, method=method, weights=weights, regularisation=regularisation
    )
    return fitted.ensemble


def fit_with_verdicts(
    outputs: ModelOutputs,
    *,
    method: str,
    weights: Sequence[float] | None = None,
    regularisation: float | None = None,
) -> FittedEnsemble:
    """Fits an ensemble to the pictures on which every model gave a verdict.

    Args:
        outputs: What M models said.
        method: One of `runtime.ensemble.METHODS`.
        weights: For `weights` alone: M numbers of any sign. Only the inverse temperature is
            fitted then.
        regularisation: For `svm` alone: its C, 9e-5 by default.

    Raises:
        EmoError: The method is unknown, an argument does not belong to it or is out of range,
            the pictures are too few, or scikit-learn is needed and not installed.
    """
    if method not in METHODS:
        raise unknown_name("method", method, METHODS)
    if (weights is None) == (method == "weights"):
        received = "none" if weights is None else f"some with {method}"
        raise EmoError(f"weights: expected with the method weights alone. Received: {received}")
    if regularisation is not None and method != "svm":
        raise EmoError(f"regularisation: expected with the method svm alone. Received: {method}")
    outputs = outputs.complete()
    out_of_fold = None
    if method == "mean":
        ensemble = Ensemble(outputs.models, "mean")
    elif method == "weights":
        ensemble = _fit_weights(outputs, weights)
    elif method == "svm":
        chosen = REGULARISATION if regularisation is None else regularisation
        ensemble = fit_svm(outputs, regularisation=chosen)
    else:
        ensemble, out_of_fold = fit_stack(outputs)
    origin = {"file": Path(outputs.source).name, "pictures": len(outputs.labels)}
    return FittedEnsemble(
        replace(ensemble, fit=origin | dict(ensemble.fit)),
        outputs,
        ensemble.combine(outputs.probabilities) if out_of_fold is None else out_of_fold,
        out_of_fold=out_of_fold is not None,
    )


def _fit_weights(outputs: ModelOutputs, weights: Sequence[float]) -> Ensemble:
    weights = np.array(weights, float)
    if weights.shape != (len(outputs.models),):
        raise EmoError(
            f"weights: expected one for each of {len(outputs.models)} models, "
            f"{', '.join(outputs.models)}. Received: {weights.size}"
        )
    total = np.abs(weights).sum()
    if not 0 < total < np.inf:
        raise EmoError(f"weights: expected finite numbers, not all 0. Received: {weights.tolist()}")
    # Weights of any scale are looked at alike.
    shares = Ensemble(outputs.models, "weights", {"weights": weights / total, NAME: np.array(1.0)})
    fitted = with_inverse_temperature(shares, outputs).coefficients[NAME]
    return Ensemble(outputs.models, "weights", {"weights": weights, NAME: fitted / total})
