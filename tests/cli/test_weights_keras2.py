"""`emo-tf weights import` on files as Keras 2.2.4 wrote them."""

import numpy as np
import pytest

from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.model_metadata import ImageInput
from emo_tf.models.keras_file import load_model
from emo_tf.softmax import softmax
from tests.keras2_files import (
    branching,
    branching_weights,
    face_probabilities,
    functional,
    input_entry,
    layer,
    node,
    small_face_net,
    small_face_weights,
    write_h5,
    write_json,
)

SIDE = 32
COUNT = 15
"""Faces that the model of a group takes."""


@pytest.fixture(scope="module")
def weights():
    return small_face_weights(SIDE)


@pytest.fixture
def files(tmp_path, weights):
    """`model.json` and `model.h5` in the folder of the test."""
    return (
        write_json(tmp_path / "model.json", small_face_net(SIDE)),
        write_h5(tmp_path / "model.h5", weights),
    )


def pictures() -> dict[str, np.ndarray]:
    """Returns a picture of two faces, padded with noise, and one without a face."""
    faces = np.random.default_rng(1).integers(0, 256, (2, COUNT, SIDE, SIDE, 3), np.uint8)
    mask = np.zeros((2, COUNT), np.float32)
    mask[0, :2] = 1
    return {"faces": faces.astype(np.float32), "face_mask": mask}


def test_a_network_of_faces_becomes_a_model_of_groups(run_here, files, weights):
    code, out, err = run_here(
        "weights", "import", *files, "--licence", "MIT", "--out", "garg.keras"
    )
    assert (code, err) == (0, "")
    assert "model.h5: Keras 2.2.4, 6 tensors, 5,255 numbers" in out
    assert "Wrote garg.keras: Verdict on the apparent emotion of a group" in out
    model, metadata = load_model("garg.keras")
    assert (metadata.task, metadata.name) == ("group", "garg")
    assert metadata.labels == GROUP_EMOTIONS
    assert metadata.inputs == {"faces": ImageInput(SIDE, SIDE, faces=COUNT)}
    assert metadata.crop == {"preset": "box"}
    assert metadata.licence == "MIT"
    assert [file["file"] for file in metadata.provenance["files"]] == ["model.json", "model.h5"]
    found = model.predict(pictures(), verbose=0)
    faces = pictures()["faces"][0, :2] / 255
    expected = np.mean([face_probabilities(face, weights) for face in faces], axis=0)
    np.testing.assert_allclose(softmax(found["logits"][0]), expected, atol=1e-5)
    np.testing.assert_array_equal(found["logits"][1], np.zeros(3))
    np.testing.assert_allclose(found["face_weights"].sum(axis=1), [1, 0])


def test_the_order_of_the_classes_can_be_told(run_here, files, weights):
    labels = "positive, negative,neutral"
    arguments = ["--labels", labels, "--out", "other.keras"]
    assert run_here("weights", "import", *reversed(files), *arguments)[0] == 0
    found = load_model("other.keras")[0].predict(pictures(), verbose=0)["logits"][0]
    faces = pictures()["faces"][0, :2] / 255
    expected = np.mean([face_probabilities(face, weights) for face in faces], axis=0)
    np.testing.assert_allclose(softmax(found), expected[[1, 2, 0]], atol=1e-5)


def test_a_network_that_was_trained_on_blue_green_red_is_turned_round(run_here, files, weights):
    code, _, err = run_here("weights", "import", *files, "--bgr", "--out", "turned.keras")
    assert (code, err) == (0, "")
    model, metadata = load_model("turned.keras")
    found = model.predict(pictures(), verbose=0)["logits"][0]
    faces = pictures()["faces"][0, :2, ..., ::-1] / 255
    expected = np.mean([face_probabilities(face, weights) for face in faces], axis=0)
    np.testing.assert_allclose(softmax(found), expected, atol=1e-5)
    assert "trained on BGR" in metadata.provenance["colours"]


def test_one_file_of_a_whole_model_is_enough(run_here, tmp_path, weights):
    path = write_h5(tmp_path / "whole.h5", weights, architecture=small_face_net(SIDE))
    assert run_here("weights", "import", path, "--out", "whole.keras")[0] == 0
    assert load_model("whole.keras")[1].task == "group"


def test_any_other_network_comes_in_as_a_part(run_here, tmp_path):
    path = write_h5(tmp_path / "m.h5", branching_weights(), architecture=branching())
    code, out, _ = run_here("weights", "import", path, "--out", "part.keras")
    assert code == 0
    assert "Wrote part.keras: model_1, a network of Keras 2" in out
    model, metadata = load_model("part.keras")
    assert metadata.task == "backbone"
    assert model.output_shape == (None, 4)


@pytest.mark.parametrize(
    ("names", "more", "told"),
    [
        pytest.param(["model.h5"], [], "or the .json of its architecture", id="weights alone"),
        pytest.param(["model.json"], [], "expected a .json and an .h5", id="architecture alone"),
        pytest.param(["model.h5", "model.h5"], [], "expected a .json and an .h5", id="two of one"),
        pytest.param(["model.json", "none.h5"], [], "none.h5: expected", id="no such file"),
        pytest.param(
            ["model.json", "model.h5"],
            ["--labels", "happy,sad,angry"],
            "--labels: expected negative, neutral, positive in any order",
            id="other labels",
        ),
        pytest.param(
            ["model.json", "model.h5"],
            ["--architecture", "resnet18"],
            "--architecture: expected only with files of torch",
            id="architecture told twice",
        ),
        pytest.param(
            ["part.h5"],
            ["--labels", "negative,neutral,positive"],
            "--labels: expected only with a network from pictures",
            id="labels of a part",
        ),
    ],
)
def test_files_and_options_that_do_not_fit_are_refused(
    run_here, tmp_path, files, names, more, told
):
    write_h5(tmp_path / "part.h5", branching_weights(), architecture=branching())
    paths = [tmp_path / name for name in names]
    code, _, err = run_here("weights", "import", *paths, *more, "--out", "x.keras")
    assert code == 2
    assert told in err
    assert err.count("\n") == 1
    assert not (tmp_path / "x.keras").exists()


def test_the_mean_of_several_networks_is_one_of_faces_too(run_here, tmp_path):
    both = {name: small_face_weights(SIDE, seed=seed) for seed, name in enumerate("ab")}
    nets = {name: (small_face_net(SIDE, name=name), node("input_1")) for name in both}
    mean = (layer("Average", "mean"), [[["a", 1, 0, {}], ["b", 1, 0, {}]]])
    ensemble = functional(
        {"input_1": input_entry(SIDE, SIDE, 3), **nets, "mean": mean},
        output=["mean", 0, 0],
        name="ensemble",
    )
    joined = {
        name: {key: array for arrays in weights.values() for key, array in arrays.items()}
        for name, weights in both.items()
    }
    path = write_h5(tmp_path / "mean.h5", joined, architecture=ensemble)
    assert run_here("weights", "import", path, "--out", "mean.keras")[0] == 0
    model, metadata = load_model("mean.keras")
    assert metadata.task == "group"
    found = softmax(model.predict(pictures(), verbose=0)["logits"][0])
    faces = pictures()["faces"][0, :2] / 255
    expected = [[face_probabilities(face, w) for face in faces] for w in both.values()]
    np.testing.assert_allclose(found, np.mean(expected, axis=(0, 1)), atol=1e-5)
