"""A model of expressions as what is exported: its data, its pictures and its figures."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from emo_tf.data.fer2013 import load_fer2013
from emo_tf.errors import EmoError
from emo_tf.export import expression as module
from emo_tf.export.exporter import export_model
from emo_tf.export.expression import expression_exportable
from emo_tf.export.run_files import read_run_files
from emo_tf.export.sources import read_exportables
from emo_tf.labels import EXPRESSIONS
from emo_tf.training.calibrate import softmax

PUBLIC_TEST = 7 * 8  # of each class the first is in Training too


@pytest.fixture(scope="module")
def run(smoke_run):
    return smoke_run("expression_fer2013")


@pytest.fixture(scope="module")
def data(run):
    return load_fer2013(manual_dir=run.manual_dir, data_dir=run.data_dir)


@pytest.fixture(scope="module")
def files(run):
    return read_run_files(run.folder)


@pytest.fixture(scope="module")
def exportable(files):
    return expression_exportable(files)


@pytest.fixture
def copy(run, tmp_path):
    """The run in a folder of its own, to take files away from."""
    return shutil.copytree(run.folder, tmp_path / "run")


@pytest.fixture(scope="module")
def decode(exportable):
    """From picture files to what the model takes, as a server does it."""

    def run_graph(*encoded: bytes) -> np.ndarray:
        graph = tf.function(exportable.from_bytes.decode, input_signature=[signature])
        return graph({"image_bytes": tf.constant(encoded)})["image"].numpy()

    signature = dict(exportable.from_bytes.inputs)
    return run_graph


def test_the_model_and_what_it_says_come_out_of_the_run(run, exportable):
    assert exportable.source == run.folder / "model.keras"
    assert exportable.metadata.task == "expression"
    assert exportable.metadata.temperature == run.metrics["temperature"]
    assert exportable.precisions == ("float32", "float16", "int8")


def test_it_is_measured_on_all_of_public_test_in_order(exportable, data):
    batches = list(exportable.examples.batches())
    assert len(batches) == exportable.examples.steps
    found = np.concatenate([batch["image"] for batch in batches])
    np.testing.assert_array_equal(found, data.public_test.images)
    assert exportable.examples.real
    assert exportable.examples.count == PUBLIC_TEST
    assert exportable.examples.labels.split == "public_test"


@pytest.mark.parametrize(("limit", "count"), [(9, 9), (1000, PUBLIC_TEST)], ids=["some", "all"])
def test_a_limit_leaves_the_first_faces(files, data, limit, count):
    examples = expression_exportable(files, limit=limit).examples
    found = np.concatenate([batch["image"] for batch in examples.batches()])
    np.testing.assert_array_equal(found, data.public_test.images[:count])
    assert examples.count == count
    report = examples.labels.measure({"probabilities": np.eye(7)[data.public_test.labels[:count]]})
    assert sum(report.slices[f"label={name}"]["examples"] for name in EXPRESSIONS) == count


def test_a_limit_below_one_is_an_error(run):
    with pytest.raises(EmoError, match=r"limit: expected 1 or more\. Received: 0"):
        read_exportables(run.folder, limit=0)


def test_int8_gets_its_ranges_from_the_held_out_faces_alone(exportable, data):
    pictures = list(exportable.calibration())
    assert {picture["image"].shape for picture in pictures} == {(1, 48, 48, 1)}
    found = np.concatenate([picture["image"] for picture in pictures])
    np.testing.assert_array_equal(found, data.held_out.images)
    assert len(list(exportable.calibration())) == len(pictures)  # it can be gone through again


def test_of_many_held_out_faces_some_are_taken_throughout(exportable, data, monkeypatch):
    monkeypatch.setattr(module, "CALIBRATION_IMAGES", len(data.held_out) // 3)
    found = np.concatenate([picture["image"] for picture in exportable.calibration()])
    np.testing.assert_array_equal(found, data.held_out.images[::3])


def test_the_temperature_divides_the_logits(files):
    warm = replace(files, metadata=replace(files.metadata, temperature=2.5))
    logits = np.random.default_rng(0).normal(0, 3, (4, 7)).astype(np.float32)
    found = expression_exportable(warm).outputs(logits)
    assert set(found) == {"probabilities"}
    np.testing.assert_allclose(found["probabilities"], softmax(logits / 2.5), atol=1e-6)


def test_slices_tell_labels_and_whether_the_pixels_occur_in_training(exportable, data):
    labels, repeated = data.public_test.labels, data.public_test_duplicates
    answers = np.where(repeated | (labels == 3), labels, (labels + 1) % 7)
    measured = exportable.examples.labels.measure({"probabilities": np.eye(7)[answers]})
    assert measured.slices == {
        **{
            f"label={name}": {"examples": 8, "accuracy": 1.0 if place == 3 else 0.125}
            for place, name in enumerate(EXPRESSIONS)
        },
        "pixels_in_training=yes": {"examples": 7, "accuracy": 1.0},
        "pixels_in_training=no": {"examples": 49, "accuracy": round(7 / 49, 5)},
    }
    assert measured.metrics["accuracy"] == pytest.approx(14 / 56)
    assert measured.metrics["mean_recall"] == pytest.approx((1 + 6 * 0.125) / 7, abs=1e-5)
    # Sure of everything, right in a quarter.
    assert measured.metrics["expected_calibration_error"] == pytest.approx(0.75)
    assert list(measured.metrics) == list(exportable.examples.labels.better)
    assert measured.classes["labels"] == [*EXPRESSIONS]
    assert measured.classes["confusion"][0] == [1, 7, 0, 0, 0, 0, 0]
    assert measured.classes["reliability"] == {
        "examples": [0] * 14 + [56],
        "confidence": [0] * 14 + [56],
        "correct": [0] * 14 + [14],
    }


def test_a_slice_without_examples_has_no_figure(files, data):
    labels = expression_exportable(files, limit=1).examples.labels
    measured = labels.measure({"probabilities": np.eye(7)[data.public_test.labels[:1]]})
    known = EXPRESSIONS[data.public_test.labels[0]]
    by_label = {name: measured.slices[f"label={name}"] for name in EXPRESSIONS}
    assert by_label.pop(known) == {"examples": 1, "accuracy": 1.0}
    assert all(part == {"examples": 0, "accuracy": None} for part in by_label.values())
    repeated = "yes" if data.public_test_duplicates[0] else "no"
    assert [name for name in measured.slices if "pixels" in name] == [
        f"pixels_in_training={repeated}"
    ]


def test_grey_faces_are_taken_as_they_are(decode, data, make_picture):
    faces = data.public_test.images[:3]
    found = decode(*(make_picture(face[..., 0], "PNG") for face in faces))
    np.testing.assert_array_equal(found, faces)
    assert found.dtype == np.uint8


@pytest.mark.parametrize(
    ("colour", "luma"),
    [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29), ((255, 255, 255), 255)],
    ids=["red", "green", "blue", "white"],
)
def test_colours_become_the_luma_of_rec_601(decode, make_picture, colour, luma):
    picture = np.full((48, 48, 3), colour, np.uint8)
    assert np.unique(decode(make_picture(picture, "PNG"))).tolist() == [luma]


def test_a_colour_jpeg_is_what_pillow_makes_of_it(decode, photo, make_jpeg, tmp_path):
    (tmp_path / "face.jpg").write_bytes(make_jpeg(photo[:, :48]))
    expected = np.asarray(Image.open(tmp_path / "face.jpg").convert("L"), int)
    found = decode((tmp_path / "face.jpg").read_bytes())
    assert found.shape == (1, 48, 48, 1)
    assert np.abs(found[0, ..., 0] - expected).max() <= 1
    assert np.ptp(expected) > 50


def test_a_rotation_in_exif_is_not_looked_at(decode, exportable, photo, make_jpeg):
    upright, turned = (make_jpeg(photo[:, :48], orientation=number) for number in (1, 6))
    np.testing.assert_array_equal(decode(turned), decode(upright))
    assert "EXIF is not looked at" in exportable.from_bytes.note


def test_larger_faces_are_averaged(decode, make_picture):
    stripes = np.zeros((192, 192), np.uint8)
    stripes[:, ::4] = 200  # between these, a rule without averaging would see nothing but black
    inside = decode(make_picture(stripes, "PNG"))[0, :, 2:-2, 0]
    assert np.abs(inside.astype(int) - 50).max() <= 5


def test_faces_of_all_sizes_go_into_one_request(decode, make_picture):
    sizes = {(20, 30): 10, (48, 48): 100, (200, 90): 250}
    found = decode(*(make_picture(np.full(s, v, np.uint8), "PNG") for s, v in sizes.items()))
    assert found.shape == (3, 48, 48, 1)
    assert [np.unique(face).tolist() for face in found] == [[10], [100], [250]]


def test_the_made_up_request_is_one_face(decode, exportable):
    (encoded,) = exportable.from_bytes.request["image_bytes"]
    assert decode(encoded).shape == (1, 48, 48, 1)


@pytest.mark.parametrize("named", [True, False], ids=["as an option", "by the run"])
def test_a_data_set_that_is_not_there_is_one_clear_error(copy, tmp_path, named):
    nowhere = tmp_path / "nowhere"
    if not named:
        (copy / "data.json").write_text(f'{{"dataset": "fer2013", "data_dir": "{nowhere}"}}')
    with pytest.raises(EmoError, match=r"expected the data set fer2013 in it\. Received") as error:
        read_exportables(copy, data_dir=nowhere if named else None)
    assert str(error.value).startswith(f"{nowhere}: ")


def test_a_run_from_before_data_json_is_compared_on_made_up_pictures(copy, tmp_path):
    (copy / "data.json").unlink()
    exportable = read_exportables(copy)[""]
    assert not exportable.examples.real
    assert exportable.examples.labels is None
    (batch,) = exportable.examples.batches()
    assert batch["image"].shape == (exportable.examples.count, 48, 48, 1)
    with pytest.raises(EmoError, match="int8 needs examples of the data set"):
        export_model(exportable, tmp_path / "export", precisions=["int8"])
    assert not (tmp_path / "export").exists()


def test_a_run_from_before_data_json_is_measured_where_one_says(copy, run):
    (copy / "data.json").unlink()
    exportable = read_exportables(copy, data_dir=run.data_dir)[""]
    assert exportable.examples.count == PUBLIC_TEST
    assert exportable.calibration is not None


def test_a_file_that_stands_alone_tells_no_recipe(run, tmp_path):
    shutil.copy(run.folder / "model.keras", tmp_path / "alone.keras")
    card = read_exportables(tmp_path / "alone.keras")[""].card
    assert card.recipe == "Not stated."
    assert "set aside" not in card.data


def test_a_run_that_has_not_ended_is_an_error(copy):
    (copy / "model.keras").unlink()
    with pytest.raises(EmoError, match=r"run: expected a finished run\. Received: no model\.keras"):
        read_exportables(copy)


def test_a_run_whose_model_does_not_describe_itself_is_an_error(copy, files):
    files.model.save(copy / "model.keras")
    with pytest.raises(EmoError, match=r"expected a model with emo_tf\.json in it"):
        read_exportables(copy)
