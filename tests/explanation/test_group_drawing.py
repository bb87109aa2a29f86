"""How the explanation of a verdict on a group is drawn and worded."""

import numpy as np
import pytest

from emo_tf.explanation.activation_map import ActivationMap
from emo_tf.explanation.group_drawing import draw_group
from emo_tf.explanation.group_explanation import GroupExplanation
from emo_tf.explanation.group_wording import (
    attention_lines,
    face_lines,
    picture_lines,
    verdict_line,
)
from emo_tf.results import Face, Group

GREY = np.full((200, 400, 3), 100, np.uint8)
BOXES = [(40, 60, 80, 80), (160, 60, 80, 80), (280, 60, 80, 80)]


def explained(weights=(), changes=(), *, verdict="positive", note=None, shape=(200, 400), **others):
    height, width = shape
    boxes = np.array(BOXES) * ([width / 400, height / 200] * 2)
    probabilities = {"negative": 0.2, "neutral": 0.0, "positive": 0.8}
    group = Group("positive", probabilities, "net", face_weights=tuple(weights), note=note)
    faces = tuple(Face(tuple(boxes[i % 3]), 0.9, ((0, 0),) * 5) for i in range(len(weights)))
    return GroupExplanation(verdict, group, faces, tuple(changes), **others)


def an_image_map() -> ActivationMap:
    return ActivationMap.of("conv", np.eye(3, 4, dtype=np.float32))


@pytest.mark.parametrize(
    ("explanation", "lines"),
    [
        pytest.param(
            explained((0.7, 0.3), (-0.42, 0.031)),
            ["face 0 counts most: 70 %", "without it: -42 points, the most"],
            id="attention tells what counts",
        ),
        pytest.param(
            explained((0.7, 0.3), (-0.001, 0.12)),
            [
                "face 0 counts most: 70 %",
                "without it: 0 points",
                "without face 1: +12 points, the most",
            ],
            id="attention does not tell what counts",
        ),
        pytest.param(
            explained((0.7, 0.3), (-0.001, 0.002)),
            ["face 0 counts most: 70 %", "without it: 0 points"],
            id="no face changes anything",
        ),
        pytest.param(
            explained((0.5, 0.5), (0.1, -0.2)),
            ["2 faces count alike, whatever they show", "without face 1: -20 points, the most"],
            id="no attention",
        ),
        pytest.param(explained((1,), (-0.3,)), ["one face", "without it: -30 points"], id="one"),
        pytest.param(
            explained((1,), (None,)),
            ["one face", "without it there is nothing to judge by"],
            id="one and no picture",
        ),
        pytest.param(
            explained((1, 0), (None, None), note="net looked at the 1 largest of 2 faces"),
            [
                "one face",
                "without it there is nothing to judge by",
                "net looked at the 1 largest of 2 faces",
            ],
            id="one of two and no picture",
        ),
        pytest.param(explained(), ["no face; judged by the whole picture alone"], id="nobody"),
        pytest.param(
            explained(sees_faces=False),
            ["looks at the whole picture, not at faces"],
            id="whole picture",
        ),
        pytest.param(
            explained((1, 0), (-0.3, None), note="net looked at the 1 largest of 2 faces"),
            ["one face", "without it: -30 points", "net looked at the 1 largest of 2 faces"],
            id="more faces than it takes",
        ),
    ],
)
def test_the_lines_say_whether_attention_tells_what_counts(explanation, lines):
    assert attention_lines(explanation) == lines


def test_each_of_several_faces_that_were_looked_at_has_its_line():
    found = explained((0.7, 0.3, 0), (-0.42, 0.004, None), image_map=an_image_map())
    lines = ["face 0: 70 %, without it: -42", "face 1: 30 %, without it: 0"]
    assert face_lines(found) == lines
    assert face_lines(explained((1, 0), (-0.42, None))) == []
    assert picture_lines(found) == ["picture: peak 1"]
    assert picture_lines(explained()) == ["looks at faces alone: no map of the picture"]


def test_the_first_line_says_what_is_explained():
    assert verdict_line(explained()) == "positive 80 %"
    other = verdict_line(explained(verdict="negative"))
    assert other == "negative 20 %; the verdict is positive"


def test_the_map_lies_beside_the_faces():
    alone = draw_group(GREY, explained((1,), (None,)))
    both = draw_group(GREY, explained((1,), (None,), image_map=an_image_map()))
    assert alone.dtype == both.dtype == np.uint8
    width = alone.shape[1]
    assert 1.9 * width < both.shape[1] < 2.1 * width
    assert np.ptp(both[:100, width:], axis=-1).max() > 100  # In colour; the picture is grey.


def test_a_face_is_outlined_the_stronger_the_more_it_counts():
    drawn = draw_group(GREY, explained((0.7, 0.3, 0), (-0.1, 0, None)))
    scale = 320 / 200
    # The left edges of the boxes, at half their height; a margin of the sheet is about them.
    row = drawn[int((60 + 40) * scale) + 12].max(axis=-1).astype(int)
    edges = [row[int(x * scale) + 4 : int(x * scale) + 20].max() for x, *_ in BOXES]
    assert edges[0] > edges[1] > edges[2] > 110


@pytest.mark.parametrize("shape", [(9, 7), (40, 900), (3000, 200)], ids=str)
@pytest.mark.parametrize("count", [0, 1, 15])
def test_any_picture_and_number_of_faces_is_drawn(shape, count):
    image = np.full((*shape, 3), 100, np.uint8)
    weights = np.arange(1, count + 1) / max(1, sum(range(count + 1)))
    found = explained(weights.tolist(), [0.1] * count, shape=shape, image_map=an_image_map())
    assert draw_group(image, found).shape[2] == 3
    assert (image == 100).all()
