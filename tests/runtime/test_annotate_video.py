import time

import numpy as np
import pytest

from emo_tf.colours import EXPRESSION_COLOURS, GROUP_COLOURS
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS, GROUP_EMOTIONS
from emo_tf.runtime import annotate_faces, timeline
from emo_tf.runtime.annotate_people import PERSON_COLOURS
from emo_tf.runtime.annotate_video import VideoAnnotator
from tests.video_frames import frame, person, tracked

WIDTH, HEIGHT = 480, 270


def grey(height=HEIGHT, width=WIDTH):
    return np.full((height, width, 3), 128, np.uint8)


def annotator(**options):
    return VideoAnnotator(**({"width": WIDTH, "height": HEIGHT, "duration_s": 10.0} | options))


def shows(image, colour):
    return (image == np.array(colour, np.uint8)).all(axis=-1)


def picture(drawn):
    return drawn[:HEIGHT]


def strip(drawn):
    return drawn[HEIGHT:]


def row_of(drawn, colour):
    """The columns of the strip in which a row shows a colour over its whole height."""
    return np.flatnonzero(shows(strip(drawn)[:60], colour).sum(axis=0) > 8)


def recorded(monkeypatch, module):
    """The texts that a module writes from now on."""
    texts, write = [], module.write

    def record(canvas, text, *arguments):
        texts.append(text)
        write(canvas, text, *arguments)

    monkeypatch.setattr(module, "write", record)
    return texts


@pytest.fixture
def written(monkeypatch):
    """The texts of the labels of faces."""
    return recorded(monkeypatch, annotate_faces)


def test_the_given_picture_is_not_changed_and_stands_above_the_strip():
    image = grey()
    made = annotator()
    drawn = made.annotate(image, frame(0.0))
    assert (image == 128).all()
    assert (picture(drawn) == 128).all()
    assert drawn.dtype == np.uint8
    assert drawn.shape == (made.size[1], made.size[0], 3)
    assert made.size[0] == WIDTH
    assert HEIGHT + 60 < made.size[1] < HEIGHT + 120


@pytest.mark.parametrize("label", EXPRESSIONS)
def test_box_and_row_have_the_colour_of_the_expression(label):
    drawn = annotator().annotate(grey(), frame(5.0, tracked(1, label)))
    edge = shows(picture(drawn), EXPRESSION_COLOURS[label])
    assert edge[80, 57:64].any()
    assert edge[80, 137:144].any()
    assert edge[127:134, 100].any()


def test_a_label_begins_with_the_number_of_the_track(written):
    annotator().annotate(grey(), frame(0.0, tracked(12, "sad", top=0.5)))
    assert written == ["12 sad 50%"]


def test_a_face_without_an_expression_has_its_number_alone(written):
    drawn = annotator().annotate(grey(), frame(0.0, tracked(3, None)))
    assert written == ["3"]
    assert shows(picture(drawn), (255, 255, 255))[80, 57:64].any()


def test_the_bar_in_the_box_is_as_long_as_the_expression_is_probable():
    def length(top):
        drawn = annotator().annotate(grey(), frame(0.0, tracked(1, "angry", top=top)))
        inside = shows(drawn[118:126, 66:134], EXPRESSION_COLOURS["angry"])
        return inside.any(axis=0).sum()

    assert length(0.9) / length(0.3) == pytest.approx(3, rel=0.15)


def test_people_are_drawn():
    drawn = annotator().annotate(grey(), frame(0.0, people=[person(), person((20, 20, 90, 200))]))
    for colour in PERSON_COLOURS[:2]:
        assert shows(picture(drawn), colour).sum() > 200


