"""Models that paint the person out of the scene, from the file to the command line."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from emo_tf.data.emotic import person_inputs
from emo_tf.export.metadata import embed_metadata
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.models.context_fusion import context_metadata
from emo_tf.runtime.context import ContextClassifier, PeopleInputs
from emo_tf.runtime.image_io import write_image
from tests.small_context import SIZES, small_context_fusion

BOXES = ((10.7, 5.9, 25, 30.6), (-5, -5, 30, 90))


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return small_context_fusion(blank_person=True, score_kind="sigmoid")


@pytest.fixture(scope="module")
def path(model, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("blank_person")
    about = context_metadata(model, version="1", thresholds={"Peace": 0.5})
    export_saved_model(
        model, folder / "saved_model", inputs=about.inputs, arrays=about.arrays, outputs=dict
    )
    path = folder / "model.tflite"
    path.write_bytes(embed_metadata(convert_tflite(folder / "saved_model"), about))
    return path


@pytest.fixture(scope="module")
def classifier(path) -> ContextClassifier:
    return ContextClassifier(path, threads=1)


@pytest.fixture(scope="module")
def of_training(photo) -> dict[str, np.ndarray]:
    """What the Keras model takes of both people."""
    people = [
        person_inputs(photo, box, scene_size=SIZES["scene"], body_size=SIZES["body"])
        for box in BOXES
    ]
    return {name: np.stack([person[name] for person in people]) for name in people[0]}


@pytest.fixture(scope="module")
def expected(model, of_training) -> dict[str, np.ndarray]:
    return model.predict(of_training, verbose=0)


def numbers(found) -> tuple[np.ndarray, np.ndarray]:
    """Returns scores and dimensions of classified people, (P, 26) and (P, 3)."""
    scores = [[item.score for item in categories] for categories, _ in found]
    return np.array(scores), np.array([[*vars(vad).values()] for _, vad in found])


def test_boxes_are_exactly_those_of_training(classifier, photo, of_training):
    inputs = classifier.crop(photo, BOXES)
    assert inputs.boxes.dtype == np.float32
    np.testing.assert_array_equal(inputs.boxes, of_training["box"])


def test_answers_are_those_of_the_keras_model(classifier, photo, expected):
    scores, dimensions = numbers(classifier.classify(classifier.crop(photo, BOXES)))
    np.testing.assert_allclose(scores, expected["score"], atol=1e-5)
    np.testing.assert_allclose(dimensions, expected["vad"], atol=1e-4)


def test_the_box_makes_a_difference(model, of_training, expected):
    elsewhere = of_training | {"box": np.zeros_like(of_training["box"])}
    with_person = model.predict(elsewhere, verbose=0)
    assert np.abs(with_person["score"] - expected["score"]).max() > 0.01


def test_people_of_several_pictures_keep_their_boxes(classifier, photo, expected):
    nobody = classifier.crop(photo, [])
    assert nobody.boxes.shape == (0, 4)
    parts = [classifier.crop(photo, [BOXES[1]]), nobody, classifier.crop(photo, BOXES)]
    scores, _ = numbers(classifier.classify(PeopleInputs.join(parts)))
    np.testing.assert_allclose(scores, expected["score"][[1, 0, 1]], atol=1e-5)


def test_other_models_are_given_no_boxes(context_tflite, photo):
    inputs = ContextClassifier(context_tflite, threads=1).crop(photo, BOXES)
    assert inputs.boxes is None
    assert PeopleInputs.join([inputs, inputs]).boxes is None


def test_the_command_line_predicts_with_such_a_file(tmp_path, run_cli, path, photo, expected):
    write_image(tmp_path / "a.png", photo)
    rows = [f"a.png {x} {y} {x + width} {y + height}\n" for x, y, width, height in BOXES]
    (tmp_path / "people.txt").write_text("".join(rows))
    done = run_cli("predict", "people.txt", "--model", path, "--json", "-", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    people = json.loads(done.stdout)["people"]
    scores = [[category["score"] for category in person["categories"]] for person in people]
    np.testing.assert_allclose(scores, expected["score"], atol=1e-4)
