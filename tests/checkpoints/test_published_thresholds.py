import io

import numpy as np
import pytest

from emo_tf.checkpoints.thresholds import read_thresholds
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES

VALUES = np.linspace(0.08, 0.48, 26)


def written(values: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values, allow_pickle=True)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["<f8", ">f8", "<f4", "<f2"])
def test_each_label_gets_its_threshold(tmp_path, kind):
    path = tmp_path / "val_thresholds.npy"
    np.save(path, VALUES.astype(kind))
    thresholds = read_thresholds(path, EMOTIC_CATEGORIES)
    assert list(thresholds) == list(EMOTIC_CATEGORIES)
    np.testing.assert_array_equal(list(thresholds.values()), VALUES.astype(kind))
    assert all(type(value) is float for value in thresholds.values())


def test_zeros_are_given_as_they_are(tmp_path):
    path = tmp_path / "val_thresholds.npy"
    np.save(path, np.array([0.0, 0.25]))
    assert read_thresholds(path, ("Anger", "Fear")) == {"Anger": 0, "Fear": 0.25}


@pytest.mark.parametrize(
    ("contents", "received"),
    [
        pytest.param(written(VALUES[:25]), r"shape \(25,\), type float64", id="one too few"),
        pytest.param(written(VALUES[None]), r"shape \(1, 26\)", id="two dimensions"),
        pytest.param(written(np.array(0.5)), r"shape \(\)", id="a single number"),
        pytest.param(written(np.arange(26)), "type int64", id="integers"),
        pytest.param(written(VALUES.astype(str)), "type <U", id="text"),
        pytest.param(written(VALUES.astype(complex)), "type complex128", id="complex"),
        pytest.param(written(np.append(VALUES[1:], np.nan)), "nan among them", id="NaN"),
        pytest.param(written(np.append(VALUES[1:], -np.inf)), "-inf among them", id="infinity"),
        pytest.param(written(VALUES.astype(object)), "Python objects in dtype", id="objects"),
        pytest.param(written(VALUES)[:-1], "expected a .npy file", id="cut short"),
        pytest.param(written(VALUES)[:9], "expected a .npy file", id="cut in the header"),
        pytest.param(b"\x93NUMPY\x01\x00\x04\x00((((", "expected a .npy file", id="broken header"),
        pytest.param(b"", "expected a .npy file", id="empty"),
        pytest.param(b"0.1 0.2", "expected a .npy file", id="text file"),
        pytest.param(
            written(VALUES).replace(b"(26,)", b"(99999999999,)"),
            "length is greater than file",
            id="huge claim",
        ),
    ],
)
def test_a_file_of_something_else_is_an_error(tmp_path, contents, received):
    path = tmp_path / "val_thresholds.npy"
    path.write_bytes(contents)
    with pytest.raises(EmoError, match=rf"val_thresholds\.npy: .*{received}"):
        read_thresholds(path, EMOTIC_CATEGORIES)


def test_an_archive_or_no_file_is_an_error(tmp_path):
    np.savez(tmp_path / "thresholds.npz", values=VALUES)
    with pytest.raises(EmoError, match=r"expected a \.npy file of numbers\. .*magic"):
        read_thresholds(tmp_path / "thresholds.npz", EMOTIC_CATEGORIES)
    with pytest.raises(EmoError, match="No such file"):
        read_thresholds(tmp_path / "nothing.npy", EMOTIC_CATEGORIES)


def test_damage_anywhere_is_an_error_or_goes_unseen(tmp_path):
    path = tmp_path / "val_thresholds.npy"
    contents = np.frombuffer(written(VALUES), np.uint8)
    rng = np.random.default_rng(0)
    errors = []
    for _ in range(300):
        damaged = contents.copy()
        damaged[rng.integers(0, 128, 2)] = rng.integers(0, 256, 2)
        path.write_bytes(damaged.tobytes())
        try:
            assert len(read_thresholds(path, EMOTIC_CATEGORIES)) == 26
        except EmoError as error:
            errors.append(str(error))
    assert len(errors) > 100
    assert all(error.startswith(f"{path}: expected") for error in errors)
