import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

# Trains in the folder argv[1]; in epoch argv[2] the process kills itself after one step.
SCRIPT = """
import os, signal, sys
import numpy as np
import tensorflow as tf
from emo_tf.training import trainer as module
from emo_tf.training.config import Experiment

tf.config.experimental.enable_op_determinism()
experiment = Experiment(
    name="killed", dataset="none", model="expression_net", epochs=4, batch_size=8,
    model_arguments={"height": None, "width": None, "stem_filters": 4, "stage_filters": (4, 4),
                     "stage_blocks": (1, 1), "squeeze_ratio": 2},
    resolutions=((0.0, 16), (0.5, 24)),
)
read_batches = module.training_batches

def batches_until_the_end(*arguments, epoch, **options):
    for number, batch in enumerate(read_batches(*arguments, epoch=epoch, **options)):
        if epoch == int(sys.argv[2]) and number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        yield batch

module.training_batches = batches_until_the_end
rng = np.random.default_rng(0)
images, labels = rng.integers(0, 256, (24, 24, 24, 1), np.uint8), np.arange(24) % 7
trainer = module.Trainer(
    experiment, sys.argv[1], report=lambda report: print(report.epoch, flush=True)
)
trainer.fit(images, labels, images[:14], labels[:14])
"""
NEVER = -1


def train(folder: Path, *, killed_in_epoch: int = NEVER) -> tuple[int, list[int]]:
    """Returns the exit status and the epochs that came to their end."""
    command = [sys.executable, "-c", SCRIPT, str(folder), str(killed_in_epoch)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, [int(line) for line in done.stdout.split()]


def checkpoint(folder: Path) -> dict[str, np.ndarray]:
    """Returns every variable of the last checkpoint by its path."""
    reader = tf.train.load_checkpoint(str(folder / "checkpoints"))
    names = reader.get_variable_to_shape_map()
    return {name: reader.get_tensor(name) for name in names if "OBJECT_GRAPH" not in name}


@pytest.mark.slow
def test_a_run_killed_in_the_middle_of_an_epoch_ends_as_an_unbroken_one(tmp_path):
    broken, unbroken = tmp_path / "broken", tmp_path / "unbroken"
    assert train(broken, killed_in_epoch=2) == (-signal.SIGKILL, [1, 2])
    assert train(broken) == (0, [3, 4])
    assert train(unbroken) == (0, [1, 2, 3, 4])

    expected, found = checkpoint(unbroken), checkpoint(broken)
    assert set(found) == set(expected)
    assert len(found) > 50
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)
    assert not [path for path in broken.rglob(".*") if path.is_file()]
