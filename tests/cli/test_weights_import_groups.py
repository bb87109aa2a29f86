"""`emo-tf weights import` of the backbones of groups, on files as torch writes them."""

import json
import re

import numpy as np
import pytest

from benchmarks.golden_weights import tensors_by_formula
from emo_tf.models.keras_file import load_model
from tests.checkpoints.writers import write_torch_legacy, write_torch_zip

SPHERE = ["--architecture", "sphere20a"]


@pytest.fixture(scope="module")
def faces(golden_tensors, tmp_path_factory):
    """The tensors of SphereFace-20, and a file of them as it was published."""
    tensors = golden_tensors("sphere20a")
    identities = {"fc6.weight": np.ones((512, 20), np.float32)}
    path = tmp_path_factory.mktemp("faces") / "sphere20a.pth"
    return tensors, write_torch_legacy(path, tensors | identities)


def test_a_network_of_faces_comes_in_with_its_crop_and_without_its_identities(
    run_here, faces, shared
):
    _, path = faces
    code, out, err = run_here("weights", "import", path, *SPHERE, "--out", "faces.keras")
    assert code == 0
    assert "Wrote faces.keras: sphere20a" in out
    assert err == (
        f"{path}: left out fc6.weight: it told apart the classes that sphere20a was trained on\n"
    )
    model, metadata = load_model("faces.keras")
    assert model.input_shape == (None, 112, 96, 3)
    assert metadata.crop == {"preset": "sphereface"}
    assert metadata.task == "backbone"
    golden = shared / "goldens" / "sphere20a.npz"
    code, out, err = run_here("weights", "verify", "faces.keras", "--golden", golden)
    assert (code, err) == (0, "")
    assert out.count("same") == 1


def test_the_other_crop_and_the_other_order_of_colours_are_told(run_here, faces):
    tensors, path = faces
    options = ["--alignment", "vlgiitr", "--bgr", "--out", "faces.keras"]
    assert run_here("weights", "import", path, *SPHERE, *options)[0] == 0
    model, metadata = load_model("faces.keras")
    assert model.input_shape == (None, 96, 112, 3)
    assert metadata.crop == {"preset": "vlgiitr"}
    assert "BGR" in metadata.provenance["colours"]
    kernel = np.transpose(tensors["conv1_1.weight"][:, ::-1], (2, 3, 1, 0))
    np.testing.assert_array_equal(model.get_layer("conv1_1").kernel, kernel)


@pytest.mark.slow
def test_a_densenet_by_its_old_names_comes_in_with_its_classifier(run_here, shared, tmp_path):
    shapes = json.loads((shared / "goldens" / "weight_names.json").read_text())["densenet161"]
    tensors = tensors_by_formula(shapes)
    old = {re.sub(r"(layer\d+\.\w+)([12])\.", r"\1.\2.", name): tensors[name] for name in tensors}
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    write_torch_zip(tmp_path / "dense.pth", old)
    arguments = ["--architecture", "densenet161", "--out", "dense.keras"]
    code, out, err = run_here("weights", "import", "dense.pth", *arguments)
    assert (code, err) == (0, "")
    assert "2208 features of the picture and one a class, 1000 of them" in out
    model, metadata = load_model("dense.keras")
    assert not metadata.crop
    name = "features.denseblock4.denselayer24"
    kernel = np.transpose(tensors[f"{name}.conv2.weight"], (2, 3, 1, 0))
    np.testing.assert_array_equal(model.get_layer(f"{name}.conv2").kernel, kernel)
    gamma = model.get_layer(f"{name}.norm1").gamma
    np.testing.assert_array_equal(gamma, tensors[f"{name}.norm1.weight"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.pth"], "--architecture: expected one of resnet18, resnet34, resnet50, densenet161, "),
        (
            ["a.pth", *SPHERE, "--alignment", "spherefaces"],
            "Unknown alignment: did you mean sphereface",
        ),
        (
            ["a.pth", *SPHERE, "--alignment", "box"],
            "Unknown alignment: expected one of sphereface, vlgiitr. Received: 'box'",
        ),
        (
            ["a.pth", "--architecture", "densenet161", "--alignment", "vlgiitr"],
            "--alignment: expected only with sphere20a. Received: densenet161",
        ),
        (
            ["a.pth", "--architecture", "context_fusion", "--bgr"],
            "--bgr: expected only with a backbone of torch or files of Keras 2. Received: context",
        ),
        (["a.pth", "b.pth", *SPHERE], "FILE: expected one file of torch or safetensors. Rec"),
        (["a.pth", *SPHERE, "--labels", "a,b"], "--labels: expected only with files of Keras 2. "),
        (["a.json", "a.h5", *SPHERE], "--architecture: expected only with files of torch. "),
        (["a.json", "a.h5", "b.h5"], "FILE: expected a .json and an .h5, or an .h5. Received: "),
        (
            ["a.json", "a.h5", "--alignment", "vlgiitr"],
            "--alignment: expected only with a backbone of torch. Received: files of Keras 2",
        ),
    ],
    ids=[
        "no architecture",
        "a misspelt crop",
        "a crop that is not aligned",
        "a crop of no face",
        "colours of several files",
        "two files of torch",
        "labels of torch",
        "an architecture of Keras 2",
        "three files",
        "a crop of Keras 2",
    ],
)
def test_arguments_that_do_not_fit_are_errors_before_a_file_is_opened(run_here, arguments, message):
    code, out, err = run_here("weights", "import", *arguments, "--out", "x.keras")
    assert (code, out) == (2, "")
    assert err.startswith(f"emo-tf: error: {message}")


def test_a_network_of_faces_that_is_not_one_is_told_what_it_lacks(run_here, faces, tmp_path):
    tensors, _ = faces
    short = {name: tensors[name] for name in tensors if not name.startswith("relu4")}
    write_torch_zip(tmp_path / "short.pth", short)
    code, _, err = run_here("weights", "import", "short.pth", *SPHERE, "--out", "x.keras")
    assert code == 2
    assert "short.pth: expected the tensors of sphere20a. 3 missing: relu4_1.weight (512,)" in err
    assert not (tmp_path / "x.keras").exists()
