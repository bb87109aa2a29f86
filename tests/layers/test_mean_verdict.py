import keras
import numpy as np
import pytest

from emo_tf.layers.mean_verdict import MeanVerdict
from emo_tf.softmax import softmax

COUNTS = np.array([3, 1, 0])
IS_FACE = (np.arange(3) < COUNTS[:, None]).astype(np.float32)


@pytest.fixture(scope="module")
def logits() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 3, (3, 3, 4)).astype(np.float32)


def test_the_verdict_is_the_mean_of_the_faces_probabilities(logits):
    found, weights = MeanVerdict()(logits, IS_FACE)
    np.testing.assert_allclose(np.exp(found[0]), softmax(logits[0]).mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(np.exp(found[1]), softmax(logits[1, 0]), rtol=1e-4)
    np.testing.assert_allclose(weights, [[1 / 3] * 3, [1, 0, 0], [0, 0, 0]], rtol=1e-6)


def test_without_a_face_all_classes_are_as_likely(logits):
    found, _ = MeanVerdict()(logits, IS_FACE)
    np.testing.assert_array_equal(found[2], np.zeros(4))


def test_what_stands_in_rows_without_a_face_changes_nothing(logits):
    expected, _ = MeanVerdict()(logits, IS_FACE)
    padded = np.where(IS_FACE[..., None] > 0, logits, 1e9).astype(np.float32)
    np.testing.assert_array_equal(MeanVerdict()(padded, IS_FACE)[0], expected)


def test_a_class_that_no_face_shows_has_a_small_probability_and_not_none():
    found, _ = MeanVerdict()(np.array([[[0.0, -200.0], [0.0, -300.0]]]), np.ones((1, 2)))
    np.testing.assert_allclose(found, [[0.0, -200 - np.log(2)]], rtol=1e-5, atol=1e-6)


def test_a_saved_layer_comes_back_as_it_was(logits, tmp_path):
    inputs = [keras.Input((3, 4), name="logits"), keras.Input((3,), name="is_face")]
    verdict, weights = MeanVerdict(name="mean")(*inputs)
    assert (verdict.shape, weights.shape) == ((None, 4), (None, 3))
    model = keras.Model(inputs, [verdict, weights])
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(revived.get_layer("mean"), MeanVerdict)
    for found, expected in zip(revived([logits, IS_FACE]), model([logits, IS_FACE]), strict=True):
        np.testing.assert_array_equal(found, expected)
