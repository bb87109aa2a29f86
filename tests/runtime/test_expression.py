from pathlib import Path

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.model_metadata import ImageInput, ModelMetadata
from emo_tf.results import Face
from emo_tf.runtime import expression
from emo_tf.runtime.expression import BATCH, ExpressionClassifier

METADATA = {
    "name": "made up",
    "task": "expression",
    "description": "",
    "version": "1",
    "inputs": {"image": ImageInput(4, 6, "grey")},
    "outputs": {"probabilities": ""},
    "labels": EXPRESSIONS,
    "crop": {"preset": "box"},
}
FACE = Face((8, 8, 30, 30), 0.9, ((15, 20), (30, 20), (22, 28), (16, 34), (29, 34)))


@pytest.fixture
def made_up(monkeypatch):
    """Makes a classifier on a made-up network: `function` of the pixels gives its output."""

    def make(function=None, **metadata):
        class Network:
            def __init__(self, path, *, threads=None):
                self.metadata = ModelMetadata(**METADATA | metadata)

            def __call__(self, *, image):
                return {"probabilities": function(image)}

        monkeypatch.setattr(expression, "LiteRTModel", Network)
        return ExpressionClassifier(Path("made_up.tflite"))

    return make


def first_pixel_decides(image: np.ndarray) -> np.ndarray:
    return np.eye(7, dtype=np.float32)[image[:, 0, 0, 0] % 7]


def test_probabilities_come_out_in_the_order_of_the_contract_whatever_the_models(made_up):
    classifier = made_up(first_pixel_decides, labels=EXPRESSIONS[::-1])
    (found,) = classifier.classify(np.zeros((1, 4, 6, 1), np.uint8))
    assert found.label == EXPRESSIONS[-1]
    assert tuple(found.probabilities) == EXPRESSIONS


def test_faces_go_through_in_bounded_batches_and_keep_their_order(made_up):
    sizes = []

    def count(image):
        sizes.append(len(image))
        return first_pixel_decides(image)

    faces = 2 * BATCH + 3
    crops = np.arange(faces, dtype=np.uint8)[:, None, None, None] * np.ones((4, 6, 1), np.uint8)
    found = made_up(count).classify(crops)
    assert sizes == [BATCH, BATCH, 3]
    assert [item.label for item in found] == [EXPRESSIONS[face % 7] for face in range(faces)]


def test_steps_of_an_int8_softmax_are_brought_to_add_up_to_one(made_up):
    steps = np.array([[250, 2, 2, 2, 2, 1, 1]], np.float32) / 256
    (found,) = made_up(lambda image: steps).classify(np.zeros((1, 4, 6, 1), np.uint8))
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-12)
    assert found.probabilities["angry"] == pytest.approx(250 / 260)


def test_no_face_is_no_work(made_up):
    assert made_up().classify(np.empty((0, 4, 6, 1), np.uint8)) == []


def test_crops_have_the_size_and_colour_that_the_file_asks_for(made_up, photo):
    assert made_up().crop(photo, [FACE, FACE]).shape == (2, 4, 6, 1)
    in_colour = made_up(inputs={"image": ImageInput(5, 7, "rgb")})
    assert in_colour.crop(photo, []).shape == (0, 5, 7, 3)


@pytest.mark.parametrize(
    "crops",
    [np.zeros((1, 4, 6, 3), np.uint8), np.zeros((1, 4, 6, 1)), np.zeros((4, 6, 1), np.uint8)],
    ids=["colour", "floats", "no batch"],
)
def test_other_crops_are_refused(made_up, crops):
    with pytest.raises(EmoError, match=r"expected uint8 of shape \(F, 4, 6, 1\)"):
        made_up().classify(crops)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"task": "emotic"}, "a model of task expression. Received: emotic"),
        ({"labels": ("happy", "sad")}, "the labels angry, .*Received: happy, sad"),
        ({"labels": ()}, "Received: none"),
        ({"inputs": {"face": ImageInput(4, 6)}}, "the input image"),
        ({"inputs": {"image": ImageInput(None, 6)}}, "fixed size"),
        ({"outputs": {"logits": ""}}, "Received: image and logits"),
    ],
    ids=["task", "labels", "no labels", "input", "size", "output"],
)
def test_a_model_that_is_not_of_the_task_is_refused_by_name(made_up, metadata, message):
    with pytest.raises(EmoError, match=rf"made_up\.tflite: .*{message}"):
        made_up(**metadata)
