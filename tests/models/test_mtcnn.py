import numpy as np
import pytest

from emo_tf.models.mtcnn import output_network, proposal_network, refinement_network


def pixels(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)


@pytest.mark.parametrize(
    ("size", "windows"),
    [((12, 12), (1, 1)), ((13, 14), (2, 2)), ((40, 33), (15, 12))],
    ids=str,
)
def test_the_proposal_network_looks_through_each_window(size, windows):
    image = pixels(1, *size, 3)
    outputs = proposal_network()({"image": image, "fraction": np.zeros_like(image)})
    assert outputs["logit"].shape == (1, *windows, 1)
    assert outputs["box"].shape == (1, *windows, 4)


def test_a_window_is_all_that_a_proposal_depends_on():
    network = proposal_network()
    image = pixels(1, 30, 40, 3)
    whole = network({"image": image, "fraction": np.zeros_like(image)})
    window = image[:, 8:20, 14:26]
    alone = network({"image": window, "fraction": np.zeros_like(window)})
    for name in whole:
        np.testing.assert_allclose(alone[name][0, 0, 0], whole[name][0, 4, 7], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("build", [proposal_network, refinement_network], ids=["pnet", "rnet"])
def test_a_fraction_counts_a_256th_of_a_pixel(build):
    network = build()
    image = np.floor(pixels(1, 24, 24, 3))
    zeros = np.zeros_like(image)
    one_more = network({"image": image + 1, "fraction": zeros})
    in_parts = network({"image": image, "fraction": zeros + 256})
    for name in one_more:
        np.testing.assert_allclose(one_more[name], in_parts[name], rtol=1e-3, atol=1e-3)


def test_the_later_networks_return_one_row_a_window():
    image = pixels(3, 24, 24, 3)
    outputs = refinement_network()({"image": image, "fraction": np.zeros_like(image)})
    assert {name: output.shape for name, output in outputs.items()} == {
        "logit": (3, 1),
        "box": (3, 4),
    }
    outputs = output_network()(pixels(2, 48, 48, 3))
    assert {name: output.shape for name, output in outputs.items()} == {
        "logit": (2, 1),
        "box": (2, 4),
        "landmarks": (2, 10),
        "features": (2, 256),
    }
