"""HDF5 files of Keras 2, and files that only look like them."""

import h5py
import numpy as np
import pytest

from emo_tf.checkpoints.keras2_file import read_architecture, read_keras2_file
from emo_tf.errors import EmoError
from tests.keras2_files import small_face_net, small_face_weights, write_h5, write_json


@pytest.fixture
def weights():
    return small_face_weights()


def test_weights_come_by_layer_in_the_order_of_the_file(tmp_path, weights):
    found = read_keras2_file(write_h5(tmp_path / "model.h5", weights))
    assert found.version == "2.2.4"
    assert found.architecture is None
    assert list(found.layers) == list(weights)
    assert list(found.layers["conv2d_8"]) == ["conv2d_8/kernel:0", "conv2d_8/bias:0"]
    kernel = weights["conv2d_8"]["conv2d_8/kernel:0"].astype(np.float32)
    np.testing.assert_array_equal(
        found.layers["conv2d_8"]["conv2d_8/kernel:0"], kernel, strict=True
    )


def test_a_file_of_a_whole_model_brings_its_architecture(tmp_path, weights):
    found = read_keras2_file(
        write_h5(tmp_path / "model.h5", weights, architecture=small_face_net())
    )
    assert found.architecture == small_face_net()
    assert list(found.layers) == list(weights)


def test_names_that_keras_cut_into_several_attributes_are_joined(tmp_path, weights):
    path = write_h5(tmp_path / "model.h5", weights)
    with h5py.File(path, "a") as file:
        names = list(file.attrs["layer_names"])
        del file.attrs["layer_names"]
        file.attrs["layer_names0"], file.attrs["layer_names1"] = names[:3], names[3:]
    assert list(read_keras2_file(path).layers) == list(weights)


@pytest.mark.parametrize("backend", ["theano", "cntk"])
def test_weights_of_other_backends_are_refused(tmp_path, weights, backend):
    path = write_h5(tmp_path / "model.h5", weights, backend=backend)
    with pytest.raises(EmoError, match=rf"model\.h5: expected weights of .*tensorflow.*{backend}"):
        read_keras2_file(path)


def refusal(path, change):
    """Returns what is said of a file that was changed."""
    with h5py.File(path, "a") as file:
        change(file)
    with pytest.raises(EmoError) as caught:
        read_keras2_file(path)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value)


def replaced(group, name, make):
    del group[name]
    make(group, name)


KERNEL = "conv2d_8/conv2d_8/kernel:0"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(lambda file: file.attrs.clear(), "no layer_names", id="no list of layers"),
        pytest.param(lambda file: file.pop("dense_4"), "layer dense_4: expected", id="no layer"),
        pytest.param(lambda file: file.pop(KERNEL), "layer conv2d_8: expected", id="no weight"),
        pytest.param(
            lambda file: replaced(file, KERNEL, lambda f, n: f.create_dataset(n, (2**20, 2**20))),
            "compressed or not stored",
            id="numbers that are not there",
        ),
        pytest.param(
            lambda file: replaced(
                file, KERNEL, lambda f, n: f.create_dataset(n, data=np.zeros(3, int))
            ),
            "of type int64",
            id="whole numbers",
        ),
        pytest.param(
            lambda file: replaced(
                file,
                "dense_4",
                lambda f, n: f.__setitem__(n, h5py.ExternalLink("other.h5", "/")),
            ),
            "a link to somewhere else",
            id="another file",
        ),
        pytest.param(
            lambda file: file.attrs.__setitem__("layer_names", [b"conv2d_8/conv2d_8/bias:0"]),
            "expected a Group",
            id="a weight for a layer",
        ),
        pytest.param(
            lambda file: file.attrs.__setitem__("layer_names", [1.5]), "expected", id="no names"
        ),
        pytest.param(
            lambda file: file.attrs.__setitem__("model_config", b"{"),
            "JSON of Model.to_json",
            id="broken architecture",
        ),
    ],
)
def test_files_that_hold_something_else_are_refused(tmp_path, weights, change, told):
    assert told in refusal(write_h5(tmp_path / "model.h5", weights), change)


def test_a_file_that_was_cut_short_is_refused(tmp_path, weights):
    path = write_h5(tmp_path / "model.h5", weights)
    content = path.read_bytes()
    for length in (0, 100, len(content) // 2, len(content) - 40):
        path.write_bytes(content[:length])
        with pytest.raises(EmoError, match=r"model\.h5: expected an HDF5 file of Keras 2"):
            read_keras2_file(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(EmoError, match=r"none\.h5: expected .* Received: no such file"):
        read_keras2_file(tmp_path / "none.h5")
    with pytest.raises(EmoError, match=r"none\.json: expected a file\. Received: No such file"):
        read_architecture(tmp_path / "none.json")


@pytest.mark.parametrize(
    "text", ["", "[1, 2]", "{}", '"text"', "\xff"], ids=["empty", "list", "bare", "text", "bytes"]
)
def test_json_that_describes_no_model_is_refused(tmp_path, text):
    path = tmp_path / "model.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(EmoError, match=r"model\.json: expected "):
        read_architecture(path)


def test_an_architecture_is_read_as_it_was_written(tmp_path):
    read = read_architecture(write_json(tmp_path / "model.json", small_face_net()))
    assert read["config"] == small_face_net()["config"]
    assert read["keras_version"] == "2.2.4"
