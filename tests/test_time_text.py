import pytest

from emo_tf.time_text import time_step, time_text


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0:00"), (7.99, "0:07"), (750, "12:30"), (3725.4, "1:02:05"), (-2, "0:00")],
    ids=["start", "seconds", "minutes", "hours", "before-the-start"],
)
def test_a_moment_is_written_as_players_do(seconds, expected):
    assert time_text(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(7.96, "0:07.9"), (0.3, "0:00.3"), (59.999, "0:59.9")], ids=str
)
def test_tenths_are_rounded_down_but_not_by_what_binary_numbers_lack(seconds, expected):
    assert time_text(seconds, tenths=True) == expected


@pytest.mark.parametrize(
    ("span", "expected"),
    [(0.4, 0.1), (9, 1), (10.5, 2), (100, 10), (3600, 600), (36000, 3600), (100000, 10800)],
    ids=str,
)
def test_the_step_of_an_axis_is_round_and_goes_in_at_most_so_often(span, expected):
    assert time_step(span, most=10) == expected
