from types import SimpleNamespace

import pytest

from emo_tf.runtime.frame_choice import FrameChoice


def chosen(choice, times, *, live=False):
    frames = (SimpleNamespace(time_s=time) for time in times)
    return [frame.time_s for frame in choice.of(frames, live=live)]


STEADY = [number / 25 for number in range(25)]


def test_without_wishes_every_frame_is_chosen():
    assert chosen(FrameChoice(), STEADY) == STEADY


def test_each_fourth_frame_begins_with_the_first():
    assert chosen(FrameChoice(every=4), STEADY) == STEADY[::4]


def test_the_end_is_left_out():
    assert chosen(FrameChoice(end_s=0.4), STEADY) == STEADY[:10]


def test_nothing_is_decoded_behind_the_end():
    def endless():
        for number in range(10_000):
            assert number <= 11
            yield SimpleNamespace(time_s=number / 25)

    assert len(list(FrameChoice(end_s=0.4, fps=25).of(endless(), live=False))) == 10


@pytest.mark.parametrize(
    ("fps", "times"),
    [
        (10, [0, 0.08, 0.2, 0.28, 0.4, 0.48, 0.6, 0.68, 0.8, 0.88]),
        (5, [0, 0.2, 0.4, 0.6, 0.8]),
        (25, STEADY),
        (1000, STEADY),
        (1, [0]),
    ],
    ids=str,
)
def test_at_each_moment_the_frame_that_is_shown_then_is_chosen(fps, times):
    assert chosen(FrameChoice(fps=fps), STEADY) == pytest.approx(times)


def test_rounding_of_moments_loses_and_doubles_no_frame():
    times = [number * 1001 / 30000 for number in range(30_000)]
    assert chosen(FrameChoice(fps=30000 / 1001), times) == times


def test_a_frame_shown_at_several_moments_is_chosen_once():
    assert chosen(FrameChoice(fps=10), [0, 0.5, 0.55, 0.6]) == [0, 0.5, 0.6]


def test_a_single_frame_is_chosen():
    assert chosen(FrameChoice(fps=3), [7.0]) == [7.0]
    assert chosen(FrameChoice(fps=3), []) == []


def test_moments_count_from_the_first_frame_given():
    assert chosen(FrameChoice(fps=2, start_s=1.0), [1.02, 1.3, 1.52, 1.6]) == [1.02, 1.52]


def test_live_the_first_frame_after_a_moment_is_chosen_at_once():
    frames = iter(SimpleNamespace(time_s=time) for time in STEADY)
    choice = FrameChoice(fps=10).of(frames, live=True)
    assert [next(choice).time_s for _ in range(4)] == pytest.approx([0, 0.12, 0.2, 0.32])
    assert next(frames).time_s == pytest.approx(0.36)  # no frame was waited for


@pytest.mark.parametrize(
    ("choice", "frames", "rate"),
    [
        (FrameChoice(), 100, 25),
        (FrameChoice(every=3), 34, 25 / 3),
        (FrameChoice(fps=10), 40, 10),
        (FrameChoice(fps=50), 100, 25),
        (FrameChoice(start_s=1.0), 75, 25),
        (FrameChoice(start_s=1.0, end_s=2.0, every=2), 13, 12.5),
        (FrameChoice(end_s=90.0), 100, 25),
    ],
    ids=str,
)
def test_what_to_expect_is_told(choice, frames, rate):
    assert choice.expected(100, 4.0) == frames
    assert choice.rate(25) == pytest.approx(rate)


def test_of_an_unknown_length_nothing_is_expected():
    assert FrameChoice().expected(None, None) is None
    assert FrameChoice(fps=3).expected(100, None) is None
    assert FrameChoice(every=3).expected(100, None) == 34
    assert FrameChoice().rate(None) is None
    assert FrameChoice(fps=3).rate(None) == 3
