"""Faces that the source of a verdict did not look at, as they are drawn."""

import numpy as np
import pytest

from emo_tf.colours import EXPRESSION_COLOURS
from emo_tf.labels import EXPRESSIONS
from emo_tf.results import Expression, Face, Group, PhotoResult
from emo_tf.runtime import annotate_faces, annotate_group
from emo_tf.runtime.annotate import PhotoAnnotator

NOTE = "Attention_C looked at the 2 largest of 3 faces"
PLACES = (60, 360, 660)
VERDICT = {"negative": 0.2, "neutral": 0.2, "positive": 0.6}


def draw(weights, *, note=NOTE, **options) -> np.ndarray:
    happy = Expression("happy", dict.fromkeys(EXPRESSIONS, 0.0) | {"happy": 1.0})
    faces = tuple(Face((x, 100, 100, 120), 0.99, ((x, 100),) * 5, happy) for x in PLACES)
    group = Group("positive", VERDICT, "Attention_C", {}, tuple(weights), note)
    blank = np.full((600, 900, 3), 128, np.uint8)
    result = PhotoResult("photo.jpg", faces=faces, group=group)
    return PhotoAnnotator(**options).annotate(blank, result)


def shows_happy(part: np.ndarray) -> bool:
    return bool((part == EXPRESSION_COLOURS["happy"]).all(axis=-1).any())


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """What is written into the picture, in order."""
    texts = []
    write = annotate_faces.write

    def record(canvas, text, *rest):
        texts.append(text)
        write(canvas, text, *rest)

    monkeypatch.setattr(annotate_faces, "write", record)
    monkeypatch.setattr(annotate_group, "write", record)
    return texts


def test_a_face_that_was_not_looked_at_is_faint_and_has_no_bar(said):
    drawn = draw((0.7, 0.0, 0.3))
    surroundings = [drawn[60:240, x - 20 : x + 120] for x in PLACES]
    assert [shows_happy(part) for part in surroundings] == [True, False, True]
    inside = drawn[204:216, PLACES[1] + 10 : PLACES[1] + 90]
    assert (inside == 128).all()
    assert said[:3] == ["happy 100% · counts 70%", "happy 100%", "happy 100% · counts 30%"]
    assert "looked at 2 of 3 faces" in said


def test_without_a_note_a_weight_of_zero_is_a_weight_like_others(said):
    drawn = draw((0.7, 0.0, 0.3), note=None)
    assert shows_happy(drawn[60:240, PLACES[1] - 20 : PLACES[1] + 120])
    assert "happy 100% · counts 0%" in said
    assert "looked at 2 of 3 faces" not in said


def test_a_face_that_counts_next_to_nothing_still_counts(said):
    draw((0.7, 0.297, 0.003), note=None)
    assert said[2] == "happy 100% · counts <1%"


def test_where_every_face_counts_for_one_of_several_models_none_is_faint(said):
    drawn = draw((0.7, 0.1, 0.2))
    assert shows_happy(drawn[60:240, PLACES[1] - 20 : PLACES[1] + 120])
    assert not any("looked at" in text for text in said)


def test_without_the_group_no_face_is_faint(said):
    drawn = draw((0.7, 0.0, 0.3), group=False)
    assert shows_happy(drawn[60:240, PLACES[1] - 20 : PLACES[1] + 120])
    assert said == ["happy 100%"] * 3
