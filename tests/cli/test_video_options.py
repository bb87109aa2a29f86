import re

import pytest

from emo_tf.cli.refused_options import refuse_options
from emo_tf.cli.video_options import seconds_of
from emo_tf.errors import EmoError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("75", 75),
        ("12.5", 12.5),
        (".5", 0.5),
        ("1:15", 75),
        ("00:07.25", 7.25),
        ("90:00", 5400),
        ("1:02:03", 3723),
        ("10:00:00.5", 36000.5),
    ],
    ids=str,
)
def test_a_moment_is_seconds_or_minutes_or_hours_with_colons(text, seconds):
    assert seconds_of(text, "--start") == seconds


def test_no_moment_stays_none():
    assert seconds_of(None, "--start") is None


@pytest.mark.parametrize(
    "text",
    ["", "-1", "1:60", "1:75:00", "1:2:3:4", ":30", "1:", "1.5:00", "1e3", "nan", "soon", "٣"],
    ids=ascii,
)
def test_anything_else_is_no_moment(text):
    message = f"--end: expected seconds or [h:]mm:ss. Received: {text}"
    with pytest.raises(EmoError, match=f"^{re.escape(message)}$"):
        seconds_of(text, "--end")


def test_an_option_for_the_other_kind_of_source_is_refused_by_name():
    with pytest.raises(EmoError, match=r"^--vtt: expected videos with it\. Received: pictures$"):
        refuse_options(
            {"--every": None, "--vtt": "-", "--plot": "p"}, expected="videos", received="pictures"
        )


def test_options_that_were_not_given_are_not_refused():
    refuse_options({"--every": None, "--vtt": None}, expected="videos", received="pictures")
