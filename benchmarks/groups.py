"""Groups: the network over scene labels and the ensembles against what was published.

python -m benchmarks.groups --shared ../shared --json groups.json
"""

import csv
import functools
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.common import main, row, spread
from emo_tf.groups.ensemble_evaluation import compare_out_of_fold
from emo_tf.groups.ensemble_fit import fit_ensemble
from emo_tf.groups.model_outputs import ModelOutputs
from emo_tf.groups.scene_fit import SMOOTHING, TEMPER, fit_network, published_network
from emo_tf.groups.scene_selection import choose_settings
from emo_tf.groups.scene_tables import FaceVerdicts, SceneCounts
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.metrics.probability_figures import bootstrap_intervals, probability_figures
from emo_tf.runtime.ensemble import Ensemble
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork

# The face net's verdicts on training pictures, rows the true class, as published (Garg 2019), in
# the order of GROUP_EMOTIONS.
CONFUSION = np.array([[791, 552, 330], [387, 1097, 374], [210, 430, 2735]])
HAND_WEIGHTS = (-1, 5, 10, 10, 1, 5, 2.5, 5, 0, 0, 0, 0, 0, 0)

AGREEMENT_BAR = 0.975
ACCURACY_BAR = 0.70
ECE_BAR = 0.08
RATE_BAR = 10_000
ROUNDS = 9
REPEATS = 5
"""How often the pictures are inferred in each round."""


