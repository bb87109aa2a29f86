"""Trains on EMOTIC's twin: body, scene and both, for several seeds; keeps the figures.

    python -m benchmarks.twin --out benchmarks/twin

Each seed draws a twin and the weights to begin with. A run that was stopped goes on where it was,
one that has ended stays. Each figure becomes a file, which `benchmarks.run` puts into the report.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import REPOSITORY, row, verdict, write_json
from benchmarks.training import write_figures
from benchmarks.twin_data import PEOPLE, built_twin
from emo_tf import configs
from emo_tf.data import miniature
from emo_tf.errors import EmoError
from emo_tf.training.overrides import apply_overrides

EXPERIMENT = "emotic_miniature"
BOTH = "B+I"
SETTINGS: Mapping[str, Sequence[str]] = {
    BOTH: (),
    "B": ("model.branches=body",),
    "I": ("model.branches=scene",),
}
"""What is set for each model, by what Kosti et al. 2020 call it."""

SEEDS = (3, 4, 5)
"""Of the twins that are reported; those of 0, 1 and 2 served to choose the settings."""

FIGURES = Path(__file__).parent / "twin"
GAIN_BAR, SHARE_BAR, MINUTES_BAR = 5, 0.85, 10
CLOCK = "seconds.json"
LOOK_S = 5


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
    data_dir = built_twin(seed=seed)
    oracle = miniature.oracle("emotic", seed=seed, size=PEOPLE)
    precision, minutes = {}, {}
    for model, settings in SETTINGS.items():
        run = data_dir.parent / "runs" / model
        seconds = train(run, settings=[f"seed={seed}", *settings], data_dir=data_dir)
        minutes[model] = seconds / 60
        precision[model] = evaluate(run)
    return Trained(
        seed=seed,
        precision=precision,
        oracle=oracle.scores["both"][oracle.metrics.index("mAP")],
        minutes=minutes,
    )


def train(run: Path, *, settings: Sequence[str], data_dir: Path) -> float:
    """Trains to the end, unless that has been done with the experiment as it is now.

    Args:
        run: Folder of the run.
        settings: What to set.
        data_dir: Where the twin lies, built.

    Returns:
        The seconds that training took, from start to end of its process, over all starts.

    Raises:
        subprocess.CalledProcessError: Training failed; it has said why.
    """
    config = apply_overrides(configs.load(EXPERIMENT), settings).to_json()
    ended = (run / "metrics.json").is_file()
    if not (ended and (run / "config.json").read_text(encoding="utf-8") == config):
        command = [sys.executable, "-m", "emo_tf", "train", EXPERIMENT, "--run", str(run)]
        command += ["--data-dir", str(data_dir), *(f"--set={setting}" for setting in settings)]
        run_timed(command, run / CLOCK)
    return _read(run / CLOCK)["seconds"]


def run_timed(command: Sequence[str], clock: Path) -> None:
    """Runs a command and adds its seconds to those in a file, now and then and at its end.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    before = _read(clock)["seconds"] if clock.is_file() else 0.0
    start = time.monotonic()
    with subprocess.Popen(command, cwd=REPOSITORY) as process:
        try:
            code = None
            while code is None:
                try:
                    code = process.wait(timeout=LOOK_S)
                except subprocess.TimeoutExpired:
                    code = None
                write_json(clock, {"seconds": round(before + time.monotonic() - start, 1)})
        finally:
            process.kill()
    if code:
        raise subprocess.CalledProcessError(code, command)


def evaluate(run: Path) -> float:
    """Returns the mean average precision of a run on the people of test.

    Raises:
        subprocess.CalledProcessError: It could not be measured; the command has said why.
    """
    out = run / "evaluation" / "test"
    command = [sys.executable, "-m", "emo_tf", "evaluate", "--run", str(run), "--split", "test"]
    subprocess.run([*command, "--out", str(out)], cwd=REPOSITORY, check=True)
    return _read(out / "metrics.json")["mean_average_precision"]


def _read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def twin_rows(trained: Sequence[Trained]) -> list[dict]:
    """Returns the figures of each seed and what the worst of them comes to."""
    seeds = f"seeds {', '.join(str(one.seed) for one in trained)}"
    gain, share = min(one.gain for one in trained), min(one.share for one in trained)
    longest = max(one.minutes[BOTH] for one in trained)
    return [
        *map(_seed_row, trained),
        row(
            f"EMOTIC's twin, least over {seeds}: points of mAP by which B+I is above both B and I",
            round(gain, 1),
            bar=f"≥ {GAIN_BAR}",
            met=gain >= GAIN_BAR,
        ),
        row(
            f"EMOTIC's twin, least over {seeds}: mAP of B+I as a share of the oracle's",
            f"{share:.1%}",
            bar=f"≥ {SHARE_BAR:.0%}",
            met=share >= SHARE_BAR,
        ),
        row(
            f"EMOTIC's twin, longest over {seeds}: training of B+I, minutes",
            round(longest, 1),
            bar=f"< {MINUTES_BAR}",
            met=longest < MINUTES_BAR,
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder for the figures")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="of the twins")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        trained = [measure_seed(seed) for seed in arguments.seeds]
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    except EmoError as error:
        sys.exit(f"{parser.prog}: {error}")
    rows = twin_rows(trained)
    write_figures(rows, arguments.out)
    for figure in rows:
        print(verdict(figure))
    print(f"Wrote {len(rows)} files to {arguments.out}")


if __name__ == "__main__":
    main()
