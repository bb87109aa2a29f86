"""`emo-tf weights` at the command line, on files as torch writes them."""

import json
import zipfile

import keras
import numpy as np
import pytest

from benchmarks.golden_weights import tensors_by_formula
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.models.fusion_head import fusion_head
from emo_tf.models.keras_file import load_model
from emo_tf.models.resnet import resnet18, resnet34
from emo_tf.models.torch_weights import torch_shapes
from tests.checkpoints.pickle_writer import Call, Name, pickled
from tests.checkpoints.writers import write_torch_legacy, write_torch_zip, zip_around
from tests.resnet_tensors import numbered, without_classifier


@pytest.fixture(scope="module")
def tensors():
    """ResNet-18 with a classifier of 365 classes, by torch name."""
    return tensors_by_formula(torch_shapes(resnet18(classes=365)))


@pytest.fixture(scope="module")
def head():
    return tensors_by_formula(torch_shapes(fusion_head({"scene": 512, "body": 512})))


def as_in_parallel(state: dict) -> dict:
    """What Places365 was saved as: from `DataParallel`, with notes on the training."""
    return {
        "epoch": 90,
        "arch": "resnet18",
        "state_dict": {f"module.{name}": tensor for name, tensor in state.items()},
    }


@pytest.fixture(scope="module")
def published(tensors, head, tmp_path_factory):
    """A folder with the files that training in torch leaves."""
    folder = tmp_path_factory.mktemp("published")
    write_torch_legacy(folder / "places.pth.tar", tensors, wrap=as_in_parallel)
    write_torch_legacy(folder / "scene.pth", numbered(without_classifier(tensors)))
    other = {name: 0.9 * tensor for name, tensor in tensors.items()}
    write_torch_zip(folder / "body.pth", numbered(without_classifier(other)))
    write_torch_zip(folder / "head.pth", head)
    thresholds = np.linspace(0.1, 0.4, 26).astype(np.float32)
    thresholds[[3, 5]] = 0
    np.save(folder / "val_thresholds.npy", thresholds)
    return folder


def test_a_backbone_comes_in_with_its_classifier_and_tells_where_it_is_from(
    run_here, published, tensors
):
    arguments = ["--architecture", "resnet18", "--licence", "CC BY", "--out", "places.keras"]
    code, out, err = run_here("weights", "import", published / "places.pth.tar", *arguments)
    assert (code, err) == (0, "")
    assert "places.pth.tar: torch legacy, 102 tensors, 11,373,357 numbers" in out
    assert "epoch 90, arch resnet18" in out
    assert "Wrote places.keras: resnet18" in out
    model, metadata = load_model("places.keras")
    kernel = np.transpose(tensors["conv1.weight"], (2, 3, 1, 0))
    np.testing.assert_array_equal(model.get_layer("conv1").get_weights()[0], kernel)
    np.testing.assert_array_equal(model.get_layer("fc").get_weights()[1], tensors["fc.bias"])
    assert metadata.licence == "CC BY"
    (origin,) = metadata.provenance["files"]
    assert origin["file"] == "places.pth.tar"
    assert len(origin["sha256"]) == 64
    assert origin["values"] == {"epoch": 90, "arch": "resnet18"}


@pytest.mark.slow
def test_the_three_files_of_emotic_become_one_model(run_here, published, head):
    files = ["--scene", published / "scene.pth", "--body", published / "body.pth"]
    files += ["--thresholds", published / "val_thresholds.npy"]
    arguments = ["--architecture", "context_fusion", *files, "--out", "made/emotic.keras"]
    code, out, err = run_here("weights", "import", published / "head.pth", *arguments)
    assert code == 0
    assert "Wrote made/emotic.keras: Apparent emotion of a person in a scene" in out
    assert err.count("\n") == 1
    assert "no threshold for Anticipation, Confidence: the file says 0" in err
    model, metadata = load_model("made/emotic.keras")
    parts = [model.get_layer(name) for name in ("scene_backbone", "body_backbone", "head")]
    firsts = [part.get_layer("conv1").get_weights()[0] for part in parts[:2]]
    np.testing.assert_allclose(firsts[1], 0.9 * firsts[0], rtol=1e-6)
    np.testing.assert_array_equal(parts[2].get_layer("fc1").get_weights()[0], head["fc1.weight"].T)
    assert metadata.task == "emotic"
    assert metadata.score_kind == "raw"
    assert set(metadata.thresholds) == set(EMOTIC_CATEGORIES) - {"Anticipation", "Confidence"}
    assert metadata.thresholds["Affection"] == pytest.approx(0.1)
    assert [file["part"] for file in metadata.provenance["files"]] == ["head", "scene", "body"]
    people = {
        "scene": np.zeros((1, 224, 224, 3), np.uint8),
        "body": np.zeros((1, 128, 128, 3), np.uint8),
    }
    assert np.isfinite(model.predict(people, verbose=0)["score"]).all()


