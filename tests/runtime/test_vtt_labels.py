import json
import math
from collections import defaultdict

import numpy as np
import pytest

from emo_tf.labels import EXPRESSIONS
from emo_tf.results import Expression
from emo_tf.runtime.vtt_labels import VttLabels, published_labels
from emo_tf.video_results import FrameResult, TrackedFace


def frame(time_s: float, *tracks: tuple, number: int = 0) -> FrameResult:
    """A frame with tracks given as `(id, left edge, label)`; faces are 10 wide and 20 high."""
    return FrameResult(
        "a.mp4",
        number,
        time_s,
        tuple(
            TrackedFace(
                track,
                (x, 5, 10, 20),
                0.9,
                Expression(label, {name: float(name == label) for name in EXPRESSIONS}),
            )
            for track, x, label in tracks
        ),
    )


def labels_of(frames) -> list[dict]:
    """All labels, which are held to come in the order of their moments."""
    labels = VttLabels()
    written = [label for item in frames for label in labels.add(item)] + labels.finish()
    moments = [label["seconds"] for label in written]
    assert moments == sorted(moments)
    return written


def moments_of(labels: list[dict], track: int) -> list[float]:
    """The moments of a track; holds that each has an object and then its emotion."""
    name = f"person_{track}"
    objects = [label["seconds"] for label in labels if label.get("id") == name]
    emotions = [label["seconds"] for label in labels if label.get("object") == {"id": name}]
    assert objects == emotions
    return objects


def moments_from_to(start: float, end: float) -> list[float]:
    return [k / 2 for k in range(math.ceil(2 * start), math.floor(2 * end) + 1)]


def test_a_face_is_an_object_and_an_emotion_every_half_second():
    frames = [frame(k / 10, (1, 10 * k, "sad" if k < 5 else "happy")) for k in range(8)]
    assert labels_of(frames) == [
        {
            "type": "object",
            "id": "person_1",
            "class": "person",
            "label": "Person 1",
            "seconds": 0.0,
            "coordinates": [0, 5, 10, 20],
        },
        {"type": "emotion", "class": "sad", "seconds": 0.0, "object": {"id": "person_1"}},
        {
            "type": "object",
            "id": "person_1",
            "class": "person",
            "label": "Person 1",
            "seconds": 0.5,
            "coordinates": [50, 5, 10, 20],
        },
        {"type": "emotion", "class": "happy", "seconds": 0.5, "object": {"id": "person_1"}},
    ]


def test_a_moment_between_two_frames_has_a_place_between_and_the_expression_shown_then():
    placed, emotion = labels_of([frame(0.4, (1, 0, "fear")), frame(0.6, (1, 30, "sad"))])
    assert (placed["seconds"], placed["coordinates"]) == (0.5, [15, 5, 10, 20])
    assert emotion["class"] == "fear"


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 1), (0.5, 1.5), (0.51, 1.49), (0.1, 0.4), (0.7, 0.7), (1.0, 1.0), (0.04, 7.96)],
    ids=["0 to 1", "on moments", "just inside", "between two", "one frame", "on one", "long"],
)
def test_the_number_of_labels_follows_from_the_first_and_the_last_frame(start, end):
    times = np.linspace(start, end, 40) if end > start else [start]
    labels = labels_of([frame(time, (1, 0, "sad")) for time in times])
    assert moments_of(labels, 1) == moments_from_to(start, end)
    assert len(labels) == 2 * max(0, math.floor(2 * end) - math.ceil(2 * start) + 1)


def test_a_face_out_of_sight_for_a_while_keeps_its_moments_on_the_way():
    seen = (0, 0.2, 0.4, 1.2, 1.4, 1.6)
    frames = [
        frame(k / 5, *([(1, 100 * k / 5, "sad")] if k / 5 in seen else []), (2, 0, "happy"))
        for k in range(9)
    ]
    labels = labels_of(frames)
    assert moments_of(labels, 1) == moments_of(labels, 2) == [0, 0.5, 1, 1.5]
    places = [label["coordinates"][0] for label in labels if label.get("id") == "person_1"]
    assert places == pytest.approx([0, 50, 100, 150])


