import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.layers.prototype_scores import PrototypeScores
from emo_tf.models.fusion_head import fusion_head, place_categories

FEATURES = {"scene": np.ones((2, 4), np.float32), "body": np.zeros((2, 3), np.float32)}


def test_categories_from_the_dimensions_follow_from_these_three_numbers_alone():
    head = fusion_head({"scene": 4, "body": 3}, categories_from="vad", dropout=0.0)
    assert [layer.name for layer in head.layers if layer.weights] == ["fc_cont", "prototypes"]
    prototypes = head.get_layer("prototypes")
    assert isinstance(prototypes, PrototypeScores)
    answer = head(FEATURES)
    # The places are two tenths of the scale apart from its middle.
    places = (np.array(answer["vad"]) - 5.5) / 2
    np.testing.assert_allclose(answer["score"], prototypes(places), rtol=1e-4, atol=1e-4)


def test_the_dimensions_are_linear_in_the_features_where_categories_follow_from_them():
    head = fusion_head({"body": 3}, categories_from="vad")
    kernel, bias = head.get_layer("fc_cont").get_weights()
    features = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    expected = 10 * (features @ kernel + bias)
    np.testing.assert_allclose(head({"body": features})["vad"], expected, rtol=1e-5)


@pytest.mark.parametrize("categories_from", ["hidden", "vad"])
def test_training_begins_in_the_middle_of_the_scale(categories_from):
    keras.utils.set_random_seed(0)
    head = fusion_head({"scene": 4, "body": 3}, categories_from=categories_from)
    np.testing.assert_allclose(head(FEATURES)["vad"], 5.5, atol=0.5)


def test_dropout_is_of_the_features_where_there_is_no_hidden_layer():
    head = fusion_head({"scene": 4, "body": 3}, categories_from="vad", dropout=0.5)
    assert head.get_layer("d1").rate == 0.5
    answers = [np.array(head(FEATURES, training=True)["vad"]) for _ in range(4)]
    assert not all(np.array_equal(answer, answers[0]) for answer in answers)


def test_an_unknown_head_is_an_error_with_close_matches():
    with pytest.raises(EmoError, match=r"Unknown categories_from: did you mean hidden\?"):
        fusion_head({"body": 3}, categories_from="hiden")


def test_a_category_is_most_certain_of_whom_is_at_its_place():
    head = fusion_head({"body": 3}, categories_from="vad")
    vad = np.random.default_rng(0).uniform(1, 10, (26, 3)).astype(np.float32)
    place_categories(head, vad)
    scores = head.get_layer("prototypes")(head.get_layer("centred")(vad / 10))
    assert (np.argmax(scores, axis=0) == np.arange(26)).all()


def test_the_published_head_has_no_places():
    head = fusion_head({"body": 3}, units=4)
    before = head.get_weights()
    place_categories(head, np.ones((26, 3)))
    for weight, expected in zip(head.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, expected)