@pytest.mark.slow
def test_an_imported_model_can_be_verified_against_goldens(
    run_here, shared, golden_tensors, tmp_path
):
    write_torch_zip(tmp_path / "resnet.pth", golden_tensors("resnet18"))
    code, _, _ = run_here(
        "weights", "import", "resnet.pth", "--architecture", "resnet18", "--out", "resnet.keras"
    )
    assert code == 0
    for name, outputs in {"resnet18": 2, "resnet18_128": 1}.items():
        golden = shared / "goldens" / f"{name}.npz"
        code, out, err = run_here("weights", "verify", "resnet.keras", "--golden", golden)
        assert (code, err) == (0, "")
        assert out.count("same") == outputs


@pytest.fixture
def small(run_here, published):
    """A model imported into the folder of the test, and a golden file that agrees with it."""
    arguments = ["--architecture", "resnet18", "--out", "small.keras"]
    assert run_here("weights", "import", published / "scene.pth", *arguments)[0] == 0
    image = np.random.default_rng(0).normal(size=(2, 3, 40, 48)).astype(np.float32)
    model = keras.models.load_model("small.keras")
    features = model.predict(np.moveaxis(image, 1, -1), verbose=0)["features"]
    return {"image": image, "features": features}


def test_outputs_that_differ_are_told_and_the_exit_code_is_1(run_here, small):
    np.savez("golden.npz", **small | {"features": 1.001 * small["features"]})
    code, out, _ = run_here("weights", "verify", "small.keras", "--golden", "golden.npz")
    assert code == 1
    assert "1.0e-03" in out
    assert "differs" in out
    loose = ["--golden", "golden.npz", "--tolerance", "0.01"]
    assert run_here("weights", "verify", "small.keras", *loose)[0] == 0


def test_an_output_that_is_not_a_number_differs(run_here, small):
    np.savez("golden.npz", **small | {"features": np.full_like(small["features"], np.nan)})
    assert run_here("weights", "verify", "small.keras", "--golden", "golden.npz")[0] == 1


def test_verify_names_what_it_cannot_read(run_here, small):
    (code, _, err) = run_here("weights", "verify", "absent.keras", "--golden", "golden.npz")
    assert (code, err) == (
        2,
        "emo-tf: error: absent.keras: expected a Keras model. Received: no such file\n",
    )
    code, _, err = run_here("weights", "verify", "small.keras", "--golden", "absent.npz")
    assert code == 2
    assert err.startswith("emo-tf: error: absent.npz: expected an .npz file")


def test_show_lists_the_tensors_of_a_file(run_here, published):
    code, out, err = run_here("weights", "show", published / "head.pth")
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0][-2:] == ["270,877", "numbers"]
    assert ["fc_cat.weight", "26", "x", "256", "float32"] in lines


@pytest.mark.slow
def test_weights_of_another_architecture_say_what_they_fit(run_here, tmp_path):
    deeper = tensors_by_formula(torch_shapes(resnet34()))
    write_torch_zip(tmp_path / "deeper.pth", deeper)
    arguments = ["--architecture", "resnet18", "--out", "x.keras"]
    code, _, err = run_here("weights", "import", "deeper.pth", *arguments)
    assert code == 2
    assert "80 unexpected: layer1.2.conv1.weight (64, 64, 3, 3)" in err
    assert err.endswith("They fit resnet34\n")
    assert not (tmp_path / "x.keras").exists()


