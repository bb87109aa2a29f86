"""What a step on clips of faces does on two logical processors, and on one device."""

import numpy as np
import pytest

from tests.training.mirrored_checks import assert_same_answers, assert_same_step, found_by
from tests.training.video_mirrored_run import RUNS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory, video_twin) -> dict[str, np.ndarray]:
    """What `video_mirrored_run` kept, by name."""
    path = tmp_path_factory.mktemp("mirrored") / "found.npz"
    return found_by("tests.training.video_mirrored_run", video_twin, kept=path)


@pytest.mark.parametrize("run", RUNS)
def test_two_replicas_take_the_step_of_one(found, run):
    assert_same_step(found, run, least=20, tolerance=1e-4)


@pytest.mark.parametrize("run", RUNS)
def test_two_replicas_say_the_same_of_every_clip(found, run):
    assert_same_answers(found, run, rtol=1e-2)
