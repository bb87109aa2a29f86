import keras
import numpy as np
import pytest
from keras import layers

from emo_tf.errors import EmoError
from emo_tf.layers.prototype_scores import PrototypeScores


@pytest.fixture
def layer():
    made = PrototypeScores(3, name="prototypes")
    made.build((None, 2))
    weights = [[0, 0], [1, 0], [0, 2]], [0.0, 1.0, -1.0], [0.5, 1.0, 2.0]
    made.set_weights([np.array(weight) for weight in weights])
    return made


def test_the_weights_are_a_place_a_sharpness_and_a_bias_for_each_class(layer):
    assert [(weight.name, weight.shape) for weight in layer.weights] == [
        ("places", (3, 2)),
        ("sharpness", (3,)),
        ("bias", (3,)),
    ]


def test_scores_fall_with_the_squared_distance(layer):
    x = np.array([[0, 0], [1, 2], [-1, 1]], np.float32)
    softplus = np.log1p(np.exp([0.0, 1.0, -1.0]))
    squares = np.array([[0, 1, 4], [5, 4, 1], [2, 5, 2]])
    np.testing.assert_allclose(layer(x), [0.5, 1.0, 2.0] - softplus * squares, rtol=1e-5)
    assert layer.compute_output_shape((None, 2)) == (None, 3)


def test_the_nearest_of_equals_has_the_highest_score():
    layer = PrototypeScores(26)
    layer.build((None, 3))
    places = layer.places.numpy()
    assert (np.argmax(layer(places), axis=1) == np.arange(26)).all()


def test_a_saved_layer_comes_back_as_it_was(layer, tmp_path):
    x = keras.Input((2,))
    model = keras.Model(x, layers.Activation("linear")(layer(x)))
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras").get_layer("prototypes")
    assert isinstance(revived, PrototypeScores)
    assert revived.classes == 3
    for weight, expected in zip(revived.get_weights(), layer.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_no_classes_are_an_error():
    with pytest.raises(EmoError, match=r"^classes: expected 1 or more\. Received: 0$"):
        PrototypeScores(0)


def test_pictures_are_no_places():
    with pytest.raises(EmoError, match=r"^x: expected \(B, D\) with a known D\. Received: "):
        PrototypeScores(3).build((None, 8, 8, 3))
