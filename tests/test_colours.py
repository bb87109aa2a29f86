import pytest

from emo_tf.colours import EXPRESSION_COLOURS, GROUP_COLOURS, ink_on
from emo_tf.labels import EXPRESSIONS, GROUP_EMOTIONS


def test_every_label_has_a_colour_of_its_own():
    assert tuple(EXPRESSION_COLOURS) == EXPRESSIONS
    assert tuple(GROUP_COLOURS) == GROUP_EMOTIONS
    assert len(set(EXPRESSION_COLOURS.values())) == len(EXPRESSIONS)


@pytest.mark.parametrize(
    ("colour", "ink"),
    [((255, 255, 255), 0), ((255, 200, 50), 0), ((0, 0, 0), 255), ((30, 100, 210), 255)],
    ids=["white", "yellow", "black", "blue"],
)
def test_ink_contrasts_with_its_ground(colour, ink):
    assert ink_on(colour) == (ink, ink, ink)