def test_the_strip_shows_when_a_face_had_which_expression_and_when_it_was_away():
    made = annotator()
    for index in range(101):
        time_s = index / 10
        tracks = [] if 4 <= time_s < 6 else [tracked(1, "happy" if time_s < 6 else "sad")]
        drawn = made.annotate(grey(), frame(time_s, *tracks))
    happy, sad = (row_of(drawn, EXPRESSION_COLOURS[name]) for name in ("happy", "sad"))
    assert happy.max() == pytest.approx(0.4 * WIDTH, abs=6)
    assert sad.min() == pytest.approx(0.6 * WIDTH, abs=6)
    assert sad.max() == pytest.approx(WIDTH - 7, abs=3)
    # The number of the track lies over its beginning.
    assert happy.min() < 25


def test_what_comes_after_the_playhead_is_empty():
    made = annotator()
    for time_s in (0.0, 1.0, 2.0, 3.0):
        drawn = made.annotate(grey(), frame(time_s, tracked(1, "fear")))
    assert row_of(drawn, EXPRESSION_COLOURS["fear"]).max() == pytest.approx(0.3 * WIDTH, abs=6)
    white = shows(strip(drawn)[:40], (255, 255, 255)).all(axis=1)
    assert not white.any()
    playhead = np.flatnonzero(shows(strip(drawn)[:50], (255, 255, 255)).sum(axis=0) > 40)
    assert playhead.mean() == pytest.approx(0.3 * (WIDTH - 12) + 6, abs=2)


def test_a_start_is_the_left_end_of_the_strip():
    made = annotator(start_s=60.0, duration_s=10.0)
    for time_s in (60.0, 65.0):
        drawn = made.annotate(grey(), frame(time_s, tracked(1, "fear")))
    fear = row_of(drawn, EXPRESSION_COLOURS["fear"])
    assert fear.min() < 25
    assert fear.max() == pytest.approx(0.5 * WIDTH, abs=6)


def test_without_a_known_end_the_strip_shows_the_last_half_minute():
    made = annotator(duration_s=None)
    for second in range(100):
        drawn = made.annotate(grey(), frame(second, tracked(1, "sad" if second < 85 else "happy")))
    sad, happy = (row_of(drawn, EXPRESSION_COLOURS[name]) for name in ("sad", "happy"))
    assert sad.min() < 25
    assert sad.max() == pytest.approx(0.53 * WIDTH, abs=10)
    assert happy.max() == pytest.approx(WIDTH - 7, abs=4)


def test_several_faces_have_rows_of_their_own():
    labels = ("happy", "sad", "fear")
    tracks = [
        tracked(number, label, box=(20 + 150 * number, 40, 60, 70))
        for number, label in enumerate(labels)
    ]
    made = annotator()
    for time_s in (0.0, 9.0):
        drawn = made.annotate(grey(), frame(time_s, *tracks))
    tops = [
        np.flatnonzero(shows(strip(drawn), EXPRESSION_COLOURS[label])[:, 200])[0]
        for label in labels
    ]
    assert tops == sorted(set(tops))


@pytest.mark.parametrize(
    ("faces", "note"),
    [(3, []), (4, ["and 1 more face"]), (10, ["and 7 more faces"])],
    ids=["three", "four", "ten"],
)
def test_faces_without_a_row_are_drawn_and_counted(faces, note, monkeypatch):
    tracks = [
        tracked(n + 1, EXPRESSIONS[n % 7], box=(10 + 45 * n, 100, 30, 40)) for n in range(faces)
    ]
    made = annotator()
    texts = recorded(monkeypatch, timeline)
    drawn = made.annotate(grey(), frame(0.0, *tracks))
    assert [text for text in texts if "more" in text] == note
    for face in tracks:
        x, y, width, height = face.box_xywh
        assert (drawn[y : y + height, x - 2 : x + width] != 128).any()


def test_times_stand_below_and_the_present_one_at_the_playhead(monkeypatch):
    texts = recorded(monkeypatch, timeline)
    annotator(duration_s=90.0).annotate(grey(), frame(75.43))
    assert texts == ["0:00", "0:15", "0:30", "0:45", "1:00", "1:15", *EXPRESSIONS, "1:15.4"]


