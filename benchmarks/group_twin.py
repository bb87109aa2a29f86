"""Trains on the twin of groups: picture, faces, and both, averaged and attended, for several seeds.

    python -m benchmarks.group_twin --out benchmarks/group_twin

Each seed draws a twin and the weights to begin with. A run that was stopped goes on where it was,
one that has ended stays. Each figure becomes a file, which `benchmarks.run` puts into the report.
Pictures of val and eval are measured together: neither chooses an epoch or a setting.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import row, spread
from benchmarks.twin_data import built_twin
from benchmarks.twin_runs import main, read_json, train
from emo_tf.data import miniature

SEEDS = (6, 7, 8)
"""Of the twins that are reported; those below served to choose settings and the twin's rule."""

DATASET = "group_affect/faces"
PICTURES = 4000
MEASURED = ("val", "eval")
GLOBAL, LOCAL, PUBLISHED, AVERAGE, ATTENTION = (
    "global",
    "local",
    "average of O-Net's features",
    "average",
    "attention C",
)


@dataclass(frozen=True)
class Trial:
    """A model that is trained.

    Attributes:
        experiment: Name of the experiment.
        settings: What to set.
        initial: Models to start from.
    """

    experiment: str
    settings: tuple[str, ...] = ()
    initial: tuple[str, ...] = ()


TRIALS: Mapping[str, Trial] = {
    GLOBAL: Trial("group_miniature_global"),
    LOCAL: Trial("group_miniature_local"),
    ATTENTION: Trial("group_miniature", initial=(GLOBAL, LOCAL)),
    AVERAGE: Trial("group_miniature", ("model.scores=average",), (GLOBAL, LOCAL)),
    PUBLISHED: Trial(
        "group_miniature_global",
        ("model=group_average", "model.dropout=0.5", "optimizer.freeze=image_backbone"),
        (GLOBAL,),
    ),
}
"""By what the figures call the model; each after those that it starts from."""

CHAIN = (GLOBAL, LOCAL, ATTENTION)
"""What has to be trained for attention."""

FIGURES = Path(__file__).parent / "group_twin"
GAIN_BAR, SHARE_BAR, MINUTES_BAR = 3, 0.85, 10


@dataclass(frozen=True)
class Trained:
    """What came of one seed.

    Attributes:
        seed: Of twin and training.
        accuracy: On val and eval, 0 to 1, by model.
        oracle: The best that faces and scene together allow.
        minutes: How long training took, by model.
    """

    seed: int
    accuracy: Mapping[str, float]
    oracle: float
    minutes: Mapping[str, float]

    @property
    def gain(self) -> float:
        """Points by which attention is above the plain average: the same network without it."""
        return 100 * (self.accuracy[ATTENTION] - self.accuracy[AVERAGE])

    @property
    def published_gain(self) -> float:
        """Points by which attention is above the paper's Average: the mean of O-Net's features."""
        return 100 * (self.accuracy[ATTENTION] - self.accuracy[PUBLISHED])

    @property
    def margin(self) -> float:
        """Points by which the lower one of attention and average is above both branches."""
        alone = max(self.accuracy[GLOBAL], self.accuracy[LOCAL])
        return 100 * (min(self.accuracy[ATTENTION], self.accuracy[AVERAGE]) - alone)

    @property
    def share(self) -> float:
        """Accuracy of attention as a share of the oracle's."""
        return self.accuracy[ATTENTION] / self.oracle

    @property
    def chain_minutes(self) -> float:
        """Of all that attention takes: the picture's run, the faces', and its own."""
        return sum(self.minutes[model] for model in CHAIN)


