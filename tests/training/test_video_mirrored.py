"""What a step on clips of faces does on two logical processors, and on one device."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.training.video_mirrored_run import RUNS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory, video_twin) -> dict[str, np.ndarray]:
    """What `video_mirrored_run` kept, by name."""
    path = tmp_path_factory.mktemp("mirrored") / "found.npz"
    command = [sys.executable, "-m", "tests.training.video_mirrored_run", str(video_twin), path]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    with np.load(path) as file:
        return dict(file)


@pytest.mark.parametrize("run", RUNS)
def test_two_replicas_take_the_step_of_one(found, run):
    names = [name for name in found if name.startswith(f"one/{run}/model/")]
    assert len(names) > 20
    for name in names:
        one, two = found[name], found[name.replace("one/", "two/", 1)]
        assert (len(one), len(two)) == (1, 2)  # each replica's copy
        np.testing.assert_allclose(
            two, np.broadcast_to(one, two.shape), rtol=1e-4, atol=1e-4, err_msg=name
        )


@pytest.mark.parametrize("run", RUNS)
def test_two_replicas_say_the_same_of_every_clip(found, run):
    one, two = (
        {name: found[f"{count}/{run}/{name}"] for name in ("labels", "logits")}
        for count in ("one", "two")
    )
    np.testing.assert_array_equal(two["labels"], one["labels"])
    np.testing.assert_allclose(two["logits"], one["logits"], rtol=1e-2, atol=1e-3)
