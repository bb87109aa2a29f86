"""What an ensemble is worth beside the plain mean and the best of its members."""

from collections.abc import Callable, Mapping

import numpy as np

from emo_tf.groups.ensemble_stack import out_of_fold
from emo_tf.groups.model_outputs import ModelOutputs
from emo_tf.groups.rounded_figures import rounded_figures
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.ensemble import Ensemble


def evaluate_verdicts(verdicts: np.ndarray, outputs: ModelOutputs) -> dict[str, object]:
    """Measures joint verdicts on pictures, and beside them what is to be had without an ensemble.

    Args:
        verdicts: Shape (N, 3), rows that add up to 1.
        outputs: What the members said, with a verdict of each on every picture.

    Returns:
        Plain types, as JSON takes them. Under `ensemble`, `mean` (of the members' probabilities)
        and `best_single`: `accuracy`, `balanced_accuracy`, `log_loss`, `ece`, their 95 %
        `intervals`, and the `confusion` counts (3, 3), rows the true classes in the order of
        `classes`. `best_single` is the member that is right most often on these very pictures, its
        name under `model`. Besides: `classes`, `models` and the number of `pictures`.
    """
    mean = Ensemble(outputs.models, "mean").combine(outputs.probabilities)
    right = outputs.log_probabilities.argmax(axis=2) == outputs.labels[:, None]
    best = int(right.mean(axis=0).argmax())
    return {
        "classes": list(GROUP_EMOTIONS),
        "models": list(outputs.models),
        "pictures": len(outputs.labels),
        "ensemble": rounded_figures(verdicts, outputs.labels),
        "mean": rounded_figures(mean, outputs.labels),
        "best_single": {
            "model": outputs.models[best],
            **rounded_figures(outputs.probabilities[:, best], outputs.labels),
        },
    }


def compare_out_of_fold(
    outputs: ModelOutputs,
    fits: Mapping[str, Callable[[ModelOutputs], Ensemble]],
    *,
    folds: int = 5,
    repeats: int = 3,
) -> dict[str, dict[str, float]]:
    """Compares ways to make an ensemble on pictures that none of them was fitted to.

    Args:
        outputs: What M models said, with a verdict of each on every picture.
        fits: What makes an ensemble, by name; the others are compared with the first.
        folds: Number of parts.
        repeats: How often other parts are drawn.

    Returns:
        By name `accuracy` and `log_loss`, means over the repeats; `difference`, the log loss less
        that of the first, and its `standard_error` over pictures.
    """
    losses, accuracies = {}, {}
    rows = np.arange(len(outputs.labels))
    for name, fit in fits.items():
        drawn = [out_of_fold(outputs, fit, folds=folds, seed=seed) for seed in range(repeats)]
        losses[name] = -np.mean(
            [np.log(np.maximum(one[rows, outputs.labels], 1e-12)) for one in drawn], axis=0
        )
        accuracies[name] = np.mean([one.argmax(axis=1) == outputs.labels for one in drawn])
    first = next(iter(losses.values()))
    return {
        name: {
            "accuracy": float(accuracies[name]),
            "log_loss": float(loss.mean()),
            "difference": float((loss - first).mean()),
            "standard_error": float((loss - first).std() / len(rows) ** 0.5),
        }
        for name, loss in losses.items()
    }
