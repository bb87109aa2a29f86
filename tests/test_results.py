import json

import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.results import CSV_COLUMNS, Expression, Face, Group, PhotoResult

LANDMARKS = ((12, 20), (28, 20), (20, 30), (14, 38), (26.004, 38))
HAPPY = Expression("happy", {name: 0.9 if name == "happy" else 0.1 / 6 for name in EXPRESSIONS})
FACE = Face((10.006, 5, 20, 40.5), 0.99876, LANDMARKS, HAPPY)
GROUP = Group(
    "positive",
    {"negative": 0.05, "neutral": 0.05, "positive": 0.9},
    source="faces",
    verdicts={"faces": {"negative": 0.05, "neutral": 0.05, "positive": 0.9}},
    face_weights=(1.0,),
)
PHOTO = PhotoResult(
    "a/päth.jpg", 64, 48, faces=(FACE,), group=GROUP, timings_ms={"decode": 1.23456}
)


def test_a_photo_becomes_the_object_of_the_contract():
    assert PHOTO.to_dict() == {
        "source": "a/päth.jpg",
        "width": 64,
        "height": 48,
        "faces": [
            {
                "box_xywh": [10.01, 5, 20, 40.5],
                "score": 0.9988,
                "landmarks": [[12, 20], [28, 20], [20, 30], [14, 38], [26.0, 38]],
                "expression": {
                    "label": "happy",
                    "probabilities": {
                        name: 0.9 if name == "happy" else 0.016667 for name in EXPRESSIONS
                    },
                },
            }
        ],
        "people": [],
        "group": {
            "label": "positive",
            "probabilities": {"negative": 0.05, "neutral": 0.05, "positive": 0.9},
            "source": "faces",
            "verdicts": {
                "faces": {"negative": 0.05, "neutral": 0.05, "positive": 0.9},
                "scenes": None,
                "hybrid": None,
            },
            "face_weights": [1.0],
            "note": None,
        },
        "reason": None,
        "timings_ms": {"decode": 1.23},
    }


def test_json_is_one_line_that_keeps_letters_and_reads_back():
    line = PHOTO.to_json()
    assert "\n" not in line
    assert "päth" in line
    assert json.loads(line) == PHOTO.to_dict()


def test_a_failed_source_is_its_error_alone():
    result = PhotoResult("b.jpg", error="b.jpg: no such file")
    assert result.to_dict() == {"source": "b.jpg", "error": "b.jpg: no such file"}


def test_a_photo_without_faces_keeps_its_reason():
    result = PhotoResult("b.jpg", 1, 1, reason="no face").to_dict()
    assert (result["faces"], result["group"], result["reason"]) == ([], None, "no face")


def test_csv_has_one_row_a_face():
    rows = PhotoResult("a.jpg", 64, 48, faces=(FACE, FACE), group=GROUP).to_csv_rows()
    assert [tuple(row) for row in rows] == [CSV_COLUMNS] * 2
    assert [row["face"] for row in rows] == [0, 1]
    assert rows[1]["expression"] == "happy"
    assert rows[1]["probability"] == 0.9
    assert (rows[1]["x"], rows[1]["height"]) == (10.01, 40.5)
    assert [rows[1][name] for name in CSV_COLUMNS if name.startswith("group")] == [
        *("positive", 0.9, "faces")
    ]


@pytest.mark.parametrize("column", ["reason", "error"])
def test_csv_has_one_row_for_a_source_without_faces(column):
    (row,) = PhotoResult("a.jpg", **{column: "why"}).to_csv_rows()
    assert row == dict.fromkeys(CSV_COLUMNS, "") | {"source": "a.jpg", column: "why"}


def test_a_face_that_was_not_classified_has_no_expression():
    face = Face(FACE.box_xywh, FACE.score, LANDMARKS)
    assert face.to_dict()["expression"] is None
    assert PhotoResult("a.jpg", faces=(face,)).to_csv_rows()[0]["expression"] == ""


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Expression("happy", {"happy": 0.5, "sad": 0.4}), "add up to 1"),
        (lambda: Expression("happy", {"happy": 1.5, "sad": -0.5}), "0 to 1"),
        (lambda: Expression("fear", {"happy": 0.5, "sad": 0.5}), "happy, sad. Received: 'fear'"),
        (lambda: Group("none", {"neutral": 1.0}, source="faces"), "Received: 'none'"),
        (lambda: Face((0, 0, -1, 5), 0.9, LANDMARKS), "width >= 0"),
        (lambda: Face((0, 0, 5), 0.9, LANDMARKS), "x, y, width"),
        (lambda: Face((0, 0, 5, 5), 0.9, LANDMARKS[:4]), "five points. Received: 4"),
    ],
    ids=["sum", "range", "label", "group label", "negative box", "short box", "four landmarks"],
)
def test_what_no_analysis_can_return_is_refused(make, message):
    with pytest.raises(EmoError, match=message):
        make()
