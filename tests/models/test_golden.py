import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from emo_tf.errors import EmoError
from emo_tf.models.golden import compare_with_golden, relative_error

SHAPE = (2, 3, 4, 5)  # B, C, H, W


@pytest.fixture(scope="module", params=[False, True], ids=["a tensor in", "a dict in"])
def model(request) -> keras.Model:
    """Twice the picture, and the mean of each channel, at any size."""
    image = keras.Input((None, None, 3), name="image")
    outputs = {
        "double": layers.Rescaling(2.0)(image),
        "mean": layers.GlobalAveragePooling2D()(image),
    }
    return keras.Model({"image": image} if request.param else image, outputs, name="doubling")


@pytest.fixture(scope="module")
def joining() -> keras.Model:
    """The sum of a picture's channels and of a vector."""
    image, vector = keras.Input((4, 5, 3), name="image"), keras.Input((3,), name="vector")
    total = layers.Add()([layers.GlobalAveragePooling2D()(image), vector])
    return keras.Model({"image": image, "vector": vector}, {"total": total}, name="joining")


@pytest.fixture
def write(tmp_path):
    """Writes arrays as a golden file and returns its path."""

    def write(**arrays) -> Path:
        np.savez(tmp_path / "golden.npz", **arrays)
        return tmp_path / "golden.npz"

    return write


def drawn(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.RandomState(seed).standard_normal(shape).astype(np.float32)


def test_an_input_comes_from_its_seed_in_torchs_order(model, write):
    means = drawn(7, SHAPE).mean(axis=(2, 3))
    path = write(mean=means, input_seed=7, input_shape=SHAPE)
    errors = compare_with_golden(model, path)
    assert list(errors) == ["mean"]
    assert errors["mean"] < 1e-6


def test_inputs_come_by_name_and_only_pictures_are_turned(joining, write):
    image, vector = drawn(1, (2, 3, 4, 5)), drawn(2, (2, 3))
    path = write(image=image, vector=vector, total=image.mean(axis=(2, 3)) + vector)
    assert compare_with_golden(joining, path)["total"] < 1e-6


def test_an_error_is_a_share_of_the_largest_value(model, write):
    image = np.ones(SHAPE)
    golden = np.full((2, 3), 1.0)
    golden[1, 2] = -4
    path = write(image=image, mean=golden, double=np.full((2, 4, 5, 3), 2.0))
    assert compare_with_golden(model, path) == {"double": 0, "mean": pytest.approx(5 / 4)}


@pytest.mark.parametrize(
    ("ours", "golden", "expected"),
    [
        pytest.param([1.0, -2.0], [1.0, -2.0], 0, id="the same"),
        pytest.param([1.0, -3.0], [1.0, -2.0], 0.5, id="by the largest size, not the largest"),
        pytest.param([0.5, 8.0], [0.0, 8.0], 1 / 16, id="where the golden is zero"),
        pytest.param([0.25, 0.0], [0.0, 0.0], 0.25, id="absolute where all of it is"),
        pytest.param([], [], 0, id="of nothing"),
    ],
)
def test_relative_error_by_hand(ours, golden, expected):
    assert relative_error(np.array(ours), np.array(golden)) == expected


@pytest.mark.parametrize("value", [np.nan, np.inf], ids=str)
def test_what_is_not_finite_is_never_near(model, write, value):
    image = np.ones(SHAPE)
    image[0, 0, 0, 0] = value
    error = compare_with_golden(model, write(image=image, mean=np.ones((2, 3))))["mean"]
    assert not error <= 1e9


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        pytest.param(
            {"input_seed": 1, "input_shape": SHAPE, "feature": 0},
            r"expected one of the outputs double, mean\. Received: input_seed, .*, feature$",
            id="no common output",
        ),
        pytest.param(
            {"mean": np.zeros((2, 3)), "input_seed": 1},
            r"expected the inputs image, or input_seed and input_shape\. Received: mean, inp",
            id="no input",
        ),
        pytest.param(
            {"image": np.zeros((2, 4, 5, 3)), "mean": 0},
            r"image: expected \(None, 3, None, None\)\. Received: \(2, 4, 5, 3\)",
            id="channels last",
        ),
        pytest.param(
            {"image": np.zeros((3, 4, 5)), "mean": 0},
            r"image: expected \(None, 3, None, None\)\. Received: \(3, 4, 5\)",
            id="no batch",
        ),
        pytest.param(
            {"image": np.zeros((0, 3, 4, 5)), "mean": 0},
            r"as many examples of each input\. Received: \{'image': 0\}",
            id="empty batch",
        ),
        pytest.param(
            {"image": np.zeros(SHAPE), "mean": np.zeros((2, 1))},
            r"mean: expected \(2, 3\)\. Received: \(2, 1\)",
            id="an output of another shape",
        ),
        pytest.param(
            {"image": np.array("abc"), "mean": 0}, r"image: expected numbers\. .*<U3", id="a text"
        ),
        pytest.param(
            {"input_seed": -1, "input_shape": SHAPE, "mean": 0},
            r"expected a seed as input_seed .* Received: -1 and \[2 3 4 5\]",
            id="negative seed",
        ),
        pytest.param(
            {"input_seed": [1, 2], "input_shape": SHAPE, "mean": 0},
            r"expected a seed .* Received: \[1 2\] and",
            id="two seeds",
        ),
        pytest.param(
            {"input_seed": 1, "input_shape": 3, "mean": 0}, "Received: 1 and 3", id="one side"
        ),
        pytest.param(
            {"input_seed": 1, "input_shape": (2.0, 3.5), "mean": 0}, "3.5", id="half a pixel"
        ),
        pytest.param(
            {"input_seed": 1, "input_shape": (10**9, 3, 10**6, 10**6), "mean": 0},
            "sides of the input as input_shape",
            id="more than there is room for",
        ),
    ],
)
def test_files_that_are_not_of_this_model_are_refused(model, write, arrays, message):
    with pytest.raises(EmoError, match=rf"golden\.npz: .*{message}"):
        compare_with_golden(model, write(**arrays))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        pytest.param(
            {"input_seed": 1, "input_shape": SHAPE},
            r"expected the inputs image, vector\. Received: input_seed alone",
            id="a seed for two",
        ),
        pytest.param(
            {"image": np.zeros((2, 3, 4, 5))},
            r"expected the inputs vector, or .*\. Received: total, image",
            id="one is missing",
        ),
        pytest.param(
            {"image": np.zeros((2, 3, 5, 4)), "vector": np.zeros((2, 3))},
            r"image: expected \(None, 3, 4, 5\)\. Received: \(2, 3, 5, 4\)",
            id="height and width exchanged",
        ),
        pytest.param(
            {"image": np.zeros((2, 3, 4, 5)), "vector": np.zeros((3, 3))},
            r"as many examples of each input\. Received: \{'image': 2, 'vector': 3\}",
            id="batches of two sizes",
        ),
    ],
)
def test_inputs_that_a_model_of_two_cannot_take_are_refused(joining, write, arrays, message):
    with pytest.raises(EmoError, match=rf"golden\.npz: .*{message}"):
        compare_with_golden(joining, write(total=np.zeros((2, 3)), **arrays))


