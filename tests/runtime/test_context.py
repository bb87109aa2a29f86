from pathlib import Path

import numpy as np
import pytest

from emo_tf.data.emotic import person_inputs
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata
from emo_tf.runtime import context, people_crops
from emo_tf.runtime.context import BATCH, ContextClassifier, PeopleInputs
from emo_tf.weights import weight_path
from tests.context_models import (
    SIZES,
    THRESHOLDS,
    WITHOUT_THRESHOLD,
    tiny_context_model,
    write_context_tflite,
)

BOXES = ((10.7, 5.9, 25, 30.6), (-5, -5, 30, 90), (40, 20, 24, 28))
METADATA = {
    "name": "made up",
    "task": "emotic",
    "description": "",
    "version": "1",
    "inputs": {"scene": ImageInput(4, 6), "body": ImageInput(3, 5)},
    "outputs": {"score": "", "vad": ""},
    "labels": EMOTIC_CATEGORIES,
    "thresholds": {"Fear": 0.5},
    "crop": {"preset": "person", "blank_person": False},
}


@pytest.fixture(scope="module")
def classifier(context_tflite) -> ContextClassifier:
    return ContextClassifier(context_tflite, threads=1)


@pytest.fixture
def made_up(monkeypatch):
    """Makes a classifier on a network whose scores are a body's and a scene's first pixel."""

    def make(**metadata):
        class Network:
            def __init__(self, path, *, threads=None):
                self.metadata = ModelMetadata(**METADATA | metadata)
                self.batches = []

            def __call__(self, **images):
                people = len(next(iter(images.values())))
                self.batches.append(people)
                score = np.zeros((people, 26), np.float32)
                for column, name in enumerate(images):
                    score[:, column] = images[name][:, 0, 0, 0]
                return {"score": score, "vad": np.full((people, 3), 5, np.float32)}

        monkeypatch.setattr(context, "LiteRTModel", Network)
        return ContextClassifier(Path("made_up.tflite"))

    return make


def test_people_are_cut_out_exactly_as_in_training(classifier, photo):
    inputs = classifier.crop(photo, BOXES)
    assert inputs.scenes.shape == (1, *SIZES["scene"], 3)
    assert inputs.bodies.shape == (3, *SIZES["body"], 3)
    for box, body in zip(BOXES, inputs.bodies, strict=True):
        of_training = person_inputs(photo, box, scene_size=SIZES["scene"], body_size=SIZES["body"])
        np.testing.assert_array_equal(body, np.rint(of_training["body"]))
        np.testing.assert_array_equal(inputs.scenes[0], np.rint(of_training["scene"]))


def test_answers_are_those_of_the_keras_model(classifier, photo):
    inputs = classifier.crop(photo, BOXES)
    found = classifier.classify(inputs)
    pixels = {"scene": np.repeat(inputs.scenes, 3, axis=0), "body": inputs.bodies}
    expected = tiny_context_model().predict(
        {name: value.astype(np.float32) for name, value in pixels.items()}, verbose=0
    )
    for (categories, vad), scores, dimensions in zip(
        found, expected["score"], expected["vad"], strict=True
    ):
        assert [item.label for item in categories] == [*EMOTIC_CATEGORIES]
        np.testing.assert_allclose([item.score for item in categories], scores, atol=1e-5)
        np.testing.assert_allclose([*vars(vad).values()], dimensions, atol=1e-5)
        for item in categories:
            assert item.threshold == THRESHOLDS.get(item.label)
            assert item.above == (item.label != WITHOUT_THRESHOLD and item.score > 0.5)
        assert 0 < sum(item.above for item in categories) < 26


@pytest.mark.parametrize("branch", ["scene", "body"])
def test_a_model_may_look_at_one_of_both(branch, photo, tmp_path):
    path = write_context_tflite(tmp_path / "one.tflite", tiny_context_model((branch,)))
    classifier = ContextClassifier(path, threads=1)
    inputs = classifier.crop(photo, BOXES)
    assert (inputs.scenes is None) == (branch == "body")
    assert (inputs.bodies is None) == (branch == "scene")
    scores = [[item.score for item in categories] for categories, _ in classifier.classify(inputs)]
    assert len(scores) == 3
    assert (scores[0] == scores[1]) == (branch == "scene")


