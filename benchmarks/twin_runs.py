"""Runs on a made-up twin: trained to their end, timed, and reported seed by seed."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks.common import REPOSITORY, description_of, verdict, write_json
from benchmarks.training import write_figures
from emo_tf import configs
from emo_tf.errors import EmoError
from emo_tf.training.overrides import apply_overrides

Trained = TypeVar("Trained")

CLOCK = "seconds.json"
LOOK_S = 5


def train(
    experiment: str,
    run: Path,
    *,
    settings: Sequence[str],
    data_dir: Path,
    initial: Sequence[Path] = (),
) -> float:
    """Trains to the end, unless that has been done with the experiment as it is now.

    Args:
        experiment: Name of the experiment.
        run: Folder of the run.
        settings: What to set.
        data_dir: Where the twin lies, built.
        initial: Runs to start from.

    Returns:
        The seconds that training took, from start to end of its process, over all starts.

    Raises:
        subprocess.CalledProcessError: Training failed; it has said why.
    """
    config = apply_overrides(configs.load(experiment), settings).to_json()
    ended = (run / "metrics.json").is_file()
    if not (ended and (run / "config.json").read_text(encoding="utf-8") == config):
        command = [sys.executable, "-m", "emo_tf", "train", experiment, "--run", str(run)]
        command += ["--data-dir", str(data_dir), *(f"--init={one}" for one in initial)]
        command += [f"--set={setting}" for setting in settings]
        run_timed(command, run / CLOCK)
    return read_json(run / CLOCK)["seconds"]


def run_timed(command: Sequence[str], clock: Path) -> None:
    """Runs a command and adds its seconds to those in a file, now and then and at its end.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    before = read_json(clock)["seconds"] if clock.is_file() else 0.0
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


def read_json(path: Path) -> dict:
    """Returns what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def main(
    measure: Callable[[int], Trained],
    rows: Callable[[Sequence[Trained]], list[dict]],
    *,
    seeds: Sequence[int],
    figures: Path,
) -> None:
    """Measures the seeds that the command line names and writes the figures.

    Args:
        measure: Trains and evaluates the models of one seed.
        rows: Makes figures of what came of all seeds.
        seeds: Of the twins, unless the command line names others.
        figures: Folder for the figures, unless the command line names another.
    """
    parser = argparse.ArgumentParser(description=description_of(measure))
    parser.add_argument("--out", type=Path, default=figures, help="folder for the figures")
    parser.add_argument("--seeds", type=int, nargs="+", default=seeds, help="of the twins")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        trained = [measure(seed) for seed in arguments.seeds]
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    except EmoError as error:
        sys.exit(f"{parser.prog}: {error}")
    found = rows(trained)
    write_figures(found, arguments.out)
    for figure in found:
        print(verdict(figure))
    print(f"Wrote {len(found)} files to {arguments.out}")
