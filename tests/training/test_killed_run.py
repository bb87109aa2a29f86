import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

# Trains in the folder argv[1]; the process kills itself where argv[2] says. Checkpoints come with
# every step that is looked at.
SCRIPT = """
import os, signal, sys
from pathlib import Path
import numpy as np
import tensorflow as tf
from emo_tf.training import checkpoints, trainer as module
from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.expression_config import ExpressionExperiment
from tests.training.small_runs import make_trainer

place = sys.argv[2]
tf.config.experimental.enable_op_determinism()
module.PROGRESS_SECONDS = 0
experiment = ExpressionExperiment(
    name="killed", dataset="none", model="expression_net", epochs=4, batch_size=8,
    model_arguments={"height": None, "width": None, "stem_filters": 4, "stage_filters": (4, 4),
                     "stage_blocks": (1, 1), "squeeze_ratio": 2, "dropout": 0.2},
    resolutions=((0.0, 16), (0.5, 24)), mixed_precision=True, accumulation=2,
    checkpoint_minutes=0, optimizer=Optimizer(name="adam", l2=1e-3, clip_norm=1.0, ema_decay=0.9),
    schedule=Schedule(name="cosine", warmup_epochs=1.0),
)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class Killed(checkpoints.Checkpoints):
    def save(self, step, state):
        if place == "before a checkpoint" and step == 7:
            die()
        path = super().save(step, state)
        if place == "after a checkpoint" and step == 7:
            die()
        return path

write = checkpoints.save_file

def save_file(tensors, path, **options):
    write(tensors, path, **options)
    if place == "in a checkpoint" and "step_00000008" in str(path):
        Path(path).write_bytes(Path(path).read_bytes()[:1000])
        die()

module.Checkpoints = Killed
checkpoints.save_file = save_file
rng = np.random.default_rng(0)
images, labels = rng.integers(0, 256, (24, 24, 24, 1), np.uint8), np.arange(24) % 7

def report(done):
    print(done.epoch, flush=True)
    if place == "after an epoch" and done.epoch == 3:
        die()

faces = images, labels, images[:14], labels[:14]
make_trainer(experiment, sys.argv[1], faces, report=report).fit()
"""
PLACES = ("before a checkpoint", "in a checkpoint", "after a checkpoint", "after an epoch")


def train(folder: Path, place: str = "nowhere") -> tuple[int, list[int]]:
    """Returns the exit status and the epochs that came to their end."""
    command = [sys.executable, "-c", SCRIPT, str(folder), place]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode, [int(line) for line in done.stdout.split()]


def last_checkpoint(folder: Path) -> dict[str, np.ndarray]:
    """Returns every variable of the last checkpoint by its name."""
    return load_file(sorted((folder / "checkpoints").glob("step_*.safetensors"))[-1])


@pytest.mark.slow
def test_a_run_killed_at_any_moment_ends_as_an_unbroken_one(tmp_path):
    unbroken = tmp_path / "unbroken"
    assert train(unbroken) == (0, [1, 2, 3, 4])
    expected = last_checkpoint(unbroken)
    assert len(expected) > 50
    for place in PLACES:
        broken = tmp_path / place
        code, before = train(broken, place)
        assert code == -signal.SIGKILL
        code, after = train(broken)
        assert code == 0
        assert before + after == [1, 2, 3, 4]
        found = last_checkpoint(broken)
        assert set(found) == set(expected)
        for name, value in expected.items():
            np.testing.assert_array_equal(found[name], value, err_msg=f"{place}: {name}")
        best = "checkpoints/best.weights.h5"
        assert (broken / best).is_file()
        assert len(list((broken / "checkpoints").glob("step_*.safetensors"))) == 3
