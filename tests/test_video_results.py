import json

import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.results import CategoryScore, Expression, Group, Person, Vad
from emo_tf.video_results import (
    VIDEO_CSV_COLUMNS,
    FrameResult,
    Segment,
    TrackedFace,
    VideoFailure,
)

SURE = Expression("sad", {name: 0.94 if name == "sad" else 0.01 for name in EXPRESSIONS})
FACE = TrackedFace(3, (1.234, 2, 30, 40.5), 0.98765, SURE)
PERSON = Person(
    (0, 1, 50, 90), None, (CategoryScore("Peace", 0.8, 0.5, above=True),), Vad(5.5, 4, 3)
)
GROUP = Group("neutral", {"negative": 0.2, "neutral": 0.7, "positive": 0.1}, source="faces")
FRAME = FrameResult("a.mp4", 7, 0.28004, (FACE,), people=(PERSON,), group=GROUP)


def test_a_frame_is_one_line_of_json_with_times_in_seconds():
    entry = json.loads(FRAME.to_json())
    assert list(entry) == ["source", "frame", "time_s", "tracks", "people", "group"]
    assert (entry["source"], entry["frame"], entry["time_s"]) == ("a.mp4", 7, 0.28)
    assert entry["tracks"] == [
        {
            "id": 3,
            "box_xywh": [1.23, 2, 30, 40.5],
            "score": 0.9877,
            "expression": SURE.to_dict(),
        }
    ]
    assert entry["people"] == [PERSON.to_dict()]
    assert entry["group"] == GROUP.to_dict()


def test_a_frame_is_a_row_a_track_with_every_probability_and_a_row_a_person():
    track, person = FRAME.to_csv_rows()
    assert tuple(track) == tuple(person) == VIDEO_CSV_COLUMNS
    filled = {name: value for name, value in track.items() if value != ""}
    assert filled == {
        "source": "a.mp4",
        "frame": 7,
        "time_s": 0.28,
        "track": 3,
        "x": 1.23,
        "y": 2,
        "width": 30,
        "height": 40.5,
        "score": 0.9877,
        "expression": "sad",
        "probability": 0.94,
        **{name: 0.94 if name == "sad" else 0.01 for name in EXPRESSIONS},
        "group": "neutral",
        "group_probability": 0.7,
        "group_source": "faces",
    }
    assert (person["track"], person["person"], person["categories"]) == ("", 0, "Peace")
    assert (person["x"], person["height"], person["score"]) == (0, 90, "")
    assert (person["valence"], person["arousal"], person["dominance"]) == (5.5, 4, 3)


def test_a_frame_without_anybody_is_a_row_all_the_same():
    (row,) = FrameResult("a.mp4", 0, 0.0).to_csv_rows()
    assert {name: value for name, value in row.items() if value != ""} == {
        "source": "a.mp4",
        "frame": 0,
        "time_s": 0.0,
    }


def test_a_video_that_cannot_be_read_is_its_name_and_the_reason():
    failure = VideoFailure("b.mp4", "b.mp4: expected a video")
    assert json.loads(failure.to_json()) == {"source": "b.mp4", "error": failure.error}
    (row,) = failure.to_csv_rows()
    assert tuple(row) == VIDEO_CSV_COLUMNS
    assert (row["source"], row["error"], row["frame"]) == ("b.mp4", failure.error, "")


def test_a_segment_is_one_line_of_json():
    assert json.loads(Segment("a.mp4", 3, 0.28004, 1.5, "sad", 0.87654).to_json()) == {
        "source": "a.mp4",
        "id": 3,
        "start_s": 0.28,
        "end_s": 1.5,
        "label": "sad",
        "confidence": 0.8765,
    }


@pytest.mark.parametrize(
    ("start", "end"),
    [(2, 1), (float("nan"), 1), (0, float("inf"))],
    ids=["backwards", "no number", "endless"],
)
def test_a_segment_ends_after_it_began(start, end):
    with pytest.raises(EmoError, match="segment: expected an end that is not before its start"):
        Segment("a.mp4", 1, start, end, "sad", 0.5)
