"""The machine that reads pickles agrees with Python's on plain values."""

import collections
import io
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emo_tf.checkpoints.allowed_globals import find_global
from emo_tf.checkpoints.pickle_machine import PickleMachine

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.binary(max_size=5)
)
VALUES = st.recursive(
    SCALARS | st.sets(st.integers(), max_size=3) | st.frozensets(st.text(max_size=3), max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.tuples(inner, inner, inner, inner)
        | st.dictionaries(SCALARS | st.tuples(SCALARS, SCALARS), inner, max_size=4)
    ),
    max_leaves=20,
)


def load(pickled: bytes) -> object:
    return PickleMachine(find_global, lambda identity: identity).load(io.BytesIO(pickled))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_plain_values_come_back_as_they_were(protocol, value):
    assert load(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_shared_stays_shared(protocol):
    inner = ["weights", 1.5]
    twice, again = load(pickle.dumps([inner, inner], protocol))
    assert twice == inner
    assert twice is again


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_list_may_hold_itself(protocol):
    value: list = [1]
    value.append(value)
    found = load(pickle.dumps(value, protocol))
    assert found[0] == 1
    assert found[1] is found


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (collections.OrderedDict([("b", 1), ("a", 2)]), {"b": 1, "a": 2}),
        (collections.Counter("abba"), {"a": 2, "b": 2}),
        (collections.defaultdict(list, {"a": [1]}), {"a": [1]}),
    ],
    ids=["OrderedDict", "Counter", "defaultdict"],
)
def test_dicts_of_collections_become_dicts(protocol, value, expected):
    found = load(pickle.dumps(value, protocol))
    assert type(found) is dict
    assert list(found.items()) == list(expected.items())


def test_pickles_in_a_row_are_read_one_at_a_time():
    stream = io.BytesIO(pickle.dumps("first", 2) + pickle.dumps(["second"], 4) + b"rest")
    machine = PickleMachine(find_global, lambda identity: identity)
    assert machine.load(stream) == "first"
    assert machine.load(stream) == ["second"]
    assert stream.read() == b"rest"
