"""What a server may be told, and the token."""

import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.processors import processors
from emo_tf.serve.settings import ServeSettings
from emo_tf.web.access import TOKEN_VARIABLE, read_token

OUT_OF_RANGE = {
    "port": 70_000,
    "workers": 0,
    "batch": 0,
    "queue": -1,
    "max_bytes": 0,
    "max_held_bytes": 0,
    "max_pixels": 0,
    "max_instances": 0,
    "max_connections": 0,
    "versions": 0,
    "time_limit_s": float("nan"),
    "poll_s": 0.0,
    "token": "",
}


@pytest.mark.parametrize(("name", "value"), OUT_OF_RANGE.items(), ids=OUT_OF_RANGE.keys())
def test_a_setting_out_of_range_is_named(name, value):
    with pytest.raises(EmoError, match=f"^{name}: expected"):
        ServeSettings(**{name: value})


def test_there_is_a_thread_for_each_core():
    assert ServeSettings().workers == processors() >= 1


def test_the_token_is_not_shown_with_the_settings():
    assert "sesame" not in repr(ServeSettings(token="open-sesame"))


def test_the_token_of_a_file_goes_before_that_of_the_environment(tmp_path):
    file = tmp_path / "token.txt"
    file.write_text("  open-sesame\n")
    environment = {TOKEN_VARIABLE: "another"}
    assert read_token(file, environment=environment) == "open-sesame"
    assert read_token(None, environment=environment) == "another"
    assert read_token(None, environment={}) is None


BAD = {"empty": b"", "blank": b" \n", "two": b"two words", "accent": "ä".encode(), "bytes": b"\xff"}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_a_token_that_no_header_carries_is_refused(tmp_path, content):
    file = tmp_path / "token.txt"
    file.write_bytes(content)
    with pytest.raises(EmoError, match=r"token\.txt: expected a token"):
        read_token(file)


def test_an_empty_token_in_the_environment_is_no_open_door():
    with pytest.raises(EmoError, match=TOKEN_VARIABLE):
        read_token(None, environment={TOKEN_VARIABLE: ""})


def test_a_token_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(EmoError, match="No such file"):
        read_token(tmp_path / "token.txt")
