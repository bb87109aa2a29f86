import numpy as np
import pytest

from emo_tf.data.miniature.bodies import FACE_HEIGHT, POSTURES, Person, draw_person
from emo_tf.data.miniature.faces import EXPRESSION_SHAPES

HEIGHT = 240


def drawn(posture: str, *, seed: int = 0):
    canvas = np.full((320, 280, 3), 128, np.uint8)
    rng = np.random.default_rng(seed)
    person = Person.draw(posture, EXPRESSION_SHAPES["happy"], rng=rng)
    boxes = draw_person(canvas, person, crown_xy=(140, 40), height=HEIGHT)
    return canvas, *boxes


@pytest.mark.parametrize("posture", POSTURES)
def test_the_box_is_that_of_what_was_drawn(posture):
    canvas, box, _ = drawn(posture)

    rows, columns = np.nonzero((canvas != 128).any(axis=-1))
    ends = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    expected = [box[0], box[1], box[0] + box[2], box[1] + box[3]]
    np.testing.assert_allclose(ends, expected, atol=0.035 * HEIGHT)


@pytest.mark.parametrize("posture", POSTURES)
def test_the_face_lies_in_the_upper_third_and_is_as_large_as_said(posture):
    _, box, face = drawn(posture)

    assert box[0] < face[0]
    assert face[0] + face[2] < box[0] + box[2]
    assert box[1] < face[1] < face[1] + face[3] < box[1] + box[3] / 3 + 10
    assert face[3] == pytest.approx(FACE_HEIGHT * HEIGHT, rel=0.1)


def test_postures_look_different():
    pictures = [drawn(posture)[0].astype(int) for posture in POSTURES]

    for number, picture in enumerate(pictures):
        for other in pictures[:number]:
            assert (np.abs(picture - other).max(axis=-1) > 20).mean() > 0.02


def test_looks_are_drawn_by_lot():
    assert (drawn("slumped")[0] != drawn("slumped", seed=1)[0]).any(axis=-1).mean() > 0.1
