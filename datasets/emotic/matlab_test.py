"""Files that are not the whole `Annotations.mat`."""

import io

import numpy as np
import pytest
from scipy.io import savemat

from emo_tf.errors import EmoError

from .annotations import read_annotations
from .hard_copies import rows_of_every_split, write_annotations


@pytest.mark.parametrize("compressed", [True, False], ids=["compressed", "plain"])
def test_a_file_cut_off_anywhere_is_an_error_that_names_it(tmp_path, compressed):
    path = write_annotations(
        tmp_path / "Annotations.mat", compressed=compressed, **rows_of_every_split()
    )
    data = path.read_bytes()

    for length in np.linspace(0, len(data) - 1, 150).astype(int):
        with pytest.raises(EmoError) as caught:
            read_annotations(io.BytesIO(data[:length]), origin="Annotations.mat")

        assert str(caught.value).startswith("Annotations.mat: expected ")
        assert "\n" not in str(caught.value)


def test_a_file_cut_off_between_two_splits_is_an_error_that_names_the_missing_ones(tmp_path):
    rows = rows_of_every_split()
    del rows["val"], rows["test"]
    path = write_annotations(tmp_path / "Annotations.mat", **rows)

    with pytest.raises(EmoError) as caught:
        read_annotations(path)

    assert str(caught.value) == (
        f"{path}: expected the variables train, val, test. "
        "Received: no val, no test (is the file whole?)"
    )


def other_version(name: str) -> bytes:
    if name == "MATLAB 4":
        stream = io.BytesIO()
        savemat(stream, {"train": np.eye(3)}, format="4")
        return stream.getvalue()
    hdf5 = b"\x89HDF\r\n\x1a\n" + bytes(600)
    matlab_header = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(384)
    return {
        "MATLAB 7.3": matlab_header + hdf5,
        "HDF5": hdf5,
        "text": b"filename,folder\n" * 100,
        "nothing": b"",
    }[name]


@pytest.mark.parametrize("name", ["MATLAB 4", "MATLAB 7.3", "HDF5", "text", "nothing"])
def test_a_file_of_another_kind_is_an_error_that_says_which_one_is_expected(tmp_path, name):
    path = tmp_path / "Annotations.mat"
    path.write_bytes(other_version(name))

    with pytest.raises(EmoError, match=r"MATLAB 5 \(`save -v7` or earlier\)") as caught:
        read_annotations(path)

    assert str(caught.value).startswith(f"{path}: ")
    assert name in str(caught.value) or name in ("text", "nothing")
