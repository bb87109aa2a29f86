import numpy as np
import pytest

from emo_tf.data.miniature.emotic import draw_picture, plan
from emo_tf.errors import EmoError
from emo_tf.results import Face
from emo_tf.runtime.box_ops import edges, intersection_over_union
from emo_tf.runtime.person_boxes import PersonBox, bodies_from_faces, cut_off, whole_pixels

LARGE = {"width": 2000, "height": 2000}


def face(x, y, width, height, *, score=0.9) -> Face:
    return Face((x, y, width, height), score, ((x, y),) * 5)


def test_a_body_is_wider_and_much_taller_than_its_face_and_has_its_score():
    (body,) = bodies_from_faces([face(500, 300, 40, 60, score=0.95)], **LARGE)
    assert body == PersonBox((465, 285, 110, 465), 0.95)


def test_bodies_come_in_the_order_of_the_faces():
    faces = [face(x, 300, 40, 60, score=score) for x, score in ((900, 0.8), (300, 0.9))]
    assert [body.score for body in bodies_from_faces(faces, **LARGE)] == [0.8, 0.9]


def test_bodies_end_at_the_pictures_edges():
    (body,) = bodies_from_faces([face(-5, 10, 40, 60)], width=60, height=200)
    assert body.box_xywh == (0, 0, 60, 200)


def test_bodies_of_the_twin_are_found_about_where_they_are():
    overlaps = []
    for picture in plan(seed=3, size=12):
        image, bodies, boxes = draw_picture(picture)
        height, width = image.shape[:2]
        grown = bodies_from_faces([face(*box) for box in boxes], width=width, height=height)
        drawn = cut_off([PersonBox(tuple(body)) for body in bodies], width=width, height=height)
        pairs = [edges(box.box_xywh for box in boxes) for boxes in (grown, drawn)]
        overlaps += np.diag(intersection_over_union(*pairs)).tolist()
    assert len(overlaps) == 12
    assert np.median(overlaps) > 0.5


def test_boxes_are_cut_off_and_those_without_an_area_left_out():
    found = [
        PersonBox((-10, 5.5, 30, 20), 0.9),
        PersonBox((70, 0, 10, 10)),
        PersonBox((3.2, 3.2, 0.5, 9)),
        PersonBox((60, 40, 10, 10)),
    ]
    assert cut_off(found, width=64, height=48) == (
        PersonBox((0, 5.5, 20, 20), 0.9),
        PersonBox((60, 40, 4, 8)),
    )


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        pytest.param((10.7, 5.9, 20, 10.2), (10, 5, 20, 11), id="fractions"),
        pytest.param((-3.5, -1, 10, 100), (0, 0, 6, 48), id="beyond"),
        pytest.param(np.float32([1, 2, 3, 4]), (1, 2, 3, 4), id="array"),
    ],
)
def test_a_model_is_shown_whole_pixels_in_the_picture(box, expected):
    assert whole_pixels(box, width=64, height=48) == expected


@pytest.mark.parametrize(
    ("box", "message"),
    [
        pytest.param(
            (70, 0, 9, 9), r"an area in the picture of 64 x 48 .* \[70, 0, 9, 9\]", id="out"
        ),
        pytest.param((5, 5, 0, 9), "an area", id="no width"),
        pytest.param((5.1, 5, 0.8, 9), "an area", id="less than a pixel"),
        pytest.param((5, 5, -2, 9), "an area", id="negative"),
        pytest.param((5, 5, 9), r"four numbers.*\(5, 5, 9\)", id="three"),
        pytest.param((5, 5, float("nan"), 9), "four numbers", id="NaN"),
    ],
)
def test_boxes_without_pixels_are_refused(box, message):
    with pytest.raises(EmoError, match=f"box_xywh: expected .*{message}"):
        whole_pixels(box, width=64, height=48)