def test_pickled_objects_are_refused_without_being_loaded(model, write):
    path = write(mean=np.array([print], dtype=object), input_seed=1, input_shape=SHAPE)
    with pytest.raises(
        EmoError, match=r"golden\.npz: expected an \.npz file of numbers\. .*Object"
    ):
        compare_with_golden(model, path)


def damaged(path: Path) -> None:
    np.savez(path, mean=np.zeros(100))
    content = bytearray(path.read_bytes())
    content[200] ^= 255
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    np.savez(path, mean=np.zeros(100))
    path.write_bytes(path.read_bytes()[:-30])


def single_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


@pytest.mark.parametrize(
    ("write_odd", "message"),
    [
        pytest.param(lambda path: None, "no such file", id="missing"),
        pytest.param(Path.mkdir, "no such file", id="a folder"),
        pytest.param(lambda path: path.write_bytes(b""), "another kind", id="empty"),
        pytest.param(lambda path: path.write_text("1, 2"), "another kind", id="text"),
        pytest.param(single_array, "another kind", id="a single array"),
        pytest.param(cut_short, "another kind", id="cut short"),
        pytest.param(damaged, "Bad CRC", id="damaged"),
    ],
)
def test_what_is_no_npz_file_is_refused_by_name(model, tmp_path, write_odd, message):
    path = tmp_path / "odd.npz"
    write_odd(path)
    with pytest.raises(
        EmoError, match=rf"odd\.npz: expected an \.npz file of numbers\. .*{message}"
    ):
        compare_with_golden(model, path)


def test_a_zip_of_something_else_holds_no_numbers(model, tmp_path):
    with zipfile.ZipFile(tmp_path / "odd.npz", "w") as archive:
        archive.writestr("mean.txt", "0.5")
    with pytest.raises(EmoError, match=r"odd\.npz: mean\.txt: expected numbers\."):
        compare_with_golden(model, tmp_path / "odd.npz")


def test_a_model_without_names_is_refused(write):
    image = keras.Input((4, 5, 3))
    model = keras.Model(image, layers.Rescaling(2.0)(image), name="nameless")
    with pytest.raises(EmoError, match="nameless: expected named inputs and outputs"):
        compare_with_golden(model, write(image=np.zeros(SHAPE)))
