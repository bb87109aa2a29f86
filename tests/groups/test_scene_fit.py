import json
import math
from dataclasses import replace

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.groups.scene_fit import SMOOTHING, TEMPER, fit_network, published_network
from emo_tf.groups.scene_tables import SceneCounts
from emo_tf.runtime.scene_network import SceneNetwork

COUNTS = SceneCounts(
    labels=("grass", "team"),
    counts=np.array([[0, 1, 4], [2, 0, 3]]),
    totals=np.array([8, 10, 5]),
    source="/home/someone/albums/counts.csv",
)
CONFUSION = np.array([[5, 0, 3], [2, 6, 2], [1, 2, 7]])
FITS = pytest.mark.parametrize("fit", [fit_network, published_network], ids=["ours", "published"])


def test_every_count_is_raised_by_the_smoothing():
    network = fit_network(COUNTS, CONFUSION, smoothing=0.5)
    np.testing.assert_allclose(
        network.label_probabilities,
        [[0.5 / 9, 1.5 / 11, 4.5 / 6], [2.5 / 9, 0.5 / 11, 3.5 / 6]],
    )
    np.testing.assert_allclose(
        network.face_probabilities,
        np.array([[5.5, 0.5, 3.5], [2.5, 6.5, 2.5], [1.5, 2.5, 7.5]]) / [[9.5], [11.5], [11.5]],
    )
    np.testing.assert_allclose(network.prior, [1 / 3, 1 / 3, 1 / 3])


def test_what_a_fitted_network_says_worked_out_by_hand():
    network = fit_network(COUNTS, CONFUSION, smoothing=1, temper=0.5)
    # P(team | e) = 3/10, 1/12, 4/7 and P(positive | e) = 4/11, 3/13, 8/13.
    joint = np.sqrt([3 / 10, 1 / 12, 4 / 7]) * [4 / 11, 3 / 13, 8 / 13]
    found = network.infer([("team",)], [[0, 0, 1]])
    np.testing.assert_allclose(found, [joint / joint.sum()])


def test_settings_are_passed_on():
    network = fit_network(COUNTS, CONFUSION, temper=0.75, absent=True)
    assert (network.temper, network.absent, network.hard_faces) == (0.75, True, False)


def test_the_defaults_are_the_chosen_settings_without_absent_labels():
    network, chosen = (
        fit_network(COUNTS, CONFUSION),
        fit_network(COUNTS, CONFUSION, smoothing=SMOOTHING, temper=TEMPER, absent=False),
    )
    np.testing.assert_array_equal(network.label_probabilities, chosen.label_probabilities)
    assert (network.temper, network.absent) == (chosen.temper, chosen.absent) == (TEMPER, False)


def test_much_smoothing_leaves_the_labels_nothing_to_say():
    network = fit_network(COUNTS, CONFUSION, smoothing=1e9)
    np.testing.assert_allclose(network.infer([("team",)]), [[1 / 3] * 3], atol=1e-6)


def test_the_published_network_has_plain_shares_and_one_in_ten_thousand_for_none():
    network = published_network(COUNTS, CONFUSION)
    np.testing.assert_allclose(
        network.label_probabilities, [[1e-4, 1 / 10, 4 / 5], [2 / 8, 1e-4, 3 / 5]]
    )
    np.testing.assert_allclose(
        network.face_probabilities,
        [np.array([5 / 8, 1e-4, 3 / 8]) / 1.0001, [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]],
    )
    np.testing.assert_allclose(network.prior, [1 / 3, 1 / 3, 1 / 3])
    assert (network.temper, network.absent, network.hard_faces) == (1, True, True)


def test_the_published_network_takes_tables_that_are_certain():
    certain = replace(COUNTS, counts=np.array([[8, 10, 5], [0, 0, 5]]))
    network = published_network(certain, np.diag([8, 10, 5]))
    np.testing.assert_allclose(network.label_probabilities[0], 1 - 1e-4)
    np.testing.assert_allclose(network.face_probabilities, np.eye(3), atol=2e-4)
    assert np.isfinite(network.infer([()], np.eye(3)[:1])).all()


@FITS
def test_the_file_says_what_the_tables_are_of_without_folders(tmp_path, fit):
    fit(COUNTS, CONFUSION).save(tmp_path / "network.json")
    text = (tmp_path / "network.json").read_text("utf-8")
    its_fit = json.loads(text)["fit"]
    assert its_fit["counts"] == "counts.csv"
    assert its_fit["pictures"] == {"negative": 8, "neutral": 10, "positive": 5}
    assert its_fit["pictures_with_faces"] == {"negative": 8, "neutral": 10, "positive": 10}
    assert "someone" not in text
    assert SceneNetwork.read(tmp_path / "network.json").fit == its_fit


def test_the_file_tells_the_smoothing_and_the_published_tables_apart():
    assert fit_network(COUNTS, CONFUSION, smoothing=2).fit["smoothing"] == 2
    assert fit_network(COUNTS, CONFUSION).fit["tables"] == "smoothed"
    assert published_network(COUNTS, CONFUSION).fit["tables"] == "published"


@pytest.mark.parametrize("smoothing", [0, -1, math.inf, math.nan])
def test_smoothing_that_is_not_above_0_is_refused(smoothing):
    with pytest.raises(EmoError, match="smoothing: expected a number above 0"):
        fit_network(COUNTS, CONFUSION, smoothing=smoothing)


@pytest.mark.parametrize("temper", [0, -1, 1.1, math.inf, math.nan])
def test_temper_out_of_range_is_refused(temper):
    with pytest.raises(EmoError, match="temper: expected above 0, up to 1"):
        fit_network(COUNTS, CONFUSION, temper=temper)


@FITS
@pytest.mark.parametrize(
    "confusion",
    [
        pytest.param(CONFUSION[:2], id="two rows"),
        pytest.param(CONFUSION * [[1], [0], [1]], id="class without faces"),
        pytest.param(CONFUSION - 1, id="negative"),
    ],
)
def test_what_is_no_confusion_table_is_refused(fit, confusion):
    with pytest.raises(EmoError, match="confusion"):
        fit(COUNTS, confusion)
