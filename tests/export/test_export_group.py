"""A model of groups as what is exported: its pictures, its labels, its files."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from benchmarks.made_up_groups import with_noise_for_faces
from emo_tf.data import builders
from emo_tf.data.decode import decode_image
from emo_tf.errors import EmoError
from emo_tf.export import group as module
from emo_tf.export import split_use
from emo_tf.export.group import group_exportable
from emo_tf.export.run_files import read_run_files
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.models.group_metadata import group_metadata
from emo_tf.models.keras_file import save_model
from emo_tf.results import Face
from emo_tf.runtime.face_align import crop_face
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.runtime.resizing import resize
from tests.context_exports import export_quickly
from tests.group_exports import (
    FACES,
    group_run,
    keras_answers,
    small_group_model,
)

TAKEN = {
    "global": ["image"],
    "local": ["faces", "face_mask"],
    "average": ["image", "face_features", "face_mask"],
    "attention C": ["image", "faces", "face_mask"],
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory, group_twin):
    """Writes a run of each kind of model, once."""
    folder = tmp_path_factory.mktemp("runs")
    return {
        kind: group_run(folder / kind, small_group_model(kind), data_dir=group_twin)
        for kind in TAKEN
    }


@pytest.fixture(scope="module")
def exportables(runs):
    return {kind: group_exportable(read_run_files(run)) for kind, run in runs.items()}


@pytest.fixture(scope="module")
def pictures(group_twin):
    """The pictures of the split that is measured on, as they were stored."""
    dataset = builders.prepared("group_affect/faces", data_dir=group_twin)
    # TFDS decodes JPEG less exactly than a model's own input is.
    decoders = {"image": tfds.decode.SkipDecoding()}
    stored = builders.read(dataset, split="eval", decoders=decoders).as_numpy_iterator()
    return [{**picture, "image": decode_image(picture["image"]).numpy()} for picture in stored]


def cut_out(picture: dict) -> list[np.ndarray]:
    """Returns the faces of a stored picture as the runtime cuts them out for the small models."""
    faces = picture["faces"]
    rows = zip(faces["box_xywh"], faces["score"], faces["landmarks"], strict=True)
    found = [
        Face(tuple(map(float, box)), float(score), tuple(map(tuple, landmarks.tolist())))
        for box, score, landmarks in rows
    ]
    options = {"size": (28, 24), "colour": "rgb"}
    return [crop_face(picture["image"], face, {"preset": "box"}, **options) for face in found]


def joined(examples) -> dict[str, np.ndarray]:
    """Returns all batches of examples as one."""
    batches = [*examples.batches()]
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


@pytest.mark.parametrize("kind", TAKEN)
def test_the_examples_are_the_pictures_of_eval_as_the_files_take_them(exportables, pictures, kind):
    examples = exportables[kind].examples
    found = joined(examples)
    assert sorted(found) == sorted(TAKEN[kind])
    for place, picture in enumerate(pictures):
        count = min(FACES, len(picture["faces"]["box_xywh"]))
        if "image" in found:
            np.testing.assert_array_equal(found["image"][place], resize(picture["image"], (40, 48)))
        if "face_mask" in found:
            np.testing.assert_array_equal(found["face_mask"][place], np.arange(FACES) < count)
        if "faces" in found:
            crops = cut_out(picture)[:count]
            np.testing.assert_array_equal(
                found["faces"][place][:count], np.reshape(crops, (-1, 28, 24, 3))
            )
            assert not found["faces"][place][count:].any()
        if "face_features" in found:
            features = found["face_features"][place]
            np.testing.assert_array_equal(features[:count], picture["faces"]["features"][:count])
            assert not features[count:].any()
    assert (examples.count, examples.real) == (len(pictures), True)
    assert examples.source == "pictures of group_affect, split eval"


def test_more_pictures_than_a_batch_come_once_and_in_order(runs, monkeypatch, exportables):
    expected = joined(exportables["attention C"].examples)
    monkeypatch.setattr(module, "AT_A_TIME", 3)
    examples = group_exportable(read_run_files(runs["attention C"])).examples
    batches = [*examples.batches()]
    assert [len(batch["image"]) for batch in batches] == [3, 1]
    found = joined(examples)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)


def test_perfect_answers_reach_perfect_figures_by_label_and_number_of_faces(exportables, pictures):
    labels = exportables["local"].examples.labels
    perfect = np.eye(3)[[picture["label"] for picture in pictures]]
    measured = labels.measure({"probabilities": perfect})
    assert dict(measured.metrics) == {
        "accuracy": 1.0,
        "mean_recall": 1.0,
        "negative_log_likelihood": 0.0,
        "expected_calibration_error": 0.0,
    }
    assert list(labels.better) == list(measured.metrics)
    assert (labels.dataset, labels.split) == ("group_affect", "eval")
    by_faces = {
        name.removeprefix("faces="): part["examples"]
        for name, part in measured.slices.items()
        if name.startswith("faces=")
    }
    names = [
        next(name for name, (least, most) in module.FACE_COUNTS.items() if least <= count <= most)
        for count in (picture["face_count"] for picture in pictures)
    ]
    assert by_faces == {name: names.count(name) for name in module.FACE_COUNTS if name in names}
    assert measured.classes["labels"] == [*GROUP_EMOTIONS]


@pytest.fixture(scope="module")
def without_eval(group_twin, tmp_path_factory):
    """The twin as it is where the lists that cut `eval` from `val` are missing."""
    folder = shutil.copytree(group_twin, tmp_path_factory.mktemp("cut") / "data")
    for path in folder.rglob("dataset_info.json"):
        info = json.loads(path.read_text())
        info["splits"] = [split for split in info["splits"] if split["name"] != "eval"]
        path.write_text(json.dumps(info))
    return folder


BOTH = {"train_split": "train+val", "validation_split": "eval"}
TRAIN = {"train_split": "train", "validation_split": "val"}


@pytest.mark.parametrize(
    ("has_eval", "provenance", "split", "use"),
    [
        (True, TRAIN, "eval", "for reporting only"),
        (True, BOTH, "eval", split_use.VALIDATED_ON),
        (True, {}, "eval", split_use.UNKNOWN),
        (False, TRAIN, "val", split_use.VALIDATED_ON),
        (False, BOTH, "val", split_use.TRAINED_ON),
    ],
    ids=[
        "eval is nobody's",
        "eval validates",
        "nothing is told",
        "val validates",
        "val is trained on",
    ],
)
def test_it_is_told_what_training_did_with_the_pictures(
    tmp_path, group_twin, without_eval, has_eval, provenance, split, use
):
    data_dir = group_twin if has_eval else without_eval
    run = group_run(tmp_path / "run", small_group_model("global"), data_dir=data_dir, **provenance)
    labels = group_exportable(read_run_files(run)).examples.labels
    assert (labels.split, labels.use) == (split, use)


def test_a_limit_takes_the_first_pictures_and_their_labels(runs, pictures):
    few = group_exportable(read_run_files(runs["global"]), limit=2).examples
    assert len(joined(few)["image"]) == few.count == 2
    wrong = np.eye(3)[[(picture["label"] + 1) % 3 for picture in pictures[:2]]]
    assert few.labels.measure({"probabilities": wrong}).metrics["accuracy"] == 0


def test_ranges_of_int8_come_from_train_and_see_no_black_face(runs, monkeypatch):
    monkeypatch.setattr(module, "CALIBRATION_PICTURES", 9)
    given = [*group_exportable(read_run_files(runs["attention C"])).calibration()]
    assert len(given) == 9
    assert {one["faces"].shape for one in given} == {(1, FACES, 28, 24, 3)}
    assert all(one["faces"][0].any(axis=(1, 2, 3)).all() for one in given)
    assert any(one["face_mask"].sum() < FACES for one in given)


def test_picture_files_become_what_the_global_model_takes(exportables, photo, make_picture):
    from_bytes = exportables["global"].from_bytes
    decode = tf.function(from_bytes.decode, input_signature=[dict(from_bytes.inputs)])
    found = decode({"image_bytes": tf.constant([make_picture(photo, "PNG")] * 2)})
    assert list(found) == ["image"]
    for row in found["image"].numpy():
        np.testing.assert_array_equal(row, resize(photo, (40, 48)))


@pytest.mark.parametrize("kind", [kind for kind in TAKEN if kind != "global"])
def test_a_model_of_faces_takes_no_picture_files_and_its_card_says_so(exportables, kind):
    assert exportables[kind].from_bytes is None
    assert "no signature takes picture files" in exportables[kind].card.about


def test_the_card_tells_of_groups_and_how_it_was_trained(exportables):
    card = exportables["global"].card
    assert "picture files" not in card.about
    assert card.recipe.startswith("`emo-tf train Attention_C`")
    assert "Group Affect Database" in card.data


def test_a_file_without_a_data_set_is_held_beside_keras_alone(runs):
    exportable = group_exportable(read_run_files(runs["local"] / "model.keras"))
    assert (exportable.examples.real, exportable.examples.labels) == (False, None)
    assert exportable.calibration is None
    assert '"seed": 7' in exportable.card.recipe


def test_a_model_of_other_labels_is_refused(tmp_path):
    model = small_group_model("global")
    metadata = replace(group_metadata(model, name="two"), labels=("sad", "happy"))
    save_model(model, tmp_path / "model.keras", metadata=metadata)
    with pytest.raises(
        EmoError, match=r"model\.keras: expected .* negative, neutral, positive\. .*sad, happy"
    ):
        group_exportable(read_run_files(tmp_path / "model.keras"))


def test_a_model_of_valence_is_measured_on_the_people_of_emotic(tmp_path, emotic_twin):
    run = group_run(tmp_path / "run", small_group_model("global"), data_dir=emotic_twin)
    data = {"dataset": "emotic", "data_dir": str(emotic_twin)}
    (run / "data.json").write_text(json.dumps(data))
    exportable = group_exportable(read_run_files(run))
    examples = exportable.examples
    people = joined(examples)["image"]
    assert (len(people), examples.source) == (3, "pictures of emotic, split val")
    measured = examples.labels.measure({"probabilities": np.eye(3)[[0, 1, 2]]})
    assert all(name.startswith("label=") for name in measured.slices)
    assert "EMOTIC" in exportable.card.data


@pytest.mark.slow
@pytest.mark.parametrize("kind", TAKEN)
def test_the_files_of_a_run_answer_as_keras_does(runs, tmp_path, exportables, kind):
    report = export_quickly(runs[kind], tmp_path / "export")
    inputs, model = joined(exportables[kind].examples), small_group_model(kind)
    expected = keras_answers(model, inputs)
    for precision, tolerance in {"float32": 1e-5, "float16": 1e-3, "int8": 0.05}.items():
        file = LiteRTModel(tmp_path / "export" / f"model_{precision}.tflite")
        found = file(**inputs)
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, rtol=0, atol=tolerance)
        if "face_mask" in inputs:
            noisy = file(**with_noise_for_faces(inputs))
            for name, values in found.items():
                np.testing.assert_array_equal(noisy[name], values)
    assert [*report["files"]] == ["saved_model", "float32", "float16", "int8"]
    assert report["evaluation"]["primary"] == "accuracy"
    assert report["evaluation"]["use"] == split_use.UNKNOWN
    assert f"split eval; {split_use.UNKNOWN}." in (tmp_path / "export/model_card.md").read_text()
    has_bytes = "serve_bytes" in report["files"]["saved_model"]["signatures"]
    assert has_bytes == (kind == "global")
    assert json.loads((tmp_path / "export" / "report.json").read_text()) == report