def test_a_scene_is_resized_once_for_all_of_its_people(made_up, monkeypatch, photo):
    classifier = made_up()
    sizes = []

    def record(image, size):
        sizes.append(size)
        return np.zeros((*size, 3), np.uint8)

    monkeypatch.setattr(people_crops, "resize", record)
    classifier.crop(photo, BOXES)
    assert sizes == [(4, 6)] + [(3, 5)] * 3


def test_people_of_several_pictures_keep_their_scenes_through_bounded_batches(made_up):
    classifier = made_up()
    counts = [2, 0, BATCH + 3, 1]
    parts = [
        classifier.crop(np.full((48, 64, 3), 10 * number, np.uint8), [BOXES[0]] * count)
        for number, count in enumerate(counts)
    ]
    found = classifier.classify(PeopleInputs.join(parts))
    scenes = [10 * number for number, count in enumerate(counts) for _ in range(count)]
    assert [categories[0].score for categories, _ in found] == scenes
    assert classifier._network.batches == [BATCH, 6]


def test_people_are_joined_where_the_model_looks_at_bodies_alone(made_up):
    classifier = made_up(inputs={"body": ImageInput(3, 5)})
    parts = [
        classifier.crop(np.full((48, 64, 3), 10 * number, np.uint8), [BOXES[0]] * 2)
        for number in range(3)
    ]
    found = classifier.classify(PeopleInputs.join(parts))
    assert [categories[0].score for categories, _ in found] == [0, 0, 10, 10, 20, 20]


def test_nobody_is_no_work(made_up, photo):
    classifier = made_up()
    assert classifier.classify(classifier.crop(photo, [])) == []
    assert classifier._network.batches == []


def test_categories_keep_the_order_of_the_model(made_up, photo):
    classifier = made_up(labels=EMOTIC_CATEGORIES[::-1])
    ((categories, _),) = classifier.classify(classifier.crop(photo, BOXES[:1]))
    assert [item.label for item in categories] == [*EMOTIC_CATEGORIES[::-1]]


def test_a_box_outside_the_picture_is_refused(classifier, photo):
    with pytest.raises(EmoError, match=r"box_xywh: .* 64 x 48 pixels.* \[64, 0, 5, 5\]"):
        classifier.crop(photo, [BOXES[0], (64, 0, 5, 5)])


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        pytest.param({"task": "backbone"}, "of task emotic. Received: backbone$", id="task"),
        pytest.param(
            {"labels": ("Fear", "Anger")},
            "the labels Affection.*Received: Fear, Anger",
            id="labels",
        ),
        pytest.param({"outputs": {"score": ""}}, "score and vad. Received: score", id="output"),
        pytest.param({"inputs": {}}, "scene and body.* Received: none", id="no input"),
        pytest.param(
            {"inputs": {"body": ImageInput(3, 5), "image": ImageInput(3, 5)}},
            "Received: body, image",
            id="input",
        ),
        pytest.param({"inputs": {"body": ImageInput(None, 5)}}, "fixed size", id="size"),
        pytest.param({"inputs": {"body": ImageInput(3, 5, "grey")}}, "in colour", id="colour"),
        pytest.param(
            {"crop": {"preset": "person", "blank_person": True}},
            "box of shape .* Received: blank_person=True, arrays={}",
            id="person painted out without a box",
        ),
        pytest.param(
            {"arrays": {"box": ArrayInput((4,), "")}},
            r"Received: blank_person=False, arrays={'box': \(4,\)}",
            id="box for nothing",
        ),
        pytest.param(
            {
                "arrays": {"box": ArrayInput((5,), "")},
                "crop": {"preset": "person", "blank_person": True},
            },
            r"Received: blank_person=True, arrays={'box': \(5,\)}",
            id="odd box",
        ),
        pytest.param({"crop": {"preset": "box"}}, "'person'.*preset.*box", id="preset"),
        pytest.param({"crop": {}}, "Received: crop={}", id="no crop"),
    ],
)
def test_a_model_that_is_not_of_the_task_is_refused_by_name(made_up, metadata, message):
    with pytest.raises(EmoError, match=rf"made_up\.tflite: expected .*{message}"):
        made_up(**{"thresholds": {}} | metadata)


def test_a_model_of_expressions_is_told_where_it_belongs():
    with pytest.raises(EmoError, match="Received: expression, which is for expression_model"):
        ContextClassifier(weight_path("expression_float16"))
