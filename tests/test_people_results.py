import json
import math

import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES, EXPRESSIONS
from emo_tf.results import (
    CSV_COLUMNS,
    CategoryScore,
    Expression,
    Face,
    Person,
    PhotoResult,
    Vad,
)

ABOVE = ("Anger", "Doubt/Confusion")
WITHOUT_THRESHOLD = "Yearning"


def category(label: str) -> CategoryScore:
    if label == WITHOUT_THRESHOLD:
        return CategoryScore(label, 0.99, None, False)
    return CategoryScore(label, 0.7 if label in ABOVE else 0.3333333333, 0.5, label in ABOVE)


CATEGORIES = tuple(map(category, EMOTIC_CATEGORIES))
PERSON = Person((10.006, -5, 20, 40.5), 0.98765, CATEGORIES, Vad(0.71, 10.25, 5.123456))
GIVEN = Person((1, 2, 3, 4), None, CATEGORIES[:1], Vad(1, 2, 3))
HAPPY = Expression("happy", {name: float(name == "happy") for name in EXPRESSIONS})
FACE = Face((1, 2, 3, 4), 0.9, ((1, 2),) * 5, HAPPY)


def test_a_person_becomes_the_object_of_the_contract():
    found = PERSON.to_dict()
    assert list(found) == ["box_xywh", "score", "categories", "vad"]
    assert found["box_xywh"] == [10.01, -5, 20, 40.5]
    assert found["score"] == 0.9877
    assert found["vad"] == {"valence": 0.71, "arousal": 10.25, "dominance": 5.1235}
    assert [item["label"] for item in found["categories"]] == [*EMOTIC_CATEGORIES]
    first, second = found["categories"][:2]
    assert first == {"label": "Affection", "score": 0.333333, "threshold": 0.5, "above": False}
    assert second == {"label": "Anger", "score": 0.7, "threshold": 0.5, "above": True}
    assert found["categories"][-1] == {
        "label": WITHOUT_THRESHOLD,
        "score": 0.99,
        "threshold": None,
        "above": False,
    }


def test_a_given_box_has_no_score():
    assert GIVEN.to_dict()["score"] is None


def test_a_photo_lists_its_people_and_its_json_reads_back():
    photo = PhotoResult("a.jpg", 64, 48, people=(PERSON, GIVEN))
    assert photo.to_dict()["people"] == [PERSON.to_dict(), GIVEN.to_dict()]
    assert json.loads(photo.to_json()) == photo.to_dict()


def test_the_categories_shown_are_those_above_their_thresholds():
    assert tuple(item.label for item in PERSON.shown) == ABOVE


def test_csv_has_rows_of_faces_then_rows_of_people():
    rows = PhotoResult("a.jpg", 64, 48, faces=(FACE, FACE), people=(PERSON, GIVEN)).to_csv_rows()
    assert [tuple(row) for row in rows] == [CSV_COLUMNS] * 4
    assert [row["face"] for row in rows] == [0, 1, "", ""]
    assert [row["person"] for row in rows] == ["", "", 0, 1]
    assert rows[2] == dict.fromkeys(CSV_COLUMNS, "") | {
        "source": "a.jpg",
        "x": 10.01,
        "y": -5,
        "width": 20,
        "height": 40.5,
        "score": 0.9877,
        "person": 0,
        "categories": "Anger; Doubt/Confusion",
        "valence": 0.71,
        "arousal": 10.25,
        "dominance": 5.1235,
    }
    assert (rows[3]["score"], rows[3]["categories"]) == ("", "")
    assert rows[0]["valence"] == ""


def test_csv_keeps_its_columns_in_their_order_and_adds_new_ones_at_the_end():
    assert CSV_COLUMNS[-8:] == (
        "error",
        "person",
        "categories",
        "valence",
        "arousal",
        "dominance",
        "group_probability",
        "group_source",
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda: CategoryScore("Fear", math.nan, 0.5, False), "score of Fear", id="score"
        ),
        pytest.param(
            lambda: CategoryScore("Fear", 0.5, math.inf, False), "threshold of Fear", id="threshold"
        ),
        pytest.param(
            lambda: CategoryScore("Fear", 0.5, 0.5, True),
            "above of Fear: expected False .* Received: True",
            id="at the threshold",
        ),
        pytest.param(
            lambda: CategoryScore("Fear", 0.6, 0.5, False), "expected True", id="over the threshold"
        ),
        pytest.param(
            lambda: CategoryScore("Fear", 0.6, None, True), "expected False", id="no threshold"
        ),
        pytest.param(lambda: Vad(1, math.nan, 3), "arousal: expected a finite", id="vad"),
        pytest.param(
            lambda: Person((0, 0, 1, math.inf), None, (), Vad(1, 2, 3)),
            "box_xywh",
            id="endless box",
        ),
        pytest.param(
            lambda: Person((0, 0, 1), None, (), Vad(1, 2, 3)), "box_xywh: expected", id="short box"
        ),
        pytest.param(
            lambda: Person((0, 0, -1, 1), None, (), Vad(1, 2, 3)), "width >= 0", id="negative box"
        ),
        pytest.param(
            lambda: Person((0, 0, 1, 1), math.nan, (), Vad(1, 2, 3)),
            "score: expected",
            id="NaN score",
        ),
    ],
)
def test_what_no_analysis_can_return_is_refused(make, message):
    with pytest.raises(EmoError, match=message):
        make()
