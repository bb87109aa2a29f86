"""What a step on pictures of groups does on two logical processors, and on one device."""

import numpy as np
import pytest

from tests.training.group_mirrored_run import RUNS
from tests.training.mirrored_checks import assert_same_answers, assert_same_step, found_by

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory, group_twin) -> dict[str, np.ndarray]:
    """What `group_mirrored_run` kept, by name."""
    path = tmp_path_factory.mktemp("mirrored") / "found.npz"
    return found_by("tests.training.group_mirrored_run", group_twin, kept=path)


@pytest.mark.parametrize("run", RUNS)
def test_two_replicas_take_the_step_of_one(found, run):
    assert_same_step(found, run, least=40, tolerance=1e-5)


@pytest.mark.parametrize("run", RUNS)
def test_two_replicas_say_the_same_of_every_picture(found, run):
    assert_same_answers(found, run, rtol=1e-3)
