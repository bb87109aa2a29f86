"""The files of models of groups: with 0 to 15 faces they say what Keras does."""

import functools

import numpy as np
import pytest

from benchmarks.made_up_groups import with_noise_for_faces
from emo_tf.models.keras_file import load_model
from emo_tf.runtime.litert import LiteRTModel
from tests.context_exports import export_quickly
from tests.group_exports import (
    FACES,
    KINDS,
    WITH_FACES,
    group_run,
    keras_answers,
    made_up_groups,
    small_group_model,
)

TOLERANCE = 1e-3

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Exports a kind of model, once: its folder, the model, and pictures of 0 to 15 faces."""

    @functools.cache
    def export(kind: str):
        folder = tmp_path_factory.mktemp("group")
        run = group_run(folder / "run", small_group_model(kind))
        export_quickly(run, folder / "export", precisions=["float32", "float16"])
        model, metadata = load_model(run / "model.keras")
        return folder / "export", model, made_up_groups(metadata)

    return export


@pytest.fixture(scope="module")
def answers(exported):
    """What Keras and a file say of pictures with 0 to 15 faces, a picture at a time."""

    @functools.cache
    def ask(kind: str, precision: str):
        out, model, groups = exported(kind)
        file = LiteRTModel(out / f"model_{precision}.tflite")
        alone = [
            {name: values[count : count + 1] for name, values in groups.items()}
            for count in range(FACES + 1)
        ]
        expected = keras_answers(model, groups)
        found = [file(**inputs) for inputs in alone]
        return expected, {name: np.concatenate([one[name] for one in found]) for name in expected}

    return ask


@pytest.mark.parametrize("count", range(FACES + 1), ids=lambda count: f"{count} faces")
@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize("kind", WITH_FACES)
def test_a_file_says_of_any_number_of_faces_what_keras_does(answers, kind, precision, count):
    expected, found = answers(kind, precision)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name][count], values[count], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("kind", WITH_FACES)
def test_the_answers_depend_on_the_faces_and_their_weights_add_up(answers, kind):
    expected, found = answers(kind, "float32")
    assert np.ptp(expected["probabilities"], axis=0).max() > 30 * TOLERANCE
    np.testing.assert_allclose(found["face_weights"][0], 0, atol=0)
    np.testing.assert_allclose(found["face_weights"][1:].sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(found["face_weights"][1], np.eye(FACES)[0], atol=1e-6)


@pytest.mark.parametrize("kind", ["attention A", "attention B", "attention C"])
def test_some_faces_count_more_than_others(answers, kind):
    assert np.ptp(answers(kind, "float32")[0]["face_weights"][FACES]) > 10 * TOLERANCE


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize("kind", WITH_FACES)
def test_what_stands_in_places_without_a_face_changes_nothing(exported, kind, precision):
    out, _, groups = exported(kind)
    file = LiteRTModel(out / f"model_{precision}.tflite")
    found, noisy = file(**groups), file(**with_noise_for_faces(groups))
    for name, values in found.items():
        np.testing.assert_array_equal(noisy[name], values)


def test_a_model_of_the_whole_picture_takes_it_alone(exported):
    out, model, groups = exported("global")
    file = LiteRTModel(out / "model_float32.tflite")
    expected, found = keras_answers(model, groups), file(**groups)
    assert groups.keys() == {"image"}
    assert expected.keys() == found.keys() == {"probabilities"}
    np.testing.assert_allclose(found["probabilities"], expected["probabilities"], atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_knows_what_it_takes_and_returns(exported, kind):
    out, model, _ = exported(kind)
    metadata = LiteRTModel(out / "model_float32.tflite").metadata
    assert {**metadata.inputs, **metadata.arrays}.keys() == model.input.keys()
    assert ("face_weights" in metadata.outputs) == (kind != "global")
    if "faces" in metadata.inputs:
        assert metadata.inputs["faces"].faces == FACES
        assert metadata.crop["preset"] == "box"


def test_the_form_for_a_phone_says_what_keras_does_with_few_faces_and_many(tmp_path):
    model = small_group_model(
        "attention C",
        image_backbone="mobilenet_v3_small",
        face_backbone="sphere20a",
        alignment="sphereface",
        face_size=None,
        faces=4,  # SphereFace-20 takes long for each.
    )
    run = group_run(tmp_path / "run", model)
    export_quickly(run, tmp_path / "export", precisions=["float32", "float16"])
    _, metadata = load_model(run / "model.keras")
    none_one_and_four = np.array([0, 1, 4])
    groups = {
        name: values[none_one_and_four] for name, values in made_up_groups(metadata, 4).items()
    }
    expected = keras_answers(model, groups)
    for precision, tolerance in {"float32": 1e-4, "float16": TOLERANCE}.items():
        file = LiteRTModel(tmp_path / "export" / f"model_{precision}.tflite")
        found, noisy = file(**groups), file(**with_noise_for_faces(groups))
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, rtol=0, atol=tolerance)
            np.testing.assert_array_equal(found[name], noisy[name])
