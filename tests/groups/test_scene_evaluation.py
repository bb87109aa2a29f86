"""What a network is worth, on six pictures whose verdicts are worked out by hand."""

import dataclasses
import json
import math

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.groups.scene_evaluation import evaluate_network, labels_of_pictures, network_verdicts
from emo_tf.groups.scene_tables import FaceVerdicts
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork

NEGATIVE, NEUTRAL, POSITIVE = range(3)
NO_FACE = [np.nan] * 3

NETWORK = SceneNetwork(
    labels=("team", "war"),
    label_probabilities=np.array([[0.1, 0.2, 0.6], [0.7, 0.2, 0.1]]),
    face_probabilities=np.array([[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]]),
    fit={"tables": "by hand"},
)
LABELS = SceneLabels(
    {
        "smiles.jpg": ("team",),
        "march.jpg": ("war",),
        "backs.jpg": ("team", "grass"),
        "plain.jpg": (),
        "wary.jpg": ("war", "grass", "sky"),
        "of another album.jpg": ("sea", "beach"),
    },
    "labels.json",
)
VERDICTS = FaceVerdicts(
    ("smiles.jpg", "march.jpg", "backs.jpg", "plain.jpg", "unlabelled.jpg", "wary.jpg"),
    np.array([POSITIVE, NEGATIVE, NEUTRAL, NEUTRAL, NEGATIVE, POSITIVE]),
    np.array([[0, 0, 1], [0, 1, 0], NO_FACE, [0, 1, 0], NO_FACE, [0, 0.5, 0.5]]),
    "faces.csv",
)


@pytest.fixture(scope="module")
def figures():
    return evaluate_network(NETWORK, LABELS, verdicts=VERDICTS)


@pytest.mark.parametrize(
    ("kind", "confusion", "accuracy", "balanced"),
    [
        ("faces", [[1, 1, 0], [1, 1, 0], [0, 0, 2]], 4 / 6, 2 / 3),
        ("scenes", [[2, 0, 0], [1, 0, 1], [1, 0, 1]], 3 / 6, 1 / 2),
        ("hybrid", [[2, 0, 0], [0, 1, 1], [1, 0, 1]], 4 / 6, 2 / 3),
    ],
    ids=["faces", "scenes", "hybrid"],
)
def test_each_kind_is_judged_by_its_own_evidence(figures, kind, confusion, accuracy, balanced):
    assert figures[kind]["confusion"] == confusion
    assert figures[kind]["accuracy"] == round(accuracy, 5)
    assert figures[kind]["balanced_accuracy"] == round(balanced, 5)


def test_log_loss_and_calibration_are_those_of_the_distributions(figures):
    true_classes = [0.6 / 0.9, 0.7, 0.2 / 0.9, 1 / 3, 1 / 3, 0.1]
    mean = -sum(map(math.log, true_classes)) / 6
    assert figures["scenes"]["log_loss"] == pytest.approx(mean, abs=1e-5)
    # Two pictures at 2/3, one of them right; two at 1/3 likewise; two at 0.7 likewise.
    gaps = 2 * ((2 / 3 - 1 / 2) + (1 / 2 - 1 / 3) + (0.7 - 1 / 2)) / 6
    assert figures["scenes"]["ece"] == pytest.approx(gaps, abs=1e-5)


def test_every_figure_lies_in_its_interval(figures):
    for kind in ("faces", "scenes", "hybrid"):
        assert set(figures[kind]["intervals"]) == {
            "accuracy",
            "balanced_accuracy",
            "log_loss",
            "ece",
        }
        low, high = figures[kind]["intervals"]["accuracy"]
        assert low < figures[kind]["accuracy"] < high


def test_pictures_without_evidence_are_counted_and_told_from_those_with(figures):
    assert figures["pictures"] == 6
    assert figures["without_face"] == 2
    assert figures["without_labels"] == 2
    assert figures["without_entry"] == 1
    shares = {"faces": (4, 3 / 4), "scenes": (4, 2 / 4), "hybrid": (5, 3 / 5)}
    for kind, (verdicts, accuracy) in shares.items():
        assert figures[kind]["verdicts"] == verdicts
        assert figures[kind]["accuracy_of_verdicts"] == accuracy


