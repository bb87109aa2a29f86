"""Trains on EMOTIC's twin: body, scene and both, for several seeds; keeps the figures.

    python -m benchmarks.twin --out benchmarks/twin

Each seed draws a twin and the weights to begin with. A run that was stopped goes on where it was,
one that has ended stays. Each figure becomes a file, which `benchmarks.run` puts into the report.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import REPOSITORY, row, spread
from benchmarks.twin_data import PEOPLE, built_twin
from benchmarks.twin_runs import main, read_json, train
from emo_tf.data import miniature

SEEDS = (3, 4, 5)
"""Of the twins that are reported; those of 0, 1 and 2 served to choose the settings."""

EXPERIMENT = "emotic_miniature"
BOTH = "B+I"
SETTINGS: Mapping[str, Sequence[str]] = {
    BOTH: (),
    "B": ("model.branches=body",),
    "I": ("model.branches=scene",),
}
"""What is set for each model, by what Kosti et al. 2020 call it."""

FIGURES = Path(__file__).parent / "twin"
GAIN_BAR, SHARE_BAR, MINUTES_BAR = 5, 0.85, 10


@dataclass(frozen=True)
class Trained:
    """What came of one seed.

    Attributes:
        seed: Of twin and training.
        precision: Mean average precision on test, 0 to 1, by model.
        oracle: The best that body and scene together allow.
        minutes: How long training took, by model.
    """

    seed: int
    precision: Mapping[str, float]
    oracle: float
    minutes: Mapping[str, float]

    @property
    def gain(self) -> float:
        """Points of mAP by which both branches are above the better one."""
        alone = max(value for model, value in self.precision.items() if model != BOTH)
        return 100 * (self.precision[BOTH] - alone)

    @property
    def share(self) -> float:
        """Precision of both branches as a share of the oracle's."""
        return self.precision[BOTH] / self.oracle


def measure_seed(seed: int) -> Trained:
    """Trains and evaluates the models of one seed, as far as that is not done.

    Raises:
        EmoError: The twin could not be built.
        subprocess.CalledProcessError: A command failed; it has said why.
    """
    data_dir = built_twin("emotic", seed=seed, size=PEOPLE)
    oracle = miniature.oracle("emotic", seed=seed, size=PEOPLE)
    precision, minutes = {}, {}
    for model, settings in SETTINGS.items():
        run = data_dir.parent / "runs" / model
        seconds = train(EXPERIMENT, run, settings=[f"seed={seed}", *settings], data_dir=data_dir)
        minutes[model] = seconds / 60
        precision[model] = evaluate(run)
    return Trained(
        seed=seed,
        precision=precision,
        oracle=oracle.scores["both"][oracle.metrics.index("mAP")],
        minutes=minutes,
    )


def evaluate(run: Path) -> float:
    """Returns the mean average precision of a run on the people of test.

    Raises:
        subprocess.CalledProcessError: It could not be measured; the command has said why.
    """
    out = run / "evaluation" / "test"
    command = [sys.executable, "-m", "emo_tf", "evaluate", "--run", str(run), "--split", "test"]
    subprocess.run([*command, "--out", str(out)], cwd=REPOSITORY, check=True)
    return read_json(out / "metrics.json")["mean_average_precision"]


def twin_rows(trained: Sequence[Trained]) -> list[dict]:
    """Returns the figures of each seed and what the worst of them comes to."""
    seeds = f"seeds {', '.join(str(one.seed) for one in trained)}"
    gains = [one.gain for one in trained]
    shares = [one.share for one in trained]
    minutes = [one.minutes[BOTH] for one in trained]
    gain, share, longest = min(gains), min(shares), max(minutes)
    return [
        *map(_seed_row, trained),
        row(
            f"EMOTIC's twin, least over {seeds}: points of mAP by which B+I is above both B and I",
            round(gain, 1),
            bar=f"≥ {GAIN_BAR}",
            met=gain >= GAIN_BAR,
            runs=spread(gains, digits=1),
        ),
        row(
            f"EMOTIC's twin, least over {seeds}: mAP of B+I as a share of the oracle's",
            f"{share:.1%}",
            bar=f"≥ {SHARE_BAR:.0%}",
            met=share >= SHARE_BAR,
            runs=spread(shares, percent=True),
        ),
        row(
            f"EMOTIC's twin, longest over {seeds}: training of B+I, minutes",
            round(longest, 1),
            bar=f"< {MINUTES_BAR}",
            met=longest < MINUTES_BAR,
            runs=spread(minutes, digits=1),
        ),
    ]


def _seed_row(one: Trained) -> dict:
    return row(
        f"EMOTIC's twin of {PEOPLE} people, seed {one.seed}: mAP of B+I on test",
        round(100 * one.precision[BOTH], 1),
        details={
            **{model: round(100 * value, 1) for model, value in one.precision.items()},
            "oracle": round(100 * one.oracle, 1),
            "share of the oracle": f"{one.share:.1%}",
            "points above the better of B and I": round(one.gain, 1),
            "minutes of training": {m: round(value, 1) for m, value in one.minutes.items()},
        },
    )


if __name__ == "__main__":
    main(measure_seed, twin_rows, seeds=SEEDS, figures=FIGURES)
