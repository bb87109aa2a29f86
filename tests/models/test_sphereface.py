import keras
import numpy as np
import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.models.golden import compare_with_golden
from emo_tf.models.torch_weights import assign, torch_shapes
from tests.torch_arithmetic import convolve

TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def tensors(golden_tensors) -> dict[str, np.ndarray]:
    return golden_tensors("sphere20a")


def filled(tensors: dict[str, np.ndarray], **size: int) -> keras.Model:
    model = models.create("sphere20a", **size)
    assign(model, tensors, source="formula")
    return model


@pytest.fixture(scope="module")
def network(tensors) -> keras.Model:
    """The network for the crops of SphereFace, filled."""
    return filled(tensors)


def by_numpy(image: np.ndarray, tensors: dict[str, np.ndarray]) -> np.ndarray:
    """Returns the embedding as torch computes it from (B, 3, H, W)."""

    def block(x: np.ndarray, stage: int, place: int, strides: int = 1) -> np.ndarray:
        x = convolve(x, tensors[f"conv{stage}_{place}.weight"], strides)
        x = x + tensors[f"conv{stage}_{place}.bias"][:, None, None]
        return np.where(x > 0, x, x * tensors[f"relu{stage}_{place}.weight"][:, None, None])

    x = image
    for stage, units in {1: 1, 2: 2, 3: 4, 4: 1}.items():
        x = block(x, stage, 1, strides=2)
        for place in range(2, 2 * units + 1, 2):
            x = x + block(block(x, stage, place), stage, place + 1)
    return x.reshape(len(x), -1) @ tensors["fc5.weight"].T + tensors["fc5.bias"]


def test_tensors_have_the_published_names_order_and_shapes(network, tensors):
    expected = [(name, tensor.shape) for name, tensor in tensors.items()]
    assert list(torch_shapes(network).items()) == expected


def test_the_embedding_of_a_face_is_torchs(network, shared):
    errors = compare_with_golden(network, shared / "goldens" / "sphere20a.npz")
    assert errors.keys() == {"embedding"}
    assert errors["embedding"] <= TOLERANCE


def test_a_face_of_the_other_crop_is_flattened_in_torchs_order_too(tensors):
    image = np.random.default_rng(0).standard_normal((2, 3, 96, 112), np.float32)
    expected = by_numpy(image, tensors)
    network = filled(tensors, height=96, width=112)
    found = network(np.moveaxis(image, 1, -1), training=False)["embedding"]
    assert np.abs(found - expected).max() <= TOLERANCE * np.abs(expected).max()


def test_a_saved_network_comes_back_as_it_was(network, tmp_path):
    network.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    assert torch_shapes(revived) == torch_shapes(network)
    face = np.random.default_rng(0).standard_normal((1, 112, 96, 3), np.float32)
    expected = network(face, training=False)["embedding"]
    np.testing.assert_array_equal(revived(face, training=False)["embedding"], expected)


@pytest.mark.parametrize("size", [(112, 112), (64, 64), (56, 48)], ids=str)
def test_a_face_of_no_known_crop_is_refused(size):
    height, width = size
    with pytest.raises(EmoError) as caught:
        models.create("sphere20a", height=height, width=width)
    assert str(caught.value) == (
        f"size for sphere20a: expected 96 x 112 or 112 x 96. Received: {height} x {width}"
    )
