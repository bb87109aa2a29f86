"""Training, evaluation, one person alone, the runtime and the phone see the same pixels."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from emo_tf.data import builders, miniature
from emo_tf.data.decode import decode_image
from emo_tf.data.emotic import person_inputs
from emo_tf.data.people import People
from emo_tf.export.emotic import export_emotic
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.model_metadata import ImageInput
from emo_tf.runtime.context import ContextClassifier
from emo_tf.runtime.image_io import read_image
from tests.small_context import save_small_run, small_context_fusion

SIZES = {"scene": (224, 224), "body": (128, 128)}
ODD = [((333, 17), (3, 0, 1, 17)), ((61, 37), (7, 5, 31, 29)), ((641, 479), (1, 2, 639, 333))]
"""Width and height of pictures and a box in each; one is smaller than what models take."""

Record = tuple[bytes, tuple[int, ...]]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory, make_jpeg):
    """The twin; in its test split, other pictures stand in for the first: of odd sizes."""
    folder = tmp_path_factory.mktemp("pixels")
    twin = miniature.write("emotic", folder / "raw", size=20)
    prepared = builders.prepare("emotic", manual_dir=twin, data_dir=folder / "data")
    (path,) = prepared.info.splits["test"].filepaths
    records = list(tf.data.TFRecordDataset(str(path)).as_numpy_iterator())
    rng = np.random.default_rng(0)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for number, record in enumerate(records):
            example = tf.train.Example.FromString(record)
            if number < len(ODD):
                (width, height), box = ODD[number]
                pixels = rng.integers(0, 256, (height, width, 3), np.uint8)
                features = example.features.feature
                features["image"].bytes_list.value[:] = [make_jpeg(pixels)]
                features["box_xywh"].int64_list.value[:] = box
            writer.write(example.SerializeToString())
    return prepared


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return small_context_fusion(SIZES)


@pytest.fixture(scope="module")
def classifier(model, tmp_path_factory) -> ContextClassifier:
    folder = tmp_path_factory.mktemp("run")
    save_small_run(folder, model)
    return ContextClassifier(export_emotic(folder, out=folder / "export")["float32"])


def records_of(dataset, split: str) -> list[Record]:
    """Returns the encoded picture and the box of each person, in the order of the files."""
    found = []
    for path in dataset.info.splits[split].filepaths:
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            features = tf.train.Example.FromString(record).features.feature
            box = tuple(features["box_xywh"].int64_list.value)
            found.append((features["image"].bytes_list.value[0], box))
    return found


def assert_near(found: np.ndarray, expected: np.ndarray) -> None:
    """Checks that pixels differ by one level at most, and hardly any of them at all."""
    assert found.dtype == np.uint8
    assert found.shape == expected.shape
    assert np.ptp(found) > 50
    difference = np.abs(found - expected)
    assert difference.max() <= 1
    assert np.mean(difference > 0) < 1e-4


@pytest.mark.parametrize("split", ["train", "test"], ids=["twin", "odd sizes"])
def test_all_see_the_same_pixels(dataset, classifier, split):
    people = People(dataset, split, inputs=SIZES, batch_size=1)
    bodies = People(dataset, split, inputs={"body": SIZES["body"]}, batch_size=1)
    trained = {
        person["box"].tobytes(): person
        for person in people.training(epoch=0, seed=0, augmentation=None).as_numpy_iterator()
    }
    records = records_of(dataset, split)
    assert len(trained) == len(records) == people.count
    evaluated = zip(
        records,
        people.evaluation().as_numpy_iterator(),
        bodies.evaluation().as_numpy_iterator(),
        strict=True,
    )
    for (encoded, box), person, body in evaluated:
        alone = person_inputs(decode_image(encoded).numpy(), box)
        for name in ("scene", "body", "box"):
            np.testing.assert_array_equal(trained[person["box"].tobytes()][name], person[name])
            np.testing.assert_array_equal(alone[name], person[name][0])
        np.testing.assert_array_equal(body["body"], person["body"])
        seen = classifier.crop(read_image(encoded), [box])
        assert_near(seen.scenes, person["scene"])
        assert_near(seen.bodies, person["body"])


def test_boxes_of_any_numbers_are_cut_out_alike(classifier):
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (91, 117, 3), np.uint8)
    for corner, extent in rng.uniform([[-40, -40], [50, 50]], [[100, 75], [99, 99]], (30, 2, 2)):
        box = (*corner.tolist(), *extent.tolist())
        seen = classifier.crop(picture, [box])
        assert_near(seen.bodies[0], person_inputs(picture, box)["body"])


def test_a_file_sees_the_bytes_that_it_is_given(tmp_path):
    inputs = {name: keras.Input((*size, 3), name=name) for name, size in SIZES.items()}
    copies = {name: keras.layers.Rescaling(1.0)(x) for name, x in inputs.items()}
    folder = export_saved_model(
        keras.Model(inputs, copies),
        tmp_path / "saved_model",
        inputs={name: ImageInput(*size) for name, size in SIZES.items()},
        outputs=dict,
    )
    runner = Interpreter(model_content=convert_tflite(folder)).get_signature_runner()
    rng = np.random.default_rng(0)
    given = {name: rng.integers(0, 256, (1, *size, 3), np.uint8) for name, size in SIZES.items()}
    for name, found in runner(**given).items():
        np.testing.assert_array_equal(found, given[name])


def test_the_phone_answers_as_keras_does_to_what_evaluation_sees(dataset, model, classifier):
    people = People(dataset, "test", inputs=SIZES, batch_size=1)
    evaluated = people.evaluation().as_numpy_iterator()
    for (encoded, box), person in zip(records_of(dataset, "test"), evaluated, strict=True):
        expected = model({name: person[name] for name in SIZES}, training=False)
        ((categories, vad),) = classifier.classify(classifier.crop(read_image(encoded), [box]))
        scores = [category.score for category in categories]
        np.testing.assert_allclose(scores, expected["score"][0], rtol=1e-4, atol=1e-4)
        dimensions = [vad.valence, vad.arousal, vad.dominance]
        np.testing.assert_allclose(dimensions, expected["vad"][0], rtol=1e-4, atol=1e-4)
