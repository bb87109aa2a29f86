from contextlib import nullcontext

import keras
import numpy as np
import pytest
from keras import layers

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.training.emotic_ablation import Comparison, predict_silenced
from emo_tf.training.emotic_predictions import predict_people
from tests.training.emotic_runs import listed_people, mean_colour_model, outputs_by_hand


def splits(**counts: int) -> dict:
    return {
        name: listed_people(count, batch_size=4, seed=seed)
        for seed, (name, count) in enumerate(counts.items())
    }


def silenced(model: keras.Model, people: dict) -> dict:
    return predict_silenced(
        model, people, mean_of="val", progress=lambda _: nullcontext(lambda: None)
    )


def comparison(**models: dict[str, float | None]) -> Comparison:
    """Returns a comparison of B, I and BI on a few categories; None for those that are not said."""
    everything = dict.fromkeys(EMOTIC_CATEGORIES)
    names = {"B": "B", "I": "I", "BI": "B+I"}
    return Comparison(
        {names[name]: {"average_precision": everything | found} for name, found in models.items()}
    )


@pytest.mark.parametrize(("name", "other"), [("B", "scene"), ("I", "body")])
def test_a_silenced_branch_says_its_mean_over_validation_of_everybody(name, other):
    people = splits(val=9, test=6)
    model = mean_colour_model()

    found = silenced(model, people)[name]["test"]

    mean = people["val"].arrays[other].mean(axis=0, keepdims=True)
    told = people["test"].arrays | {other: np.repeat(mean, 6, axis=0)}
    score, vad = outputs_by_hand(model, told)
    np.testing.assert_allclose(found.scores, score, atol=1e-4)
    np.testing.assert_allclose(found.vad, vad, atol=1e-4)
    np.testing.assert_array_equal(found.labels, people["test"].arrays["categories"])
    np.testing.assert_array_equal(found.vad_labels, people["test"].arrays["vad"])


def test_with_none_silenced_it_is_the_model_itself():
    people = splits(val=5, test=6)
    model = mean_colour_model()
    found = silenced(model, people)["B+I"]
    for split in people:
        alone = predict_people(model, people[split])
        np.testing.assert_allclose(found[split].scores, alone.scores, atol=1e-5)
        np.testing.assert_allclose(found[split].vad, alone.vad, atol=1e-5)


def test_of_a_model_that_looks_at_the_body_alone_the_body_is_all_and_the_scene_is_chance():
    people = splits(val=9, test=30)
    found = silenced(mean_colour_model(looks_at=["body"]), people)
    reports = {
        name: by_split["test"].report(thresholds=by_split["val"].thresholds)
        for name, by_split in found.items()
    }
    assert reports["B"] == reports["B+I"]
    # All score alike: precision is the share of those who show the category, at any recall.
    prevalence = found["I"]["test"].labels.mean(axis=0)
    chance = list(reports["I"]["average_precision"].values())
    np.testing.assert_allclose(chance, prevalence, atol=1e-5)
    assert np.ptp(found["I"]["test"].vad, axis=0).max() == 0
    body = list(reports["B"]["average_precision"].values())
    assert np.abs(body - prevalence).max() > 0.1


def test_everybody_is_read_once():
    opened, batches = [], []

    def progress(people):
        opened.append(people)
        return nullcontext(lambda: batches.append(people))

    people = splits(val=3, test=10)
    predict_silenced(mean_colour_model(), people, mean_of="val", progress=progress)
    assert opened == [people["val"], people["test"]]
    assert batches == [people["val"]] + 3 * [people["test"]]


@pytest.mark.parametrize("branch", ["scene", "body"])
def test_a_model_of_one_branch_has_none_to_silence(branch):
    with pytest.raises(EmoError, match=f"^ablate: expected .* Received: one of {branch} alone"):
        silenced(mean_colour_model([branch]), splits(val=2))


def test_a_model_of_other_parts_cannot_be_taken_apart():
    inputs = {name: keras.Input((4, 4, 3), name=name) for name in ("scene", "body")}
    x = layers.GlobalAveragePooling2D()(layers.Add()(list(inputs.values())))
    model = keras.Model(inputs, {"score": layers.Dense(26)(x), "vad": layers.Dense(3)(x)})
    with pytest.raises(EmoError, match=r"^ablate: expected a model of the parts body_backbone,"):
        silenced(model, splits(val=2))


def test_gains_are_those_of_the_scene_the_largest_first():
    found = comparison(
        B={"Anger": 0.5, "Esteem": 0.4, "Peace": 0.1, "Pain": None},
        I={"Anger": 0.1, "Esteem": 0.9, "Peace": 0.2, "Pain": None},
        BI={"Anger": 0.6, "Esteem": 0.3, "Peace": 0.5, "Pain": None},
    )
    assert list(found.gains.items()) == [("Peace", 0.4), ("Anger", 0.1), ("Esteem", -0.1)]
    assert found.summary == (
        "With the scene (B+I against B) average precision rises in 2 of 3 categories, most in "
        "Peace (+0.400) and Anger (+0.100); Esteem does not gain."
    )


@pytest.mark.parametrize(
    ("both", "sentence"),
    [
        ((0.6, 0.4), "2 of 2 categories, most in Fear (+0.200) and Pain (+0.100); all gain."),
        ((0.2, 0.2), "0 of 2 categories; Pain and Fear do not gain."),
    ],
    ids=["all", "none"],
)
def test_the_sentence_is_right_where_all_or_none_gain(both, sentence):
    fear, pain = both
    found = comparison(B={"Fear": 0.4, "Pain": 0.3}, BI={"Fear": fear, "Pain": pain})
    assert found.summary.endswith(f"average precision rises in {sentence}")


def test_without_body_or_both_there_is_no_sentence():
    found = comparison(I={"Fear": 0.4}, BI={"Fear": 0.5})
    assert (found.gains, found.summary) == ({}, None)
    assert found.to_dict() == {"models": found.reports, "gains": {}, "summary": None}
