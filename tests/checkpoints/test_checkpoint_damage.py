"""Files cut short, damaged at random, or of another kind: one error, that names the file."""

import gzip
import tarfile
import zipfile

import numpy as np
import pytest

from emo_tf.checkpoints.checkpoint import read_checkpoint
from emo_tf.errors import EmoError
from tests.checkpoints.pickle_writer import pickled
from tests.checkpoints.writers import write_torch_zip, zip_around

SMALL = [
    "densenet_zip.pth",
    "types_legacy.pth",
    "types_legacy_protocol_4.pth",
    "emotic_legacy.pth",
    "types.safetensors",
]
RECOGNISED = 32  # bytes from which on every format is known


@pytest.mark.parametrize("name", SMALL)
def test_a_file_cut_short_anywhere_is_said_to_be(files, tmp_path, name):
    contents = (files / name).read_bytes()
    path = tmp_path / name
    for length in range(RECOGNISED, len(contents), 7):
        path.write_bytes(contents[:length])
        with pytest.raises(EmoError, match=r"expected a whole .* file\. .* was cut short$"):
            read_checkpoint(path)


@pytest.mark.parametrize("name", SMALL)
def test_a_file_cut_within_its_first_bytes_is_an_error(files, tmp_path, name):
    contents = (files / name).read_bytes()
    path = tmp_path / name
    for length in range(RECOGNISED):
        path.write_bytes(contents[:length])
        with pytest.raises(EmoError, match=rf"{name}: expected a .* Received: "):
            read_checkpoint(path)


@pytest.mark.parametrize("name", [*SMALL, "training_zip.pth.tar", "training_legacy.pth.tar"])
def test_damage_anywhere_is_an_error_or_goes_unseen(files, tmp_path, name):
    contents = np.frombuffer((files / name).read_bytes(), np.uint8)
    path = tmp_path / name
    rng = np.random.default_rng(0)
    errors = []
    for _ in range(150):
        damaged = contents.copy()
        places = rng.integers(0, len(contents), rng.integers(1, 6))
        damaged[places] = rng.integers(0, 256, len(places))
        path.write_bytes(damaged.tobytes())
        try:
            for array in read_checkpoint(path).tensors.values():
                array.tobytes()
        except EmoError as error:
            errors.append(str(error))
    assert len(errors) > 20
    assert all(error.startswith(f"{path}: ") for error in errors)


def test_bytes_behind_the_end_do_no_harm_to_the_old_format(files, tmp_path):
    path = tmp_path / "model.pth"
    path.write_bytes((files / "emotic_legacy.pth").read_bytes() + b"more")
    assert len(read_checkpoint(path).tensors) == 10


def test_an_archive_whose_directory_is_damaged_is_not_called_cut_short(files, tmp_path):
    contents = (files / "emotic_zip.pth").read_bytes()
    path = tmp_path / "model.pth"
    path.write_bytes(contents.replace(b"PK\x01\x02", b"PK\x01\x03"))
    with pytest.raises(EmoError, match=r"expected a torch zip file that can be read\. .* damaged"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    ("contents", "kind"),
    [
        pytest.param(b"", "an empty file", id="empty"),
        pytest.param(b"\x89HDF\r\n\x1a\n" + bytes(9), "an HDF5 file, perhaps of Keras", id="HDF5"),
        pytest.param(b"<!DOCTYPE html><html></html>", "an HTML page", id="HTML"),
        pytest.param(b"\xef\xbb\xbf\r\n  <HTML>\n", "an HTML page", id="HTML with blanks"),
        pytest.param(gzip.compress(b"weights"), "a gzip archive", id="gzip"),
        pytest.param(b"\x93NUMPY\x01\0", "a .npy file of numpy", id="npy"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\n", "Git LFS", id="LFS"),
        pytest.param(pickled({"weight": 1}), "a pickle that torch.save did not write", id="pickle"),
        pytest.param(b"weights of mine", r"begins with b'weights of mine'", id="text"),
        pytest.param(b"\x00\x01", r"begins with b'\\x00\\x01'", id="two bytes"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path, contents, kind):
    path = tmp_path / "model.pth"
    path.write_bytes(contents)
    with pytest.raises(EmoError, match=rf"model\.pth: expected a file of torch\.save.*{kind}"):
        read_checkpoint(path)


def test_the_tar_format_of_the_first_torch_is_named(tmp_path):
    path = tmp_path / "model.pth"
    with tarfile.open(path, "w") as archive:
        archive.add(__file__, "storages")
    with pytest.raises(EmoError, match=r"a tar archive, perhaps of torch before 0\.1\.10"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        pytest.param(["a/data.pkl", "a/constants.pkl"], "a TorchScript archive", id="TorchScript"),
        pytest.param(["a/code/net.py", "a/data/0"], "a TorchScript archive", id="its code alone"),
        pytest.param(["config.json", "model.weights.h5"], "a Keras model", id="Keras"),
        pytest.param(["a.npy", "b.npy"], r"an \.npz archive", id="npz"),
        pytest.param(["a/data.pkl", "b/data.pkl"], r"without the data\.pkl", id="two pickles"),
        pytest.param(["readme.txt"], r"a zip archive without the data\.pkl of torch", id="zip"),
    ],
)
def test_an_archive_of_another_kind_is_named(tmp_path, members, kind):
    path = tmp_path / "model.pth"
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.writestr(member, b"N.")
    with pytest.raises(EmoError, match=rf"expected a file of torch\.save\. Received: .*{kind}"):
        read_checkpoint(path)


@pytest.mark.parametrize("folder", ["archive/", "resnet18/", "a/b c/", ""])
def test_the_folder_in_the_archive_may_have_any_name(tmp_path, folder):
    weights = write_torch_zip(tmp_path / "whole.pth", {"weight": np.ones(3, np.float32)})
    with zipfile.ZipFile(weights) as archive:
        pickle, raw = (archive.read(f"archive/{name}") for name in ("data.pkl", "data/0"))
    path = zip_around(tmp_path / "model.pth", pickle, {"0": raw}, folder=folder)
    np.testing.assert_array_equal(read_checkpoint(path).tensors["weight"], [1, 1, 1])
