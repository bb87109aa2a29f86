import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.metrics.agreement import (
    deviation_between_annotators,
    difference_between_annotators,
    fleiss_kappa,
    kappa_interval,
    pairwise_agreement,
)

# Fleiss 1971, table 1: 30 patients whom six psychiatrists each put into one of five classes.
PATIENTS = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
# The example of Wikipedia's article "Fleiss' kappa": ten subjects, 14 raters, five classes.
SUBJECTS = [
    (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
]  # fmt: skip
# Two to five raters a person.
UNEQUAL = [
    (4, 0, 0), (3, 1, 0), (0, 2, 0), (1, 1, 1), (0, 0, 3), (2, 0, 0), (0, 1, 4), (1, 0, 1),
]  # fmt: skip


def patients() -> np.ndarray:
    return np.array([list(map(int, row)) for row in PATIENTS.split()])


def drawn_votes(people: int, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.array([rng.multinomial(rng.integers(2, 6), (0.6, 0.3, 0.1)) for _ in range(people)])


def test_kappa_is_that_of_fleiss_example():
    assert pairwise_agreement(patients()) == pytest.approx(0.5556, abs=5e-5)
    assert fleiss_kappa(patients()) == pytest.approx(0.430, abs=5e-4)


def test_kappa_is_that_of_a_widely_known_example():
    assert pairwise_agreement(SUBJECTS) == pytest.approx(0.378, abs=5e-4)
    assert fleiss_kappa(SUBJECTS) == pytest.approx(0.210, abs=5e-4)


def test_kappa_of_unequal_numbers_of_annotators_is_that_of_another_library():
    # irrCAC 0.4.4 (Gwet's generalisation), `CAC(ratings).fleiss()`.
    assert fleiss_kappa(UNEQUAL) == pytest.approx(0.43476672, abs=5e-9)


def test_annotators_who_always_agree_have_a_kappa_of_1():
    votes = [(3, 0, 0), (0, 2, 0), (0, 0, 5)]
    assert (fleiss_kappa(votes), pairwise_agreement(votes)) == (1, 1)
    assert kappa_interval(votes) == (1, 1)


def test_two_annotators_who_never_agree_have_a_kappa_of_minus_1():
    assert fleiss_kappa([(1, 1), (1, 1)]) == -1


def test_annotators_who_draw_lots_have_a_kappa_near_0():
    assert abs(fleiss_kappa(drawn_votes(5000))) < 0.03


@pytest.mark.parametrize("people", [1, 7])
def test_kappa_is_not_defined_where_all_votes_go_to_one_class(people):
    votes = [(0, 3)] * people
    assert np.isnan([fleiss_kappa(votes), *kappa_interval(votes)]).all()
    assert pairwise_agreement(votes) == 1


def test_neither_the_order_of_people_nor_that_of_classes_matters():
    votes = drawn_votes(40)
    mixed = np.random.default_rng(3).permutation(votes)[:, ::-1]
    assert fleiss_kappa(mixed) == pytest.approx(fleiss_kappa(votes))


def test_the_interval_holds_kappa_and_shrinks_with_more_people():
    few, many = drawn_votes(40), np.repeat(drawn_votes(40), 16, axis=0)
    widths = []
    for votes in (few, many):
        low, high = kappa_interval(votes)
        assert low < fleiss_kappa(votes) < high
        assert kappa_interval(votes) == (low, high)
        widths.append(high - low)
    assert widths[1] == pytest.approx(widths[0] / 4, rel=0.2)


def test_the_interval_covers_kappa_as_often_as_it_says():
    people = np.concatenate([drawn_votes(1000), [(4, 0, 0), (0, 3, 0)] * 250])
    true = fleiss_kappa(people)
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        low, high = kappa_interval(people[rng.integers(len(people), size=100)])
        covered += low <= true <= high
    assert 0.88 <= covered / 200 <= 1


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        pytest.param([(2, 0), (1, 0)], "two annotators .* Received: 1 in row 1", id="one vote"),
        pytest.param([(3, -1)], "whole numbers from 0. Received: -1", id="negative"),
        pytest.param([(1.5, 1.5)], "whole numbers from 0. Received: 1.5", id="half a vote"),
        pytest.param(np.empty((0, 3)), "at least one person. Received: none", id="nobody"),
        pytest.param([2, 0], "a row for each person", id="no matrix"),
    ],
)
def test_votes_that_cannot_be_counted_are_an_error(votes, message):
    for figure in (fleiss_kappa, kappa_interval, pairwise_agreement):
        with pytest.raises(EmoError, match=rf"^votes: expected {message}"):
            figure(votes)


def test_deviation_and_difference_between_annotators_by_hand():
    ratings = [np.array([[1, 5], [3, 5]]), np.array([[2, 1], [4, 1], [6, 10]])]
    # Deviations of the first dimension: sqrt(2) and 2; of the second: 0 and sqrt(27).
    assert deviation_between_annotators(ratings) == pytest.approx(
        [(np.sqrt(2) + 2) / 2, np.sqrt(27) / 2]
    )
    # Pairs: 2 and (2 + 4 + 2) / 3; 0 and (0 + 9 + 9) / 3.
    assert difference_between_annotators(ratings) == pytest.approx([(2 + 8 / 3) / 2, 3])


@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        pytest.param([], "ratings: expected at least one person", id="nobody"),
        pytest.param([[[1, 2]]], "ratings, person 0: .* Received: 1", id="one annotator"),
        pytest.param(
            [[[1, 2], [3, 4]], [[1, 2], [3, np.nan]]],
            "ratings, person 1: .* nan",
            id="not a number",
        ),
    ],
)
def test_ratings_that_cannot_be_compared_are_an_error(ratings, message):
    for figure in (deviation_between_annotators, difference_between_annotators):
        with pytest.raises(EmoError, match=message):
            figure(ratings)
