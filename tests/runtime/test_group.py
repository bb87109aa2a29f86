import pytest

from emo_tf.labels import EXPRESSIONS, GROUP_EMOTIONS
from emo_tf.results import Expression, Face
from emo_tf.runtime.group import group_from_faces


def face(**probabilities: float) -> Face:
    distribution = dict.fromkeys(EXPRESSIONS, 0.0) | probabilities
    label = max(distribution, key=distribution.get)
    return Face((0, 0, 9, 9), 0.9, ((0, 0),) * 5, Expression(label, distribution))


def test_no_face_no_verdict():
    assert group_from_faces([]) is None


def test_faces_without_an_expression_give_no_verdict():
    assert group_from_faces([Face((0, 0, 9, 9), 0.9, ((0, 0),) * 5)]) is None


def test_one_face_decides_alone_by_the_way_its_expressions_lean():
    group = group_from_faces(
        [face(angry=0.1, disgust=0.05, fear=0.05, sad=0.1, happy=0.2, surprise=0.2, neutral=0.3)]
    )
    # Without surprise there is 0.8 left.
    by_hand = {"negative": 0.3 / 0.8, "neutral": 0.3 / 0.8, "positive": 0.2 / 0.8}
    assert group.probabilities == pytest.approx(by_hand)
    assert group.label in ("negative", "neutral")
    assert group.source == "faces"
    assert group.verdicts == {"faces": group.probabilities, "scenes": None, "hybrid": None}
    assert group.face_weights == (1.0,)


def test_surprise_alone_says_nothing_about_the_class():
    group = group_from_faces([face(surprise=1.0), face(happy=1.0)])
    by_hand = {"negative": 1 / 6, "neutral": 1 / 6, "positive": 4 / 6}
    assert group.probabilities == pytest.approx(by_hand)


def test_the_verdict_is_the_plain_mean_over_faces_worked_out_by_hand():
    group = group_from_faces([face(happy=1.0), face(happy=0.4, sad=0.6), face(fear=1.0)])
    assert tuple(group.probabilities) == GROUP_EMOTIONS
    assert group.probabilities == pytest.approx(
        {"negative": 1.6 / 3, "neutral": 0, "positive": 1.4 / 3}
    )
    assert group.label == "negative"
    assert group.face_weights == pytest.approx((1 / 3,) * 3)


def test_a_face_without_an_expression_does_not_count():
    unclassified = Face((0, 0, 9, 9), 0.9, ((0, 0),) * 5)
    group = group_from_faces([unclassified, face(happy=1.0)])
    assert group.probabilities["positive"] == 1
    assert group.face_weights == (0, 1)


@pytest.mark.parametrize("count", [3, 7, 49, 1000])
def test_equal_faces_add_up_to_no_more_than_one(count):
    group = group_from_faces([face(angry=0.1, disgust=0.2, sad=0.7)] * count)
    assert group.label == "negative"
    assert 1 - 1e-9 < group.probabilities["negative"] <= 1
