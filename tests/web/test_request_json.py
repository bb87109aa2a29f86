"""The JSON of a request is read as the standard library reads it, and held to more."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emo_tf.errors import EmoError
from emo_tf.web.request_json import read_request_json


def with_each_name_once(pairs: list[tuple[str, object]]) -> dict:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


strings = st.sampled_from(["", "b64", "ä", '"', "\\", "\0"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | strings,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3),
    max_leaves=8,
)


@given(values, st.booleans(), st.sampled_from([None, 1, 40]))
def test_whatever_was_written_is_read(value, ascii_alone, indent):
    body = json.dumps(value, ensure_ascii=ascii_alone, indent=indent).encode()
    assert read_request_json(body) == value


@given(values, st.data())
def test_what_is_cut_or_changed_is_read_as_json_or_refused(value, data):
    body = json.dumps(value).encode()
    place = data.draw(st.integers(0, len(body)))
    body = (
        body[:place]
        + data.draw(st.sampled_from([b"", b'"', b"}", b",", b"\\"]))
        + body[place + 1 :]
    )
    try:
        expected = json.loads(body, object_pairs_hook=with_each_name_once)
    except ValueError:
        with pytest.raises(EmoError, match=r"^request: expected .*Received: "):
            read_request_json(body)
    else:
        assert read_request_json(body) == expected


BROKEN = {
    "no end": '{"a": "x}',
    "no beginning": '{"a": x"}',
    "a name twice": '{"a": "x", "a": "x"}',
    "more": '{"a": "x"} {}',
    "no object": '"a": "x"',
    "no name": ': "x"',
    "no colon": '{"a" "x"}',
    "no comma": '{"a": "x" NaN}',
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_what_is_no_json_is_an_error(body):
    with pytest.raises(EmoError, match=r"^request: expected .*Received: "):
        read_request_json(body.encode())


def test_an_error_names_its_place():
    body = b'{"a": "x", }'
    place = len(body) - 1
    with pytest.raises(EmoError, match=f"double quotes at character {place}$"):
        read_request_json(body)
