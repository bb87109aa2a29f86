import numpy as np
import pytest

from emo_tf.runtime.timeline_lanes import KEPT_S, TimelineLanes


def lanes(**options):
    options = {"columns": 10, "span_s": 10.0} | options
    return TimelineLanes(options.pop("lanes", 2), **options)


def test_a_column_holds_what_was_shown_in_its_stretch_of_time():
    timeline = lanes()
    for second, code in enumerate([3, 3, 5]):
        timeline.add(second + 0.5, {1: code})
    codes, tracks = timeline.window()
    assert codes.tolist() == [[3, 3, 5, 0, 0, 0, 0, 0, 0, 0], [0] * 10]
    assert tracks[0, :3].tolist() == [1, 1, 1]
    assert timeline.playhead == 2
    assert timeline.used == 1


def test_a_column_shows_what_most_of_its_frames_do():
    timeline = lanes()
    for index, code in enumerate([4, 7, 7, 7, 2]):
        timeline.add(0.1 * index, {1: code})
    assert timeline.window()[0][0, 0] == 7


def test_a_frame_counts_until_the_next_one():
    timeline = lanes()
    timeline.add(0.0, {1: 4})
    timeline.add(4.0, {})
    timeline.add(7.0, {1: 6})
    assert timeline.window()[0][0].tolist() == [4, 4, 4, 4, 0, 0, 0, 6, 0, 0]


def test_tracks_at_the_same_time_have_lanes_of_their_own_and_more_are_counted():
    timeline = lanes()
    timeline.add(0.0, {4: 1, 9: 2, 7: 3, 12: 4})
    codes, tracks = timeline.window()
    assert codes[:, 0].tolist() == [1, 3]
    assert tracks[:, 0].tolist() == [4, 7]
    assert timeline.without_lane == 2
    timeline.add(1.0, {4: 1})
    assert timeline.without_lane == 0


def test_a_track_that_comes_back_soon_finds_its_lane_and_later_ones_share_it():
    timeline = lanes(columns=30, span_s=30.0)
    timeline.add(0.0, {1: 5})
    timeline.add(1.0, {})
    timeline.add(2.0, {1: 5, 2: 6})
    timeline.add(3.0, {})
    timeline.add(3.5 + KEPT_S, {3: 7})
    _, tracks = timeline.window()
    assert tracks[:, 2].tolist() == [1, 2]
    assert tracks[:, 6].tolist() == [3, 2]
    assert timeline.used == 2


@pytest.mark.parametrize("time_s", [10.0, 1e9], ids=["end", "long-after"])
def test_what_lies_after_the_end_is_in_the_last_column(time_s):
    timeline = lanes()
    timeline.add(time_s, {1: 5})
    assert timeline.window()[0][0].tolist() == [0] * 9 + [5]


def test_a_start_is_where_the_first_column_begins():
    timeline = lanes(start_s=100.0)
    timeline.add(100.2, {1: 5})
    assert timeline.window()[0][0, 0] == 5


def test_without_a_length_of_time_all_is_in_the_first_column():
    timeline = lanes(span_s=0.0)
    timeline.add(0.0, {1: 5})
    assert timeline.window()[0][0].tolist() == [5] + [0] * 9


def test_scrolling_columns_end_at_the_latest_frame():
    timeline = lanes(scrolling=True)
    for second in range(25):
        timeline.add(second, {1: second + 1})
    assert timeline.window()[0][0].tolist() == list(range(16, 26))
    assert timeline.playhead == 9


def test_scrolling_columns_begin_empty():
    timeline = lanes(scrolling=True)
    timeline.add(0.0, {1: 4})
    timeline.add(1.0, {1: 5})
    assert timeline.window()[0][0].tolist() == [0] * 8 + [4, 5]


def test_a_long_wait_leaves_what_was_shown_last():
    timeline = lanes(scrolling=True)
    timeline.add(0.0, {1: 4})
    timeline.add(1e6, {})
    assert timeline.window()[0][0].tolist() == [4] * 9 + [0]


def test_the_memory_does_not_grow():
    timeline = lanes(scrolling=True)
    for index in range(3000):
        timeline.add(index, {index: 1, index + 1: 2})
    held = {name: value for name, value in vars(timeline).items() if hasattr(value, "__len__")}
    assert all(len(value) <= 10 for value in held.values())
    assert all(np.asarray(value).size <= 20 for name, value in held.items() if name != "_counts")