@pytest.mark.parametrize("label", GROUP_EMOTIONS)
def test_the_verdict_on_the_group_stands_below_the_picture(label):
    made = annotator(group=True)
    for time_s in (0.0, 5.0):
        drawn = made.annotate(grey(), frame(time_s, tracked(1), group=label))
    below = strip(drawn)
    shares = [shows(below[0], colour).mean() for colour in GROUP_COLOURS.values()]
    assert shares == pytest.approx(
        [0.7 if name == label else 0.15 for name in GROUP_EMOTIONS], abs=0.01
    )
    row = np.flatnonzero(shows(below, GROUP_COLOURS[label])[30:45].sum(axis=0) > 8)
    assert row.max() == pytest.approx(0.5 * WIDTH, abs=6)


def test_the_size_is_the_same_in_every_frame():
    made = annotator(group=True)
    sizes = {
        made.annotate(grey(), one).shape
        for one in (
            frame(0.0),
            frame(0.1, tracked(1), tracked(2, "sad"), group="positive"),
            frame(0.2, *(tracked(n, None) for n in range(1, 20)), people=[person()]),
            frame(0.3, group="negative"),
        )
    }
    assert sizes == {(made.size[1], made.size[0], 3)}
    assert made.size[1] % 2 == 0


@pytest.mark.parametrize(
    ("width", "expected"), [(176, 528), (240, 480), (320, 640), (352, 352), (1280, 1280)], ids=str
)
def test_small_pictures_are_enlarged_by_a_whole_factor(width, expected):
    made = VideoAnnotator(width=width, height=144)
    assert made.size[0] == expected
    factor = expected // width
    drawn = made.annotate(grey(144, width), frame(0.0, tracked(1, box=(40, 40, 60, 70))))
    edge = shows(drawn[: 144 * factor], EXPRESSION_COLOURS["happy"])
    assert edge[80 * factor, 38 * factor : 42 * factor].any()


@pytest.mark.parametrize(
    ("width", "height"),
    [(1, 1), (8, 700), (900, 6), (3, 2000)],
    ids=["dot", "tall", "flat", "long"],
)
def test_odd_shapes_are_drawn_as_far_as_there_is_room(width, height):
    made = VideoAnnotator(width=width, height=height, duration_s=2.0, group=True)
    for time_s in (0.0, 1.9):
        result = frame(time_s, tracked(1, "angry", box=(0, 0, width, height)), group="neutral")
        drawn = made.annotate(grey(height, width), result)
    assert drawn.shape == (made.size[1], made.size[0], 3)
    assert (drawn[:height] != 128).any()


@pytest.mark.parametrize("duration_s", [0.0, -3.0, 1e-9], ids=["none", "negative", "tiny"])
def test_videos_of_next_to_no_length_are_drawn(duration_s):
    drawn = annotator(duration_s=duration_s).annotate(grey(), frame(0.0, tracked(1, "fear")))
    assert shows(picture(drawn), EXPRESSION_COLOURS["fear"]).any()


def test_a_frame_takes_a_few_milliseconds():
    made = VideoAnnotator(width=596, height=336, duration_s=40.0)
    image = grey(336, 596)
    spent = []
    for index in range(100):
        result = frame(index * 0.4, tracked(1, EXPRESSIONS[index // 7 % 7]))
        start = time.process_time()
        made.annotate(image, result)
        spent.append(time.process_time() - start)
    assert np.median(spent) < 0.02


@pytest.mark.parametrize(
    "image",
    [grey(HEIGHT, WIDTH + 1), grey()[..., 0], grey().astype(np.float32)],
    ids=["width", "grey", "float"],
)
def test_pictures_of_another_kind_are_refused(image):
    with pytest.raises(EmoError, match=r"expected uint8 pixels of shape \(270, 480, 3\)"):
        annotator().annotate(image, frame(0.0))


def test_a_side_without_a_pixel_is_refused():
    with pytest.raises(EmoError, match=r"expected at least one pixel\. Received: 0 and 5"):
        VideoAnnotator(width=0, height=5)
