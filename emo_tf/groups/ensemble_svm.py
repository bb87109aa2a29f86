"""Fits the hyperplanes of an ensemble: a linear support vector machine."""

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.extras import needing_extra
from emo_tf.groups.inverse_temperature import NAME, with_inverse_temperature
from emo_tf.groups.model_outputs import ModelOutputs
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.ensemble import Ensemble

REGULARISATION = 9e-5
"""The published C."""


def fit_svm(outputs: ModelOutputs, *, regularisation: float = REGULARISATION) -> Ensemble:
    """Fits scikit-learn's `SVC(kernel="linear")`, one class against one, on all probabilities.

    The inverse temperature is that of least log loss on the same pictures. Where these are what
    the models were trained on, as published, the answers are too certain.

    Args:
        outputs: What M models said, with a verdict of each on every picture.
        regularisation: C: the smaller, the wider the margins. The default, as published, is for
            ten thousand pictures; on a third of them it tells the classes apart no more.

    Raises:
        EmoError: `regularisation` is not above 0, a class has no picture, or scikit-learn is not
            installed.

    Reference:
        Gupta et al. 2018, "An attention model for group-level emotion recognition", section 4.
    """
    if not 0 < regularisation < np.inf:
        raise EmoError(f"regularisation: expected above 0, finite. Received: {regularisation}")
    counts = np.bincount(outputs.labels, minlength=len(GROUP_EMOTIONS))
    if not counts.all():
        raise EmoError(
            f"{outputs.source}: expected pictures of every class. "
            f"Received: none of {GROUP_EMOTIONS[counts.argmin()]}"
        )
    with needing_extra("groups", what="an SVM"):
        from sklearn.svm import SVC
    features = outputs.probabilities.reshape(len(outputs.labels), -1)
    machine = SVC(kernel="linear", C=regularisation).fit(features, outputs.labels)
    ensemble = Ensemble(
        outputs.models,
        "svm",
        {
            "hyperplanes": machine.coef_.reshape(len(machine.coef_), len(outputs.models), -1),
            "intercepts": machine.intercept_,
            NAME: np.array(1.0),
        },
        fit={"regularisation": regularisation},
    )
    return with_inverse_temperature(ensemble, outputs)
