import math

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.export.differences import (
    ANY_SIDE,
    check_differences,
    differences,
    made_up_examples,
    made_up_inputs,
    predict,
)
from emo_tf.export.exportable import Examples
from emo_tf.model_metadata import ArrayInput, ImageInput

IMAGES = {
    "scene": ImageInput(20, 31),
    "face": ImageInput(9, None, "grey"),
    "clip": ImageInput(16, 16, frames=3),
}
ARRAYS = {"box": ArrayInput((4,), "a box"), "state": ArrayInput((None, 2), "a state")}


def numbers(count: int, size: int) -> Examples:
    """Returns examples x of 0, 1, 2, ... in batches."""
    every = np.arange(count, dtype=np.float32)
    return Examples(
        source="numbers",
        count=count,
        batches=lambda: ({"x": every[i : i + size]} for i in range(0, count, size)),
        batch_size=size,
    )


def test_made_up_inputs_are_what_the_model_takes():
    made_up = made_up_inputs(IMAGES, ARRAYS)
    shapes = {name: (array.shape, array.dtype) for name, array in made_up.items()}
    assert shapes == {
        "scene": ((4, 20, 31, 3), np.uint8),
        "face": ((4, 9, ANY_SIDE, 1), np.uint8),
        "clip": ((4, 3, 16, 16, 3), np.uint8),
        "box": ((4, 4), np.float32),
        "state": ((4, ANY_SIDE, 2), np.float32),
    }
    assert 0 <= made_up["box"].min() < made_up["box"].max() <= 1


def test_made_up_inputs_are_the_same_every_time_and_differ_among_themselves():
    once, again = made_up_inputs(IMAGES, ARRAYS), made_up_inputs(IMAGES, ARRAYS)
    for name, array in once.items():
        np.testing.assert_array_equal(array, again[name])
        assert len(np.unique(array, axis=0)) == 4
        assert np.ptp(array) > 200 or name in ARRAYS


def test_made_up_pictures_have_all_their_faces_to_none():
    faces = {"faces": ImageInput(8, 8, faces=6)}
    arrays = {"face_mask": ArrayInput((6,), ""), "face_features": ArrayInput((6, 5), "")}
    made_up = made_up_inputs(faces, arrays)
    assert made_up["faces"].shape == (4, 6, 8, 8, 3)
    np.testing.assert_array_equal(made_up["face_mask"].sum(axis=1), [6, 4, 2, 0])
    for name in ("faces", "face_features"):
        there = made_up[name].reshape(4, 6, -1).any(axis=-1)
        np.testing.assert_array_equal(there, made_up["face_mask"])


def test_made_up_pictures_are_patches():
    scene = made_up_inputs({"scene": ImageInput(16, 32)})["scene"]
    patches = scene.reshape(4, 8, 2, 8, 4, 3)
    np.testing.assert_array_equal(patches, np.broadcast_to(patches[:, :, :1, :, :1], patches.shape))


def test_made_up_examples_say_so_and_have_no_labels():
    examples = made_up_examples(IMAGES)
    (batch,) = examples.batches()
    assert (examples.real, examples.labels, examples.steps) == (False, None, 1)
    assert {len(array) for array in batch.values()} == {examples.count}
    assert "made-up" in examples.source


@pytest.mark.parametrize(
    ("count", "size", "steps"), [(7, 3, 3), (6, 3, 2), (2, 3, 1)], ids=["rest", "even", "few"]
)
def test_predict_joins_the_outputs_of_all_batches_in_order(count, size, steps):
    examples, calls = numbers(count, size), []
    found = predict(
        lambda batch: {"double": 2 * batch["x"]}, examples, advance=lambda: calls.append(1)
    )
    np.testing.assert_array_equal(found["double"], 2 * np.arange(count))
    assert len(calls) == examples.steps == steps


def test_predict_stops_at_a_limit_after_whole_batches():
    found = predict(dict, numbers(9, 2), limit=3)
    np.testing.assert_array_equal(found["x"], [0, 1, 2, 3])


def test_differences_by_hand():
    found = {"score": np.array([[0.5, -2.0], [1.0, 3.0]], np.float32)}
    expected = {"score": np.array([[0.0, -4.0], [1.0, 2.0]], np.float32)}
    (figures,) = differences(found, expected).values()
    assert figures == {"largest": 2.0, "relative": 0.5, "mean": 3.5 / 4}


def test_differences_of_the_first_examples():
    expected = {"a": np.array([1.0, 2.0, 400.0])}
    figures = differences({"a": np.array([1.0, 1.0])}, expected)["a"]
    assert figures == {"largest": 1.0, "relative": 0.5, "mean": 0.5}


def test_outputs_that_are_zero_throughout():
    zeros = np.zeros(3, np.float32)
    assert differences({"a": zeros}, {"a": zeros})["a"]["relative"] == 0
    off = differences({"a": zeros + np.float32(1e-6)}, {"a": zeros})
    with pytest.raises(EmoError, match="expected outputs within"):
        check_differences("file", off, tolerance=1e-2)


@pytest.mark.parametrize(
    ("relative", "tolerance"), [(0.01, 0.01), (0.0, 0.0), (7.0, None)], ids=["at", "none", "any"]
)
def test_a_difference_within_the_tolerance_passes(relative, tolerance):
    check_differences("file", {"score": {"relative": relative}}, tolerance=tolerance)


@pytest.mark.parametrize(
    ("relative", "tolerance"),
    [(0.02, 0.01), (math.nan, 0.01), (math.nan, None), (math.inf, None)],
    ids=["beyond", "not a number", "not a number, any", "infinite, any"],
)
def test_a_difference_beyond_the_tolerance_names_file_and_output(relative, tolerance):
    figures = {"vad": {"relative": 0.0}, "score": {"relative": relative}}
    with pytest.raises(
        EmoError, match=r"^model\.tflite: expected outputs within .* Received: score, a difference"
    ):
        check_differences("model.tflite", figures, tolerance=tolerance)


def test_an_output_that_is_not_a_number_is_beyond_any_tolerance():
    figures = differences({"a": np.array([1.0, np.nan])}, {"a": np.array([1.0, 1.0])})
    with pytest.raises(EmoError, match="Received: a"):
        check_differences("file", figures, tolerance=None)