def test_a_hostile_file_runs_nothing_and_leaves_what_stood_there(run_here, tmp_path):
    canary = tmp_path / "canary"
    call = Call(Name("os", "system"), (f"touch {canary}",))
    zip_around(tmp_path / "hostile.pth", pickled({"conv1.weight": call}))
    (tmp_path / "mine.keras").write_text("mine")
    arguments = ["--architecture", "resnet18", "--out", "mine.keras"]
    code, _, err = run_here("weights", "import", "hostile.pth", *arguments)
    assert code == 2
    assert err.startswith("emo-tf: error: hostile.pth: ")
    assert "os.system" in err
    assert not canary.exists()
    assert (tmp_path / "mine.keras").read_text() == "mine"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999], ids=["empty", "a third", "nearly all"])
@pytest.mark.parametrize("name", ["places.pth.tar", "head.pth"], ids=["old format", "zip"])
def test_a_file_cut_short_is_an_error(run_here, published, tmp_path, name, share):
    whole = (published / name).read_bytes()
    (tmp_path / "cut.pth").write_bytes(whole[: int(share * len(whole))])
    arguments = ["--architecture", "resnet18", "--out", "x.keras"]
    code, _, err = run_here("weights", "import", "cut.pth", *arguments)
    assert code == 2
    assert err.startswith("emo-tf: error: cut.pth: expected ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--architecture", "resnet19"], "Unknown architecture: did you mean resnet18"),
        (["--architecture", "resnet18", "--scene", "head.pth"], "--scene: expected only with con"),
        (["--architecture", "context_fusion"], "--scene, --body: expected the backbones"),
        (
            ["--architecture", "context_fusion", "--scene", "head.pth"],
            "head.pth: expected the tensors of resnet18 or resnet34 or resnet50 for the scene. "
            "Received: 10 tensors: fc1.weight (256, 1024)",
        ),
        (
            ["--architecture", "context_fusion", "--scene", "scene.pth"],
            "head.pth: expected the tensors of head. 1 misshapen: fc1.weight (expected (256, 512)",
        ),
        (["--architecture", "resnet18", "--out", "x.h5"], "x.h5: expected a name that ends in .ke"),
    ],
    ids=["architecture", "scene alone", "no backbones", "no backbone", "another width", "suffix"],
)
def test_arguments_that_do_not_fit_are_errors(
    run_here, published, monkeypatch, tmp_path, arguments, message
):
    monkeypatch.chdir(published)
    out = [] if "--out" in arguments else ["--out", tmp_path / "x.keras"]
    code, _, err = run_here("weights", "import", "head.pth", *arguments, *out)
    assert code == 2
    assert f"emo-tf: error: {message}" in err
    assert not list(tmp_path.iterdir())


def test_thresholds_of_another_number_are_an_error(run_here, published, tmp_path):
    np.save(tmp_path / "few.npy", np.zeros(7))
    files = ["--scene", published / "scene.pth", "--body", published / "body.pth"]
    arguments = ["--architecture", "context_fusion", *files, "--thresholds", "few.npy"]
    code, _, err = run_here(
        "weights", "import", published / "head.pth", *arguments, "--out", "x.keras"
    )
    assert code == 2
    assert "few.npy: expected" in err
    assert not (tmp_path / "x.keras").exists()


def test_the_metadata_stands_in_the_file_for_anybody_to_read(run_here, published, tmp_path):
    arguments = ["--architecture", "resnet18", "--out", "scene.keras"]
    run_here("weights", "import", published / "scene.pth", *arguments)
    with zipfile.ZipFile(tmp_path / "scene.keras") as archive:
        metadata = json.loads(archive.read("emo_tf.json"))
    assert metadata["name"] == "resnet18"
    assert set(metadata["outputs"]) == {"features"}


@pytest.mark.slow
def test_the_command_runs_in_a_process_of_its_own(run_cli, published, tmp_path):
    done = run_cli(
        "weights",
        "import",
        published / "scene.pth",
        "--architecture",
        "resnet18",
        "--out",
        tmp_path / "scene.keras",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("Wrote ")
