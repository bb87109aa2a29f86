import keras
import numpy as np
import pytest
from keras import layers

from emo_tf.errors import EmoError
from emo_tf.metrics.emotic import emotic_report
from emo_tf.metrics.thresholds import break_even_thresholds
from emo_tf.training.emotic_predictions import EmoticPredictions, map_people, predict_people
from tests.training.emotic_runs import (
    ListedPeople,
    listed_people,
    mean_colour_model,
    outputs_by_hand,
)


@pytest.mark.parametrize("batch_size", [5, 4, 16], ids=["whole", "rest of 2", "more than people"])
@pytest.mark.parametrize("branches", [("scene", "body"), ("body",), ("scene",)], ids="+".join)
def test_people_are_predicted_in_order_and_without_what_fills_a_batch(branches, batch_size):
    people = listed_people(10, batch_size=batch_size)
    model = mean_colour_model(branches)

    found = predict_people(model, people)

    score, vad = outputs_by_hand(model, people.arrays)
    np.testing.assert_allclose(found.scores, score, atol=1e-4)
    np.testing.assert_allclose(found.vad, vad, atol=1e-4)
    np.testing.assert_array_equal(found.labels, people.arrays["categories"])
    np.testing.assert_array_equal(found.vad_labels, people.arrays["vad"])
    types = [found.labels.dtype, found.scores.dtype, found.vad_labels.dtype, found.vad.dtype]
    assert types == [np.uint8, np.float32, np.float32, np.float32]


def test_dropout_is_off():
    picture = keras.Input((20, 16, 3), name="body")
    colour = layers.GlobalAveragePooling2D()(picture)
    outputs = {
        "score": layers.Dense(26)(layers.Dropout(0.9)(colour)),
        "vad": layers.Dropout(0.9)(colour),
    }
    people = listed_people(6, batch_size=3)
    found = predict_people(keras.Model({"body": picture}, outputs), people)
    np.testing.assert_allclose(found.vad, people.arrays["body"][:, 0, 0], rtol=1e-5)


def test_the_report_is_that_of_the_arrays_with_the_thresholds_given():
    people = listed_people(12, batch_size=5)
    model = mean_colour_model()
    found = predict_people(model, people)
    score, vad = outputs_by_hand(model, people.arrays)
    labels, vad_labels = people.arrays["categories"], people.arrays["vad"]
    np.testing.assert_allclose(found.thresholds, break_even_thresholds(labels, score), atol=1e-4)
    thresholds = np.linspace(0, 1, 26)
    expected = emotic_report(labels, score, vad_labels, vad, thresholds=thresholds)
    report = found.report(thresholds=thresholds)
    for name in ("average_precision", "f1", "thresholds", "positives"):
        assert report[name] == expected[name]
    assert report["vad_mean_absolute_error"] == pytest.approx(expected["vad_mean_absolute_error"])


def test_a_category_that_nobody_shows_has_no_threshold():
    labels = np.zeros((4, 26), np.uint8)
    labels[1, 0] = 1
    vad = np.full((4, 3), 5, np.float32)
    found = EmoticPredictions(labels, np.eye(4, 26, dtype=np.float32), vad, vad)
    assert np.isnan(found.thresholds[1:]).all()
    assert np.isfinite(found.thresholds[0])


def test_every_batch_is_reported():
    calls = []
    people = listed_people(10, batch_size=4)
    predict_people(mean_colour_model(), people, advance=lambda: calls.append(1))
    assert len(calls) == 3


def test_what_a_function_returns_keeps_its_shape():
    people = listed_people(5, batch_size=2)
    labels, outputs = map_people(lambda batch: {"twice": 2 * batch["scene"]}, people)
    np.testing.assert_array_equal(outputs["twice"], 2 * people.arrays["scene"])
    np.testing.assert_array_equal(labels["categories"], people.arrays["categories"])
    np.testing.assert_array_equal(labels["vad"], people.arrays["vad"])


def test_a_split_without_people_is_an_error():
    arrays = {name: values[:0] for name, values in listed_people(1, batch_size=2).arrays.items()}
    with pytest.raises(EmoError, match=r"^people: expected a split .* Received: nobody"):
        predict_people(mean_colour_model(), ListedPeople(arrays, batch_size=2))


def test_a_model_without_the_outputs_is_an_error():
    picture = keras.Input((20, 16, 3), name="body")
    model = keras.Model({"body": picture}, {"logits": layers.GlobalAveragePooling2D()(picture)})
    with pytest.raises(EmoError, match=r"^model: expected the outputs score and vad\. .*logits"):
        predict_people(model, listed_people(2, batch_size=2))
