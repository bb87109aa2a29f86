import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.results import Expression
from emo_tf.runtime.segments import SegmentBuilder
from emo_tf.video_results import FrameResult, TrackedFace

RATE = 10


def expression(label, probability=0.9, *, second=None):
    rest = dict.fromkeys(EXPRESSIONS, 0.0)
    second = second or next(name for name in EXPRESSIONS if name != label)
    rest |= {second: 1 - probability, label: probability}
    return Expression(max(rest, key=rest.__getitem__), rest)


def frame(index, faces, *, rate=RATE):
    tracks = tuple(TrackedFace(number, (0, 0, 9, 9), 0.9, found) for number, found in faces.items())
    return FrameResult("a.mp4", index, index / rate, tracks)


def segments(expressions, *, rate=RATE, **settings):
    """Segments of one face: (start, end, label); `None` stands for a frame without it."""
    builder, ended = SegmentBuilder("a.mp4", **settings), []
    for index, found in enumerate(expressions):
        ended += builder.add(frame(index, {} if found is None else {1: found}, rate=rate))
    return [(s.start_s, s.end_s, s.label) for s in ended + builder.finish()]


HAPPY, SAD, ANGRY = (expression(name, second="fear") for name in ("happy", "sad", "angry"))


def test_a_segment_ends_where_the_next_begins_to_lead():
    assert segments([HAPPY] * 10 + [SAD] * 10) == [(0.0, 0.9, "happy"), (1.0, 1.9, "sad")]


def test_a_short_lead_changes_nothing():
    assert segments([HAPPY] * 10 + [SAD] * 2 + [HAPPY] * 5) == [(0.0, 1.6, "happy")]
    assert segments([HAPPY] * 10 + [SAD, ANGRY] * 5 + [HAPPY]) == [(0.0, 2.0, "happy")]


def test_a_lead_by_less_than_the_margin_changes_nothing():
    hardly = expression("sad", 0.52, second="happy")
    assert segments([HAPPY] * 10 + [hardly] * 10) == [(0.0, 1.9, "happy")]
    assert len(segments([HAPPY] * 10 + [hardly] * 10, margin=0.03)) == 2


def test_a_segment_begins_where_the_lead_began_and_not_where_it_became_clear():
    hardly = expression("sad", 0.52, second="happy")
    assert segments([HAPPY] * 10 + [hardly] * 3 + [SAD] * 5) == [
        (0.0, 0.9, "happy"),
        (1.0, 1.7, "sad"),
    ]


def test_the_first_frames_belong_to_what_the_face_settles_on():
    assert segments([ANGRY, HAPPY, ANGRY] + [SAD] * 10) == [(0.0, 1.2, "sad")]


def test_a_face_that_never_settles_has_the_likeliest_expression():
    assert segments([HAPPY]) == [(0.0, 0.0, "happy")]
    assert segments([HAPPY, SAD, HAPPY, SAD, HAPPY]) == [(0.0, 0.4, "happy")]


@pytest.mark.parametrize("rate", [1, 10, 60], ids=str)
def test_time_decides_and_not_the_number_of_frames(rate):
    found = [HAPPY] * rate * 3 + [SAD] * rate * 3
    (first, second) = segments(found, rate=rate)
    assert first == (0.0, pytest.approx(3 - 1 / rate), "happy")
    assert second == (pytest.approx(3), pytest.approx(6 - 1 / rate), "sad")


def test_a_short_gap_ends_no_segment_and_a_long_one_does():
    assert segments([HAPPY] * 5 + [None] * 9 + [HAPPY] * 5) == [(0.0, 1.8, "happy")]
    assert segments([HAPPY] * 5 + [None] * 12 + [HAPPY] * 5) == [
        (0.0, 0.4, "happy"),
        (1.7, 2.1, "happy"),
    ]


def test_frames_far_apart_are_no_gap():
    assert segments([HAPPY] * 5, rate=0.5) == [(0.0, 8.0, "happy")]


def test_a_segment_is_given_as_soon_as_it_is_over():
    builder = SegmentBuilder("a.mp4")
    found = [HAPPY] * 10 + [SAD] * 3
    given = [builder.add(frame(index, {1: one})) for index, one in enumerate(found)]
    assert [index for index, ended in enumerate(given) if ended] == [12]
    assert [builder.add(frame(index, {})) for index in range(13, 23)] == [[]] * 10
    (ended,) = builder.add(frame(23, {}))
    assert (ended.start_s, ended.end_s, ended.label) == (1.0, 1.2, "sad")
    assert builder.finish() == []


def test_the_confidence_is_the_mean_probability_over_the_segments_own_frames():
    builder = SegmentBuilder("a.mp4")
    found = [expression("happy", p) for p in (0.5, 0.7, 0.9)]
    found += [expression("sad", 0.3, second="happy")]  # a lapse that belongs to the segment
    found += [expression("happy", 0.9)] * 2 + [expression("sad", 0.8)] * 4
    for index, one in enumerate(found):
        ended = builder.add(frame(index, {7: one})) or ()
        for segment in ended:
            assert segment.confidence == pytest.approx(np.mean([0.5, 0.7, 0.9, 0.7, 0.9, 0.9]))
            assert (segment.id, segment.source) == (7, "a.mp4")
    (last,) = builder.finish()
    assert last.confidence == pytest.approx(0.8)


def test_faces_are_cut_for_themselves():
    builder = SegmentBuilder("a.mp4")
    for index in range(10):
        assert builder.add(frame(index, {1: HAPPY, 2: SAD})) == []
    first, second = builder.finish()
    assert (first.id, first.label) == (1, "happy")
    assert (second.id, second.label) == (2, "sad")


def test_what_has_no_expression_is_no_segment():
    builder = SegmentBuilder("a.mp4")
    assert builder.add(frame(0, {1: None})) == []
    assert builder.finish() == []


def test_memory_does_not_grow_with_the_video():
    builder = SegmentBuilder("a.mp4")
    for index in range(3000):
        builder.add(frame(index, {index // 20: HAPPY if index % 2 else SAD}))
    assert len(builder._tracks) <= 2


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"margin": 1.1}, "margin: expected 0 to 1"),
        ({"lead_s": -1}, "lead_s: expected 0 or more seconds"),
        ({"gap_s": float("inf")}, "gap_s: expected 0 or more seconds"),
    ],
    ids=["margin", "lead", "gap"],
)
def test_settings_out_of_their_range_are_refused(setting, message):
    with pytest.raises(EmoError, match=message):
        SegmentBuilder("a.mp4", **setting)