def test_a_face_out_of_sight_for_more_than_a_second_begins_anew():
    seen = {0, 0.1, 2.2, 2.3, 2.9, 3.0}
    frames = [frame(k / 10, *([(1, 0, "sad")] if k / 10 in seen else [])) for k in range(40)]
    assert moments_of(labels_of(frames), 1) == [0, 2.5, 3]


def test_frames_seconds_apart_still_follow_each_other():
    labels = labels_of([frame(time, (1, 0, "sad")) for time in (0, 2.1, 4.2)])
    assert moments_of(labels, 1) == moments_from_to(0, 4.2)


def test_a_face_that_is_gone_at_the_next_of_distant_frames_is_labelled_where_it_was():
    frames = [frame(0, (1, 0, "sad")), frame(2), frame(4, (1, 0, "sad")), frame(6)]
    assert moments_of(labels_of(frames), 1) == [0, 4]


def test_labels_come_as_soon_as_nobody_can_be_missing():
    labels = VttLabels()
    assert len(labels.add(frame(0, (1, 0, "sad"), (2, 0, "sad")))) == 4
    # Track 2 may come back for a second.
    assert labels.add(frame(0.6, (1, 0, "sad"))) == []
    assert labels.add(frame(1.0, (1, 0, "sad"))) == []
    later = labels.add(frame(1.1, (1, 0, "sad")))
    assert [label["seconds"] for label in later] == [0.5, 0.5, 1, 1]


def test_nothing_is_kept_of_what_is_long_past():
    labels = VttLabels()
    for number in range(2000):
        labels.add(frame(number / 10, (number // 5, 0, "sad")))
    kept = sum(len(value) for value in vars(labels).values() if hasattr(value, "__len__"))
    assert kept < 40


def test_moments_are_those_of_the_rounded_times_that_the_frames_state():
    frames = [frame(time, (1, 0, "sad")) for time in (0.50003, 0.99996)]
    stated = [item.to_dict()["time_s"] for item in frames]
    assert stated == [0.5, 1.0]
    assert moments_of(labels_of(frames), 1) == [0.5, 1.0]


def test_the_older_form_is_one_label_a_frame_and_track_with_corners_in_whole_pixels():
    result = frame(1.4, (1, 20.6, "happy"), (2, 40, "angry"), number=35)
    assert published_labels(result) == [
        {
            "type": "emotion",
            "class": "happiness",
            "frames": 35,
            "coordinates": [21, 5, 31, 25],
            "id": 1,
        },
        {
            "type": "emotion",
            "class": "anger",
            "frames": 35,
            "coordinates": [40, 5, 50, 25],
            "id": 2,
        },
    ]


def test_the_older_form_is_that_of_the_published_labels(shared):
    lines = (shared / "data" / "vtt" / "published_friends_s01_ep06.jsonl").read_text().splitlines()
    published = [json.loads(line) for line in lines]
    everything = [published_labels(frame(0, (1, 0, name)))[0] for name in EXPRESSIONS]
    assert {tuple(label) for label in everything} == {tuple(label) for label in published}
    assert {label["class"] for label in published} <= {label["class"] for label in everything}


def test_the_labels_are_what_the_schema_asks_for(shared):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is in the extra `dev`")
    schema = json.loads((shared / "data" / "vtt" / "video_label.schema.json").read_text("utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    frames = [frame(k / 7, (1, k, "sad"), *[(2, 3.3, "fear")] * (k % 5 > 1)) for k in range(50)]
    by_type = defaultdict(int)
    for label in labels_of(frames):
        validator.validate(json.loads(json.dumps(label)))
        by_type[label["type"]] += 1
    assert by_type == {"object": 15 + 14, "emotion": 15 + 14}
