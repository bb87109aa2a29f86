import numpy as np
import pytest

from emo_tf.data.miniature.emotic_rule import (
    BODIES,
    Body,
    annotate,
    category_probabilities,
    person_vad,
)
from emo_tf.data.miniature.scenes import SCENES, Scene
from emo_tf.labels import EMOTIC_CATEGORIES

CHEERFUL = Body("happy", "arms_raised"), Scene("sun", "party", "warm")


def test_offsets_are_added_to_the_middle_and_kept_on_the_scale():
    np.testing.assert_allclose(
        person_vad(Body("neutral", "hands_on_hips"), Scene("cloud", "street", "cold")),
        [5.5 + 0.2 + 0.2 + 0 - 0.6 - 0.6, 5.5 - 0.9 + 0.2 - 0.8 + 0.9 - 0.6, 5.5 + 1.6],
    )
    assert person_vad(*CHEERFUL)[0] == 10
    people = np.array([person_vad(body, scene) for body in BODIES for scene in SCENES])
    assert people.min() >= 1
    assert people.max() <= 10


def test_annotators_give_categories_as_often_as_their_probability_says():
    vad = np.array([6.0, 5.0, 5.5])
    rng = np.random.default_rng(0)
    said = [annotate(vad, rng) for _ in range(4000)]

    shares = [np.mean([name in one.categories for one in said]) for name in EMOTIC_CATEGORIES]

    np.testing.assert_allclose(shares, category_probabilities(vad), atol=0.03)


@pytest.mark.parametrize("vad", [(10, 10, 10), (1, 10, 10), (5.5, 5.5, 5.5)])
def test_every_annotator_gives_a_category_in_order_and_numbers_on_the_scale(vad):
    rng = np.random.default_rng(1)
    for _ in range(200):
        said = annotate(np.array(vad, float), rng)
        assert said.categories
        assert sorted(said.categories, key=EMOTIC_CATEGORIES.index) == list(said.categories)
        assert all(1 <= number <= 10 for number in said.vad)
        assert np.abs(np.subtract(said.vad, vad)).max() <= 1.5


def test_a_cheerful_person_at_a_party_looks_happy_or_excited_not_sad():
    probabilities = dict(
        zip(EMOTIC_CATEGORIES, category_probabilities(person_vad(*CHEERFUL)), strict=True)
    )
    assert max(probabilities, key=probabilities.get) in ("Happiness", "Excitement")
    assert probabilities["Sadness"] < 1e-3
