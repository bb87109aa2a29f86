"""Pickles of names and of arrays are read, and nothing in any pickle is called."""

import os
import pickle

import numpy as np
import pytest

from emo_tf.errors import EmoError

from .unpickling import load_arrays, load_names

NAMES = ["neg_1.jpg", "pos_22.jpg"]


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def nested(*members) -> np.ndarray:
    array = np.empty(len(members), object)
    array[:] = members
    return array


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_list_of_names_of_any_protocol_is_read(tmp_path, protocol):
    path = tmp_path / "val_list"
    path.write_bytes(pickle.dumps(NAMES, protocol=protocol))

    assert load_names(path) == NAMES


def test_names_that_python_2_wrote_are_read(tmp_path):
    path = tmp_path / "val_list"
    path.write_bytes(b"(lp0\nS'neg_1.jpg'\np1\naVpos_22.jpg\np2\na.")

    assert load_names(path) == NAMES


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"neg_1.jpg": 1}, "val_list: expected a pickled list of file names. Received: a dict"),
        (tuple(NAMES), "Received: a tuple"),
        ([*NAMES, 3], "val_list, entry 2: expected a file name. Received: int"),
        ([b"neg_1.jpg"], "val_list.*Received: "),
        (np.array(NAMES), r"Received: a call of numpy\.\S+_reconstruct"),
    ],
    ids=["a dictionary", "a tuple", "a number in the list", "bytes", "an array"],
)
def test_another_pickle_is_an_error_that_names_the_file_and_the_entry(tmp_path, value, message):
    path = tmp_path / "val_list"
    path.write_bytes(pickle.dumps(value))

    with pytest.raises(EmoError, match=message):
        load_names(path)


@pytest.mark.parametrize("data", [b"", b"neg_1.jpg\npos_22.jpg\n", pickle.dumps(NAMES)[:-9]])
def test_what_is_no_pickle_is_an_error(tmp_path, data):
    path = tmp_path / "val_list"
    path.write_bytes(data)

    with pytest.raises(EmoError, match="val_list: expected a pickled list of file names"):
        load_names(path)


def test_no_pickle_can_call_anything(tmp_path):
    made = tmp_path / "made"
    names, arrays = tmp_path / "val_list", tmp_path / "neg_1.npz"
    names.write_bytes(pickle.dumps([Hostile(made)]))
    np.savez(arrays, a=nested(Hostile(made)))

    with pytest.raises(EmoError, match=r"val_list: .* Received: a call of \w+\.mkdir"):
        load_names(names)
    with pytest.raises(EmoError, match=r"neg_1\.npz: .* Received: a call of \w+\.mkdir"):
        load_arrays(arrays)
    assert not made.exists()


def test_arrays_and_arrays_of_arrays_are_read(tmp_path):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (size, 5, 3), np.uint8) for size in (4, 7)]
    pictures.append(np.asfortranarray(pictures[0]))
    rows = rng.normal(size=(2, 10))
    np.savez(tmp_path / "neg_1.npz", a=nested(*pictures), b=rows, c=nested(rows.astype(">f4")))

    found = load_arrays(tmp_path / "neg_1.npz")

    for picture, expected in zip(found["a"], pictures, strict=True):
        assert picture.dtype == np.uint8
        np.testing.assert_array_equal(picture, expected)
    np.testing.assert_array_equal(found["b"], rows)
    np.testing.assert_array_equal(found["c"][0], rows.astype(np.float32))


@pytest.mark.parametrize(
    "member",
    [None, "a text", [1, 2], np.array(["text"]), nested(np.zeros(2)), nested()],
    ids=["nothing", "text", "a list", "an array of texts", "deeper", "an empty array of objects"],
)
def test_an_array_of_other_things_is_an_error(tmp_path, member):
    np.savez(tmp_path / "neg_1.npz", a=nested(member))

    with pytest.raises(EmoError, match=r"neg_1\.npz: expected arrays as numpy\.savez writes them"):
        load_arrays(tmp_path / "neg_1.npz")


def test_a_damaged_file_is_an_error(tmp_path):
    path = tmp_path / "neg_1.npz"
    np.savez(path, a=np.zeros((3, 5)))
    path.write_bytes(path.read_bytes()[:-50])

    with pytest.raises(EmoError, match=r"neg_1\.npz: expected arrays as numpy\.savez writes them"):
        load_arrays(path)
