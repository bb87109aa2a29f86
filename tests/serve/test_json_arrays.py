"""Arrays out of nested lists and back."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from emo_tf.errors import EmoError
from emo_tf.runtime.tensor_spec import TensorSpec
from emo_tf.serve.json_arrays import read_rows, to_lists
from emo_tf.web.request_json import shown

PIXELS = TensorSpec(np.dtype(np.uint8), (-1, 2, -1))
NUMBERS = TensorSpec(np.dtype(np.float32), (-1, 2))
COUNTS = TensorSpec(np.dtype(np.int32), (-1,))

floats = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(arrays(np.float32, array_shapes(max_side=4), elements=floats))
def test_floats_come_back_the_same_in_float32(array):
    text = json.dumps(to_lists(array))
    assert np.array_equal(np.array(json.loads(text), np.float64).astype(np.float32), array)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1 / 3, "0.33333334"), (-2.5, "-2.5"), (0, "0.0"), (16777216, "16777216.0")],
)
def test_floats_are_as_short_as_they_are_exact(value, text):
    assert json.dumps(to_lists(np.float32([value]))) == f"[{text}]"


@given(arrays(np.uint8, st.tuples(st.integers(1, 3), st.just(2), st.integers(1, 5))))
def test_pixels_come_back(array):
    found = read_rows(to_lists(array), PIXELS, name="image")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, array)


def test_numbers_may_be_whole():
    np.testing.assert_array_equal(
        read_rows([[1, 2.5], [-3, 1e30]], NUMBERS, name="box"), np.float32([[1, 2.5], [-3, 1e30]])
    )


def test_one_number_an_example_needs_no_list():
    found = read_rows([5, -6], COUNTS, name="count")
    assert (found.dtype, found.tolist()) == (np.int32, [5, -6])


@pytest.mark.parametrize(
    ("rows", "spec", "received"),
    [
        ([5], PIXELS, "5 as item 1 deep"),
        ([[[1], [2]], None], PIXELS, "None as item 1 deep"),
        ([[[1], "ab"]], PIXELS, "'ab' as item 2 deep"),
        ([[[1]]], PIXELS, "lists of 1 items, 1 deep"),
        ([[[], []]], PIXELS, "lists of 0 items, 2 deep"),
        ([[[1], [1, 2]]], PIXELS, "lists of 1 and of 2 items, 2 deep"),
        ([[[1], [[2]]]], PIXELS, "a list of 1"),
        ([[[1], [{"a": 1}]]], PIXELS, "a JSON object of 1"),
        ([[[1], [256]]], PIXELS, "256"),
        ([[[1], [-1]]], PIXELS, "-1"),
        ([[[1], [1.0]]], PIXELS, r"1\.0"),
        ([[[1], [True]]], PIXELS, "True"),
        ([[[1], [None]]], PIXELS, "None"),
        ([[[1], [10**400]]], PIXELS, r"10{39}\.\.\."),
        ([[1, True]], NUMBERS, "True"),
        ([[1, "x" * 99]], NUMBERS, f"'{'x' * 39}"),
        ([[1, float("inf")]], NUMBERS, "a number that is too large"),
        ([[1, 1e39]], NUMBERS, "a number that is too large"),
        ([[1, 10**400]], NUMBERS, "a whole number that is too large"),
        ([2**31], COUNTS, "2147483648"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_lists_are_an_error_that_says_what_came(rows, spec, received):
    expected = (
        r"^given: expected (lists of shape \(.*\) that hold )?(whole )?numbers.*\. Received: "
    )
    with pytest.raises(EmoError, match=expected + received):
        read_rows(rows, spec, name="given")


def test_what_a_caller_sent_is_cut_short_in_messages():
    assert shown("a") == "'a'"
    assert len(shown("a" * 10**6)) < 50
    assert len(shown(10**1000)) < 50
    assert shown([[1] * 10**5]) == "a list of 1"
