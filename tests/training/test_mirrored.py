"""What two logical processors do, and one device with the same batches."""

import numpy as np
import pytest

from tests.training.mirrored_checks import found_by

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, np.ndarray]:
    """What `mirrored_run` kept, by name."""
    kept = tmp_path_factory.mktemp("mirrored") / "found.npz"
    return found_by("tests.training.mirrored_run", kept=kept)


@pytest.mark.parametrize("run", ["sgd", "adam", "parts"])
def test_two_replicas_end_with_the_weights_of_one(found, run):
    names = [name for name in found if name.startswith(f"one/{run}/")]
    assert len(names) >= 14
    for name in names:
        one, two = found[name], found[name.replace("one/", "two/", 1)]
        if "figures" not in name:
            assert (len(one), len(two)) == (1, 2)  # each replica's copy
        np.testing.assert_allclose(
            two, np.broadcast_to(one, two.shape), rtol=1e-5, atol=1e-5, err_msg=name
        )


def test_results_of_all_replicas_are_joined_in_order(found):
    for name in ("x", "y"):
        assert len(found[f"two/gathered/{name}"]) == 16
        np.testing.assert_array_equal(found[f"two/gathered/{name}"], found[f"one/gathered/{name}"])


def test_every_replica_and_call_and_seed_drops_other_units(found):
    others = ("from the start", "another seed", "another worker")
    masks = {tuple(mask) for name in others for call in found[f"masks/{name}"] for mask in call}
    assert len(masks) == 8
    shares = [np.mean(mask) for mask in masks]
    assert 0.4 < np.mean(shares) < 0.7


def test_dropout_goes_on_where_it_was(found):
    (second,) = found["masks/from the start"][1:]
    np.testing.assert_array_equal(found["masks/after one call"][0], second)


def test_xla_on_several_devices_is_an_error(found):
    assert str(found["xla"]) == "xla: expected one device. Received: 2; --strategy none"