def measure_seed(seed: int) -> Trained:
    """Trains and measures the models of one seed, as far as that is not done.

    Raises:
        EmoError: The twin could not be built.
        subprocess.CalledProcessError: A command failed; it has said why.
    """
    data_dir = built_twin(DATASET, seed=seed, size=PICTURES)
    oracle = miniature.oracle("group_affect", seed=seed, size=PICTURES)
    runs = {model: data_dir.parent / "runs" / model.replace(" ", "_") for model in TRIALS}
    accuracy, minutes = {}, {}
    for model, trial in TRIALS.items():
        seconds = train(
            trial.experiment,
            runs[model],
            settings=[f"seed={seed}", *trial.settings],
            data_dir=data_dir,
            initial=[runs[one] for one in trial.initial],
        )
        minutes[model] = seconds / 60
        accuracy[model] = measured_accuracy(read_json(runs[model] / "metrics.json"))
    return Trained(
        seed=seed,
        accuracy=accuracy,
        oracle=oracle.scores["both"][oracle.metrics.index("accuracy")],
        minutes=minutes,
    )


def measured_accuracy(metrics: Mapping[str, Mapping[str, float]]) -> float:
    """Returns the accuracy on all pictures that were measured, 0 to 1.

    Args:
        metrics: A run's `metrics.json`.
    """
    splits = [metrics[split] for split in MEASURED]
    right = sum(split["accuracy"] * split["pictures"] for split in splits)
    return right / sum(split["pictures"] for split in splits)


def twin_rows(trained: Sequence[Trained]) -> list[dict]:
    """Returns the figures of each seed, and what the median and the worst of them come to."""
    seeds = f"seeds {', '.join(str(one.seed) for one in trained)}"
    gains = [one.gain for one in trained]
    published_gains = [one.published_gain for one in trained]
    margins, shares = [one.margin for one in trained], [one.share for one in trained]
    minutes = [one.chain_minutes for one in trained]
    gain, median_gain, margin = min(gains), statistics.median(gains), min(margins)
    share, longest = min(shares), max(minutes)
    return [
        *map(_seed_row, trained),
        row(
            f"Groups' twin, least over {seeds}: points of attention C above the published average",
            round(min(published_gains), 1),
            runs=spread(published_gains, digits=1),
        ),
        row(
            f"Groups' twin, median over {seeds}: points of attention C above the plain average",
            round(median_gain, 1),
            bar=f"≥ {GAIN_BAR}",
            met=median_gain >= GAIN_BAR,
            runs=spread(gains, digits=1),
        ),
        row(
            f"Groups' twin, least over {seeds}: points of attention C above the plain average",
            round(gain, 1),
            bar=f"≥ {GAIN_BAR}",
            met=gain >= GAIN_BAR,
            runs=spread(gains, digits=1),
        ),
        row(
            f"Groups' twin, least over {seeds}: points by which attention C and the plain average "
            "are both above picture alone and faces alone",
            round(margin, 1),
            bar="> 0",
            met=margin > 0,
            runs=spread(margins, digits=1),
        ),
        row(
            f"Groups' twin, least over {seeds}: accuracy of attention C as a share of the oracle's",
            f"{share:.1%}",
            bar=f"≥ {SHARE_BAR:.0%}",
            met=share >= SHARE_BAR,
            runs=spread(shares, percent=True),
        ),
        row(
            f"Groups' twin, longest over {seeds}: training of attention C with what it starts "
            "from, minutes",
            round(longest, 1),
            bar=f"< {MINUTES_BAR}",
            met=longest < MINUTES_BAR,
            runs=spread(minutes, digits=1),
        ),
    ]


def _seed_row(one: Trained) -> dict:
    return row(
        f"Groups' twin of {PICTURES} pictures, seed {one.seed}: accuracy of attention C on "
        f"{' and '.join(MEASURED)}",
        f"{one.accuracy[ATTENTION]:.1%}",
        details={
            **{model: f"{value:.1%}" for model, value in one.accuracy.items()},
            "oracle": f"{one.oracle:.1%}",
            "share of the oracle": f"{one.share:.1%}",
            "points above the plain average": round(one.gain, 1),
            "minutes of training": {m: round(value, 1) for m, value in one.minutes.items()},
        },
    )


if __name__ == "__main__":
    main(measure_seed, twin_rows, seeds=SEEDS, figures=FIGURES)
