import json

import numpy as np
import pytest

from emo_tf.annotation.agreement import agreement
from emo_tf.annotation.answer import Skip
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.metrics.agreement import fleiss_kappa, kappa_interval
from tests.annotation.albums import make_album, open_store
from tests.annotation.answered import add_person, said


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "answers.db", make_album(tmp_path / "album", ["a.png"])) as store:
        yield store


@pytest.fixture
def answers(store):
    """Four people: labelled by three, by two (and skipped by one), by one, and skipped by all."""
    add_person(
        store,
        "a.png",
        said("Peace", "Happiness", vad=(8, 3, 5), gender="Female", age="Adult"),
        said("Happiness", vad=(7, 3, 5), gender="Female", age="Adult"),
        said("Happiness", vad=(9, 3, 5), gender="Female", age=""),
    )
    add_person(
        store,
        "a.png",
        said("Fear", vad=(2, 9, 1), gender="Male", age="Kid"),
        Skip("from behind"),
        said(vad=(4, 7, 1), gender="", age="Kid"),
    )
    add_person(store, "a.png", said("Fear", vad=(1, 1, 10)))
    add_person(store, "a.png", Skip(""), Skip(""))
    return store


def test_people_are_compared_whom_two_annotators_or_more_labelled(answers):
    found = agreement(answers)

    assert found.people == {1: 1, 2: 1, 3: 1}
    assert found.compared == 2
    assert found.answers == {"Ada": 3, "Bo": 1, "Cleo": 2}
    assert found.skips == {"Ada": 1, "Bo": 2}


def test_a_category_is_chosen_or_not(answers):
    found = agreement(answers)

    votes = {
        "Happiness": [(3, 0), (0, 2)],
        "Peace": [(1, 2), (0, 2)],
        "Fear": [(0, 3), (1, 1)],
        "Anger": [(0, 3), (0, 2)],
    }
    shares = {"Happiness": 3 / 5, "Peace": 1 / 5, "Fear": 1 / 5, "Anger": 0}
    agreeing = {"Happiness": 1, "Peace": (1 / 3 + 1) / 2, "Fear": 1 / 2, "Anger": 1}
    assert tuple(found.categories) == EMOTIC_CATEGORIES
    for name, counts in votes.items():
        one = found.categories[name]
        np.testing.assert_equal(one.kappa, fleiss_kappa(counts))
        np.testing.assert_equal(one.interval, kappa_interval(counts))
        assert (one.agreement, one.share) == pytest.approx((agreeing[name], shares[name]))
    kappas = [found.categories[name].kappa for name in ("Happiness", "Peace", "Fear")]
    assert found.mean_kappa == pytest.approx(np.mean(kappas))
    assert found.defined == 3


def test_who_cannot_tell_has_chosen_that(answers):
    found = agreement(answers)

    assert found.gender.kappa == fleiss_kappa([(3, 0, 0), (0, 1, 1)])
    assert found.age.kappa == fleiss_kappa([(0, 0, 2, 1), (2, 0, 0, 0)])
    assert (found.gender.share, found.age.share) == (0.8, 0.8)


def test_dimensions_deviate_on_their_scale(answers):
    vad = agreement(answers).vad

    assert vad["valence"].deviation == pytest.approx((1 + np.sqrt(2)) / 2)
    assert vad["valence"].difference == pytest.approx((4 / 3 + 2) / 2)
    assert (vad["dominance"].deviation, vad["dominance"].difference) == (0, 0)


def test_json_holds_the_figures_and_null_where_there_is_none(answers):
    found = agreement(answers)
    figures = json.loads(json.dumps(found.to_dict(), allow_nan=False))

    nothing = {"kappa": None, "low": None, "high": None, "agreement": 1, "share": 0}
    assert figures["categories"]["Anger"] == nothing
    assert figures["categories"]["Happiness"]["kappa"] == 1
    assert figures["mean_kappa"] == round(found.mean_kappa, 5)
    assert figures["vad"]["valence"]["deviation"] == round(found.vad["valence"].deviation, 5)
    assert figures["people"] == {"1": 1, "2": 1, "3": 1}


def test_an_answer_that_was_changed_counts_as_it_is_now(store):
    person = add_person(store, "a.png", said("Fear"), said("Anger"))
    add_person(store, "a.png", said("Peace"), said("Peace"))
    store.save(person, "Bo", said("Fear"))

    assert agreement(store).mean_kappa == 1


def test_labels_of_single_annotators_are_an_error_that_says_so(store):
    add_person(store, "a.png", said("Fear"), Skip(""))
    add_person(store, "a.png", said("Anger"))

    with pytest.raises(
        EmoError, match=r"two annotators or more .* Received: 2 labelled by one, 1 "
    ):
        agreement(store)
