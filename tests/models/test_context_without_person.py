import keras
import numpy as np
import pytest

from emo_tf import models
from emo_tf.models.context_fusion import NORMALISATION

SIZE = (48, 40)
BOXES = np.array([[0.25, 0.25, 0.5, 0.5], [0.0, 0.1, 0.3, 0.9]], np.float32)
NOBODY = np.zeros((2, 4), np.float32)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """The scene alone, without the person."""
    return models.create("context_fusion", branches=("scene",), scene_size=SIZE, blank_person=True)


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, *SIZE, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def inside() -> np.ndarray:
    """Which pixels lie in the boxes, bool of shape (B, H, W)."""
    x, y, box_width, box_height = BOXES.T[:, :, None]
    rows, columns = ((np.arange(count) + 0.5) / count for count in SIZE)
    in_columns = (columns >= x) & (columns < x + box_width)
    in_rows = (rows >= y) & (rows < y + box_height)
    return in_rows[:, :, None] & in_columns[:, None, :]


def scores(model: keras.Model, **inputs: np.ndarray) -> np.ndarray:
    return np.asarray(model(inputs, training=False)["score"])


def test_the_backbone_sees_nothing_where_the_person_was(model, scene, inside):
    standardised = keras.Model(model.input, model.get_layer("scene_standardised").output)
    found = np.asarray(standardised({"scene": scene, "box": BOXES}))
    assert 0.2 < inside.mean() < 0.4
    np.testing.assert_allclose(found[inside], 0, atol=1e-6)
    normalisation = NORMALISATION["scene"]
    expected = (scene / 255 - np.array(normalisation.mean)) / normalisation.deviation
    np.testing.assert_allclose(found[~inside], expected[~inside], rtol=1e-5, atol=1e-6)


def test_the_scene_alone_tells_nothing_of_the_persons_looks(model, scene, inside):
    expected = scores(model, scene=scene, box=BOXES)
    other_person = np.where(inside[..., None], 7, scene)
    np.testing.assert_array_equal(scores(model, scene=other_person, box=BOXES), expected)
    other_scene = np.where(inside[..., None], scene, 7)
    assert (scores(model, scene=other_scene, box=BOXES) != expected).all()


def test_a_box_without_area_leaves_the_scene_as_it_is(model, scene):
    whole = models.create("context_fusion", branches=("scene",), scene_size=SIZE)
    whole.set_weights(model.get_weights())
    expected = scores(whole, scene=scene)
    np.testing.assert_array_equal(scores(model, scene=scene, box=NOBODY), expected)
    assert (scores(model, scene=scene, box=BOXES) != expected).all()


def test_the_person_is_painted_out_of_the_scene_alone(scene):
    sizes = {"scene_size": SIZE, "body_size": SIZE}
    fused = models.create("context_fusion", blank_person=True, **sizes)
    body = keras.Model(fused.input, fused.get_layer("body_standardised").output)
    expected = body({"scene": scene, "body": scene, "box": NOBODY})
    np.testing.assert_array_equal(body({"scene": scene, "body": scene, "box": BOXES}), expected)


def test_bytes_and_numbers_of_the_same_value_give_the_same_answer(model, scene):
    np.testing.assert_array_equal(
        scores(model, scene=scene.astype(np.uint8), box=BOXES),
        scores(model, scene=scene, box=BOXES),
    )