def test_a_kind_that_no_picture_has_evidence_of_is_the_prior():
    faceless = dataclasses.replace(VERDICTS, faces=np.full((6, 3), np.nan))
    faces = evaluate_network(NETWORK, LABELS, verdicts=faceless)["faces"]
    assert faces["verdicts"] == 0
    assert faces["accuracy_of_verdicts"] is None
    assert faces["accuracy"] == round(2 / 6, 5)
    assert faces["log_loss"] == round(math.log(3), 5)


def test_an_empty_entry_is_evidence_where_absent_labels_are(figures):
    network = dataclasses.replace(NETWORK, absent=True)
    counted = evaluate_network(network, LABELS, verdicts=VERDICTS)
    assert counted["scenes"]["verdicts"] == figures["scenes"]["verdicts"] + 1
    assert counted["without_labels"] == figures["without_labels"]


def test_labels_that_the_network_does_not_know_are_counted_in_these_pictures_alone(figures):
    assert figures["unknown_labels"] == {
        "kinds": 2,
        "uses": 3,
        "most_common": [{"label": "grass", "uses": 2}, {"label": "sky", "uses": 1}],
    }


def test_the_ten_most_common_unknown_labels_are_named_the_same_every_time():
    names = [f"other {number:02}" for number in range(12)]
    labels = SceneLabels(
        {"smiles.jpg": ("team", "war", *reversed(names)), "plain.jpg": ("other 11",)}
    )
    unknown = evaluate_network(NETWORK, labels, verdicts=VERDICTS)["unknown_labels"]
    assert [one["label"] for one in unknown["most_common"]] == ["other 11", *names[:9]]


def test_the_figures_are_plain_and_tell_the_settings(figures):
    assert json.loads(json.dumps(figures)) == figures
    assert figures["classes"] == ["negative", "neutral", "positive"]
    assert figures["settings"] == {
        "labels": 2,
        "prior": [0.33333] * 3,
        "temper": 1.0,
        "absent": False,
        "hard_faces": False,
        "fit": {"tables": "by hand"},
    }


def test_the_verdicts_come_in_three_kinds_for_every_picture():
    labels = labels_of_pictures(NETWORK, LABELS, pictures=VERDICTS.pictures)
    verdicts = network_verdicts(NETWORK, labels, faces=VERDICTS.faces)
    assert list(verdicts) == ["faces", "scenes", "hybrid"]
    np.testing.assert_allclose(verdicts["faces"][5], [0.15, 0.4, 0.45])
    np.testing.assert_allclose(verdicts["scenes"][1], [0.7, 0.2, 0.1])
    np.testing.assert_allclose(verdicts["hybrid"][5], np.array([105, 80, 45]) / 230)
    np.testing.assert_allclose(verdicts["hybrid"][4], [1 / 3] * 3)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"x.jpg": ("team",)}, "entry for one of 6 pictures at least, such as 'smiles.jpg'"),
        ({"smiles.jpg": ("war", *"abcdefghijklmnopqrs")}, "Received: 1 of 20 known"),
    ],
    ids=["no entry", "another labeller"],
)
def test_labels_that_do_not_fit_are_refused(entries, message):
    with pytest.raises(EmoError, match=message) as error:
        evaluate_network(NETWORK, SceneLabels(entries, "labels.json"), verdicts=VERDICTS)
    assert str(error.value).startswith("labels.json: expected ")


def test_an_entry_that_stands_for_two_pictures_is_refused():
    pictures = ("a/smiles.jpg", "b/smiles.jpg")
    with pytest.raises(EmoError, match=r"'smiles\.jpg' for a/smiles\.jpg and b/smiles\.jpg"):
        labels_of_pictures(NETWORK, LABELS, pictures=pictures)
