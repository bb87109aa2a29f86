import numpy as np
import pytest

from emo_tf.data import miniature
from emo_tf.data.miniature import emotic_oracle
from emo_tf.data.miniature.emotic_rule import ANNOTATORS, BODIES, annotate, person_vad
from emo_tf.data.miniature.scenes import SCENES
from emo_tf.labels import EMOTIC_CATEGORIES


@pytest.fixture(scope="module")
def people():
    """Many people, labelled by the rule: bodies, scenes, categories, VAD."""
    rng = np.random.default_rng(5)
    bodies, scenes = rng.integers(len(BODIES), size=1500), rng.integers(len(SCENES), size=1500)
    categories, vad = [], []
    for body, scene in zip(bodies, scenes, strict=True):
        truth = person_vad(BODIES[body], SCENES[scene])
        said = [annotate(truth, rng) for _ in range(rng.choice(ANNOTATORS))]
        names = {name for one in said for name in one.categories}
        categories.append(np.isin(EMOTIC_CATEGORIES, list(names)))
        vad.append(np.mean([one.vad for one in said], axis=0))
    return bodies, scenes, np.array(categories), np.array(vad)


@pytest.fixture(scope="module")
def scores(people):
    bodies, scenes, categories, vad = people
    return emotic_oracle.score_evidence(
        bodies, scenes, categories=categories, vad=vad, measured_on="many"
    ).scores


def test_both_beat_either_alone_and_either_beats_nothing(scores):
    precision = {evidence: score[0] for evidence, score in scores.items()}
    error = {evidence: score[1] for evidence, score in scores.items()}
    assert precision["both"] > 1.5 * max(precision["body"], precision["scene"])
    assert min(precision["body"], precision["scene"]) > 1.8 * precision["none"]
    assert error["both"] < 0.5 * min(error["body"], error["scene"])
    assert max(error["body"], error["scene"]) < 0.9 * error["none"]


def test_nothing_scores_what_the_frequencies_give(scores, people):
    _, _, categories, vad = people
    assert scores["none"][0] == pytest.approx(categories.mean(), abs=0.01)
    medians = np.median(vad, axis=0)
    assert scores["none"][1] == pytest.approx(np.abs(vad - medians).mean(), abs=0.02)


@pytest.mark.parametrize("evidence", ["body", "scene"])
def test_no_prediction_learned_from_the_same_evidence_does_better(scores, people, evidence):
    bodies, scenes, categories, vad = people
    seen = bodies if evidence == "body" else scenes
    train, test = np.arange(0, 1500, 2), np.arange(1, 1500, 2)
    guesses = {
        value: (categories[train][seen[train] == value], vad[train][seen[train] == value])
        for value in np.unique(seen[train])
    }
    error = np.mean([np.abs(np.median(guesses[seen[i]][1], axis=0) - vad[i]).mean() for i in test])
    assert scores[evidence][1] <= error + 0.02


def test_the_distribution_of_a_mean_is_that_of_its_draws():
    rng = np.random.default_rng(0)
    vad = np.array([9.8, 5.2, 1.0])
    means = [
        np.mean([annotate(vad, rng).vad for _ in range(rng.choice(ANNOTATORS))], axis=0)
        for _ in range(4000)
    ]
    for number, drawn in zip((10, 5, 1), np.transpose(means), strict=True):
        distribution = emotic_oracle.mean_distribution(number)
        grid = 1 + np.arange(len(distribution)) / 6
        assert distribution.sum() == pytest.approx(1)
        assert distribution @ grid == pytest.approx(drawn.mean(), abs=0.03)
        assert distribution[np.argmin(np.abs(grid - 2))] == pytest.approx(
            np.isclose(drawn, 2).mean(), abs=0.03
        )


def test_the_twin_of_the_default_size_keeps_the_order():
    oracle = miniature.oracle("emotic")
    assert oracle.measured_on == "test, 40 people"
    none, body, scene, both = (oracle.scores[name][0] for name in ("none", "body", "scene", "both"))
    assert none < scene < both
    assert none < body < both