def measure(shared: Path) -> list[dict]:
    """Compares network and ensembles with what was published, and times the network.

    Args:
        shared: Folder with `data/group_scene_labels` and `data/group_ensemble`.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    return [
        *scene_rows(shared / "data" / "group_scene_labels"),
        *ensemble_rows(shared / "data" / "group_ensemble"),
    ]


def scene_rows(folder: Path) -> list[dict]:
    """Fits the network as published and as we do, and measures both on the photographs of val."""
    counts = SceneCounts.read(folder / "label_counts.csv")
    verdicts = FaceVerdicts.read(folder / "val_predictions.csv")
    scene_labels = SceneLabels.read(folder / "val_scene_labels.json")
    labels = [scene_labels.of(picture) for picture in verdicts.pictures]
    published = published_network(counts, CONFUSION)
    chosen = choose_settings(
        counts, CONFUSION, labels=labels, faces=verdicts.faces, actual=verdicts.actual
    )
    ours = probability_figures(chosen.out_of_fold, verdicts.actual)
    intervals = bootstrap_intervals(chosen.out_of_fold, verdicts.actual)
    network = fit_network(counts, CONFUSION)
    return [
        *_agreements(published, labels, verdicts, folder / "val_predictions.csv"),
        row(
            "Scene network, photographs of val: accuracy of the hybrid, out of fold",
            f"{ours['accuracy']:.1%}",
            bar=f"≥ {ACCURACY_BAR:.0%}",
            met=ours["accuracy"] >= ACCURACY_BAR,
            details={
                "95 % interval": _percent(intervals["accuracy"]),
                "balanced": f"{ours['balanced_accuracy']:.1%}",
                "log loss": round(ours["log_loss"], 3),
                "published": "65.1%",
                "chosen smoothing": chosen.smoothing,
                "chosen temper": chosen.temper,
                "defaults": f"{SMOOTHING:g}, {TEMPER:g}",
            },
        ),
        row(
            "Scene network, photographs of val: expected calibration error of the hybrid",
            round(ours["ece"], 4),
            bar=f"≤ {ECE_BAR}",
            met=ours["ece"] <= ECE_BAR,
        ),
        *_rates(network, labels, verdicts.faces),
    ]


def _agreements(
    network: SceneNetwork,
    labels: Sequence[Sequence[str]],
    verdicts: FaceVerdicts,
    predictions: Path,
) -> list[dict]:
    with predictions.open(newline="", encoding="utf-8") as file:
        published = list(csv.DictReader(file))
    rows = []
    for column, what, faces in (
        ("published_bayesian", "labels alone", None),
        ("published_hybrid", "labels and faces", verdicts.faces),
    ):
        classes = network.infer(labels, faces).argmax(axis=1)
        theirs = np.array([GROUP_EMOTIONS.index(one[column]) for one in published])
        agreement = float((classes == theirs).mean())
        rows.append(
            row(
                f"Scene network at the published settings, {what}: agrees with the published "
                "predictions",
                f"{agreement:.1%}",
                bar=f"≥ {AGREEMENT_BAR:.1%}",
                met=agreement >= AGREEMENT_BAR,
                details={
                    "accuracy": f"{(classes == verdicts.actual).mean():.1%}",
                    "published accuracy": f"{(theirs == verdicts.actual).mean():.1%}",
                },
            )
        )
    return rows


def _rates(network: SceneNetwork, labels: Sequence[Sequence[str]], faces: np.ndarray) -> list[dict]:
    def all_at_once() -> None:
        network.infer(labels, faces)

    def one_by_one() -> None:
        for its_labels, its_faces in zip(labels, faces, strict=True):
            network.infer([its_labels], its_faces[None])

    together = _per_second(all_at_once, len(labels), repeats=REPEATS)
    apart = _per_second(one_by_one, len(labels), repeats=1)
    middle = statistics.median(together)
    return [
        row(
            "Pictures a second through the network, labels and faces, all at once",
            round(middle),
            bar=f"≥ {RATE_BAR:,}",
            met=middle >= RATE_BAR,
            runs=spread(together, digits=0),
            details={"pictures": len(labels)},
        ),
        row(
            "Pictures a second through the network, one at a time",
            round(statistics.median(apart)),
            runs=spread(apart, digits=0),
        ),
    ]


def _per_second(work: Callable[[], None], count: int, *, repeats: int) -> list[float]:
    work()  # the first fills the caches
    rates = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(repeats):
            work()
        rates.append(repeats * count / (time.perf_counter() - start))
    return rates


def ensemble_rows(folder: Path) -> list[dict]:
    """Fits ensembles of the 14 published models and measures them on splits they did not see."""
    outputs = {
        name: ModelOutputs.read(folder / f"{name}.npz")
        for name in ("train", "val", "eval", "eval_fulltrained")
    }
    fitted = {
        "weights by hand": fit_ensemble(outputs["val"], method="weights", weights=HAND_WEIGHTS),
        "linear SVM, fitted on train": fit_ensemble(outputs["train"], method="svm"),
        "mean": fit_ensemble(outputs["val"], method="mean"),
        "logistic stack, fitted on val": fit_ensemble(outputs["val"], method="stack"),
    }
    published = {
        ("weights by hand", "val"): "77.40%",
        ("weights by hand", "eval"): "78.70%",
        ("linear SVM, fitted on train", "val"): "77.40%",
        ("linear SVM, fitted on train", "eval"): "79.50%",
        ("mean", "eval_fulltrained"): "80.60%",
        ("mean", "eval"): None,
        ("logistic stack, fitted on val", "eval"): None,
        ("logistic stack, fitted on val", "eval_fulltrained"): None,
    }
    return [
        *(
            _ensemble_row(name, fitted[name], split, outputs[split], published=theirs)
            for (name, split), theirs in published.items()
        ),
        _stack_against_mean(outputs["val"]),
    ]


def _stack_against_mean(val: ModelOutputs) -> dict:
    ways = {method: functools.partial(fit_ensemble, method=method) for method in ("mean", "stack")}
    compared = compare_out_of_fold(val, ways, repeats=1)
    mean, stack = compared["mean"], compared["stack"]
    return row(
        "Logistic stack on val, out of fold: log loss above that of the mean",
        round(stack["difference"], 4),
        details={
            "standard error": round(stack["standard_error"], 4),
            "log loss": f"{stack['log_loss']:.3f}, the mean {mean['log_loss']:.3f}",
            "accuracy": f"{stack['accuracy']:.1%}, the mean {mean['accuracy']:.1%}",
        },
    )


def _ensemble_row(
    name: str, ensemble: Ensemble, split: str, outputs: ModelOutputs, *, published: str | None
) -> dict:
    probabilities = ensemble.combine(np.exp(outputs.log_probabilities))
    figures = probability_figures(probabilities, outputs.labels)
    intervals = bootstrap_intervals(probabilities, outputs.labels)
    accuracy = f"{figures['accuracy']:.2%}"
    return row(
        f"Ensemble of the 14 models, {name}: accuracy on {split}",
        accuracy,
        bar=published and f"= {published}",
        met=published and accuracy == published,
        details={
            "95 % interval": _percent(intervals["accuracy"]),
            "balanced": f"{figures['balanced_accuracy']:.1%}",
            "log loss": round(figures["log_loss"], 3),
            "calibration error": round(figures["ece"], 3),
        },
    )


def _percent(ends: Sequence[float]) -> str:
    return " to ".join(f"{end:.1%}" for end in ends)


if __name__ == "__main__":
    main(measure)
