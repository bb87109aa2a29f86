from dataclasses import replace

import numpy as np
import pytest

from emo_tf.colours import EXPRESSION_COLOURS
from emo_tf.labels import EXPRESSIONS
from emo_tf.results import CategoryScore, Expression, Face, Person, PhotoResult, Vad
from emo_tf.runtime import annotate_people
from emo_tf.runtime.annotate import PhotoAnnotator
from emo_tf.runtime.annotate_people import PERSON_COLOURS

HAPPY = Expression("happy", {name: float(name == "happy") for name in EXPRESSIONS})
SCORES = {"Fear": 0.6, "Anger": 0.9, "Peace": 0.7, "Pain": 0.8, "Esteem": 0.2}


def person(x, y, width, height, *, scores=SCORES, vad=(5.0, 2.5, 8.0)) -> Person:
    categories = tuple(
        CategoryScore(name, score, 0.5, score > 0.5) for name, score in scores.items()
    )
    return Person((x, y, width, height), 0.9, categories, Vad(*vad))


def face(x, y, width, height) -> Face:
    return Face((x, y, width, height), 0.9, ((x, y),) * 5, HAPPY)


def draw(*people, faces=(), height=300, width=400, **options) -> np.ndarray:
    blank = np.full((height, width, 3), 128, np.uint8)
    result = PhotoResult("photo.jpg", faces=faces, people=people)
    return PhotoAnnotator(**options).annotate(blank, result)


def changed(*people, **options) -> np.ndarray:
    """Where something was drawn."""
    return (draw(*people, **options) != 128).any(axis=-1)


def shows(image, colour) -> np.ndarray:
    return (image == np.array(colour, np.uint8)).all(axis=-1)


@pytest.fixture
def written(monkeypatch):
    """Lists the texts of people's labels instead of drawing them."""
    texts = []
    monkeypatch.setattr(annotate_people, "write", lambda canvas, text, *rest: texts.append(text))
    return texts


def test_a_person_has_a_thinner_box_than_a_face():
    of_person = changed(person(100, 50, 80, 200), labels=False)
    of_face = changed(faces=(face(100, 50, 80, 200),), labels=False)
    assert of_person[45:55, 140].any()
    assert of_person[245:255, 140].any()
    assert of_person[150, 95:105].any()
    assert 0 < of_person.sum() < of_face.sum()
    assert not of_person[60:240, 110:170].any()


def test_neighbours_have_other_colours_than_each_other():
    drawn = draw(person(20, 50, 80, 200), person(220, 50, 80, 200), labels=False)
    assert shows(drawn[:, :200], PERSON_COLOURS[0]).any()
    assert shows(drawn[:, 200:], PERSON_COLOURS[1]).any()
    assert not shows(drawn[:, 200:], PERSON_COLOURS[0]).any()
    assert not set(PERSON_COLOURS) & set(EXPRESSION_COLOURS.values())


def test_the_highest_three_categories_above_their_thresholds_are_written(written):
    draw(person(100, 50, 120, 200))
    assert written == ["Anger", "Pain", "Peace", "V5.0", "A2.5", "D8.0"]


def test_without_a_category_the_dimensions_are_written(written):
    draw(person(100, 50, 120, 200, scores={"Esteem": 0.2}, vad=(0.74, 10.2, 5)))
    assert written == ["V0.7", "A10.2", "D5.0"]


def test_labels_can_be_left_out(written):
    draw(person(100, 50, 120, 200), labels=False)
    assert written == []


def test_bars_are_as_long_as_the_dimensions(monkeypatch):
    bars = []

    def fill(canvas, rectangle, colour, **options):
        bars.append((rectangle, colour))

    monkeypatch.setattr(annotate_people, "fill", fill)
    draw(person(100, 50, 120, 200, vad=(5.5, 0.2, 11)))
    widths = [rectangle[2] for rectangle, _ in bars[-6:]]
    shares = np.array(widths[1::2]) / widths[::2]
    np.testing.assert_allclose(shares, [0.5, 0, 1])


def test_the_label_lies_low_in_the_body():
    one = person(100, 50, 120, 240)
    label = changed(one) & ~changed(one, labels=False)
    rows, columns = np.nonzero(label)
    assert rows.min() > 170
    assert rows.max() < 290
    assert columns.min() >= 100
    assert columns.max() <= 220


@pytest.mark.parametrize(
    "faces",
    [
        pytest.param([(140, 70, 40, 50)], id="at the top"),
        pytest.param([(140, 225, 40, 50)], id="where the label would be"),
        pytest.param([(110, 60, 100, 120), (100, 190, 60, 60), (180, 200, 60, 80)], id="three"),
    ],
)
def test_labels_of_people_keep_off_faces(faces):
    faces = tuple(face(*box) for box in faces)
    one = person(100, 50, 120, 240)
    label = changed(one, faces=faces) & ~changed(one, faces=faces, labels=False)
    without = changed(faces=faces) & ~changed(faces=faces, labels=False)
    assert (label & ~without).any()
    for x, y, width, height in (tuple(map(int, one.box_xywh)) for one in faces):
        inside = (slice(y + 8, y + height - 8), slice(x + 8, x + width - 8))
        assert not (label & ~without)[inside].any()


def test_where_faces_leave_no_room_there_is_no_label(written):
    draw(person(0, 0, 100, 80), faces=(face(2, 2, 96, 76),), height=80, width=100)
    assert written == []


def test_the_least_of_a_label_is_the_dimensions(written):
    """Below the face, which has no label itself, there is room for one line."""
    plain = replace(face(0, 0, 200, 76), expression=None)
    draw(person(0, 0, 200, 112), faces=(plain,), height=112, width=200)
    assert written == ["V5.0", "A2.5", "D8.0"]


def test_faces_are_drawn_over_bodies():
    colour = EXPRESSION_COLOURS["happy"]
    drawn = draw(person(50, 20, 120, 200), faces=(face(50, 60, 60, 70),), labels=False)
    assert shows(drawn[70:120], colour).any(axis=1).all()


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (2, 50), (50, 2), (12, 12), (80, 60), (40, 600)], ids=str
)
def test_small_pictures_are_drawn_on_as_far_as_there_is_room(height, width):
    one = person(0, 0, width, height)
    assert changed(one, height=height, width=width).any()


def test_a_body_beyond_the_border_keeps_its_lines_inside():
    drawn = draw(person(-50, -40, 200, 900), labels=False)
    assert shows(drawn[:, :4], PERSON_COLOURS[0]).any()
    assert shows(drawn[-4:], PERSON_COLOURS[0]).any()


def test_a_crowd_is_drawn():
    people = [person(10 + 24 * (i % 16), 20 + 60 * (i // 16), 22, 55) for i in range(64)]
    drawn = changed(*people)
    for one in people:
        x, y, width, height = map(int, one.box_xywh)
        assert drawn[y - 2 : y + height + 2, x - 2 : x + width + 2].any()


def test_lines_and_letters_grow_with_the_picture():
    def share(scale):
        one = person(200 * scale, 100 * scale, 160 * scale, 400 * scale)
        return changed(one, height=600 * scale, width=800 * scale).mean()

    assert share(4) == pytest.approx(share(2), rel=0.15)
