"""Training, evaluation, one person alone, the runtime, server and phone see the same pixels."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from emo_tf.data import builders, miniature
from emo_tf.data.decode import decode_image
from emo_tf.data.emotic import person_inputs
from emo_tf.data.people import People
from emo_tf.export.emotic import emotic_exportable
from emo_tf.export.run_files import read_run_files
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.model_metadata import ImageInput
from emo_tf.runtime.context import ContextClassifier
from emo_tf.runtime.image_io import read_image
from tests.context_exports import export_quickly, small_run
from tests.small_context import small_context_fusion

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
def run(model, tmp_path_factory) -> Path:
    return small_run(tmp_path_factory.mktemp("pixels") / "run", model)


@pytest.fixture(scope="module")
def export(run) -> Path:
    export_quickly(run, run / "export", precisions=["float32"])
    return run / "export"


@pytest.fixture(scope="module")
def classifier(export) -> ContextClassifier:
    return ContextClassifier(export / "model_float32.tflite")


@pytest.fixture(scope="module")
def decode(run):
    """From picture files and boxes to pixels, as in the graph of `serve_bytes`."""
    from_bytes = emotic_exportable(read_run_files(run)).from_bytes
    return tf.function(from_bytes.decode, input_signature=[dict(from_bytes.inputs)])


def requests(records: Sequence[Record]) -> dict[str, tf.Tensor]:
    contents, boxes = zip(*records, strict=True)
    return {"image_bytes": tf.constant(contents), "box_xywh": tf.constant(boxes, tf.float32)}


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
def test_all_see_the_same_pixels(dataset, classifier, decode, split):
    people = People(dataset, split, inputs=SIZES, batch_size=1)
    bodies = People(dataset, split, inputs={"body": SIZES["body"]}, batch_size=1)
    trained = {
        person["box"].tobytes(): person
        for person in people.training(epoch=0, seed=0, augmentation=None).as_numpy_iterator()
    }
    records = records_of(dataset, split)
    assert len(trained) == len(records) == people.count
    served = {name: value.numpy() for name, value in decode(requests(records)).items()}
    evaluated = zip(
        records,
        people.evaluation().as_numpy_iterator(),
        bodies.evaluation().as_numpy_iterator(),
        strict=True,
    )
    for number, ((encoded, box), person, body) in enumerate(evaluated):
        alone = person_inputs(decode_image(encoded).numpy(), box)
        for name in ("scene", "body", "box"):
            np.testing.assert_array_equal(trained[person["box"].tobytes()][name], person[name])
            np.testing.assert_array_equal(alone[name], person[name][0])
        for name in ("scene", "body"):
            np.testing.assert_array_equal(served[name][number], person[name][0])
        np.testing.assert_array_equal(body["body"], person["body"])
        seen = classifier.crop(read_image(encoded), [box])
        assert_near(seen.scenes, person["scene"])
        assert_near(seen.bodies, person["body"])


def test_boxes_of_any_numbers_are_cut_out_alike(classifier, decode, make_picture):
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (91, 117, 3), np.uint8)
    encoded = make_picture(picture, "PNG")
    boxes = [
        (*np.float32(corner).tolist(), *np.float32(extent).tolist())
        for corner, extent in rng.uniform([[-40, -40], [50, 50]], [[100, 75], [99, 99]], (30, 2, 2))
    ]
    served = decode(requests([(encoded, box) for box in boxes]))["body"].numpy()
    for box, body in zip(boxes, served, strict=True):
        alone = person_inputs(picture, box)["body"]
        np.testing.assert_array_equal(body, alone)
        assert_near(classifier.crop(picture, [box]).bodies[0], alone)


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


def test_phone_and_server_answer_as_keras_does_to_what_evaluation_sees(
    dataset, model, classifier, export
):
    people = People(dataset, "test", inputs=SIZES, batch_size=1)
    evaluated = people.evaluation().as_numpy_iterator()
    loaded = tf.saved_model.load(str(export / "saved_model"))
    served = loaded.signatures["serve_bytes"](**requests(records_of(dataset, "test")))
    for number, ((encoded, box), person) in enumerate(
        zip(records_of(dataset, "test"), evaluated, strict=True)
    ):
        expected = model({name: person[name] for name in SIZES}, training=False)
        ((categories, vad),) = classifier.classify(classifier.crop(read_image(encoded), [box]))
        scores = [category.score for category in categories]
        dimensions = [vad.valence, vad.arousal, vad.dominance]
        for found in (scores, served["score"][number]):
            np.testing.assert_allclose(found, expected["score"][0], rtol=1e-4, atol=1e-4)
        for found in (dimensions, served["vad"][number]):
            np.testing.assert_allclose(found, expected["vad"][0], rtol=1e-4, atol=1e-4)
