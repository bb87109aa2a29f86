import json

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES, VAD
from emo_tf.metrics.emotic import emotic_report
from emo_tf.metrics.thresholds import break_even_thresholds

BY_CATEGORY = ("average_precision", "average_precision_interpolated", "f1", "jaccard_by_category")
MEANS = (
    "mean_average_precision",
    "mean_average_precision_interpolated",
    "f1_macro",
    "f1_micro",
    "jaccard",
)


def people(**changes) -> dict[str, np.ndarray]:
    """Returns the arrays of three people, of whom two show Affection and another Anger.

    Affection is predicted for one of the two and for the other one; Anger is predicted rightly.
    """
    labels, scores = np.zeros((3, 26)), np.zeros((3, 26))
    labels[1:, 0], scores[:, 0] = 1, [0.9, 0.8, 0.3]
    labels[0, 1], scores[0, 1] = 1, 0.7
    vad_labels = np.array([[1.0, 5, 5], [2, 6, 5], [3, 7, 5]])
    vad = np.array([[2.0, 5, 5], [3, 6, 5], [4, 7, 5]])
    thresholds = np.full(26, np.nan)
    thresholds[:2] = 0.5, 0.6
    arrays = {"labels": labels, "scores": scores, "vad_labels": vad_labels, "vad": vad}
    return arrays | {"thresholds": thresholds} | changes


def test_a_report_by_hand():
    report = emotic_report(**people())
    others = dict.fromkeys(EMOTIC_CATEGORIES[2:])
    assert report == {
        "people": 3,
        "mean_average_precision": round((7 / 12 + 1) / 2, 5),
        "mean_average_precision_interpolated": round((2 / 3 + 1) / 2, 5),
        "f1_macro": 0.75,
        "f1_micro": round(2 * 2 / (3 + 3), 5),
        "jaccard": round((1 / 2 + 1 + 0) / 3, 5),
        "average_precision": {"Affection": round(7 / 12, 5), "Anger": 1.0} | others,
        "average_precision_interpolated": {"Affection": round(2 / 3, 5), "Anger": 1.0} | others,
        "f1": {"Affection": 0.5, "Anger": 1.0} | others,
        "jaccard_by_category": {"Affection": round(1 / 3, 5), "Anger": 1.0} | others,
        "thresholds": {"Affection": 0.5, "Anger": 0.6} | others,
        "positives": {"Affection": 2, "Anger": 1} | dict.fromkeys(others, 0),
        "vad_mean_absolute_error": {
            "valence": 1.0,
            "arousal": 0.0,
            "dominance": 0.0,
            "mean": 0.33333,
        },
        "vad_concordance": {
            "valence": round(4 / 7, 5),
            "arousal": 1.0,
            "dominance": 0.0,
            "mean": round((4 / 7 + 1) / 3, 5),
        },
    }


def test_a_report_goes_through_json_with_the_categories_in_order():
    report = emotic_report(**people())
    again = json.loads(json.dumps(report, allow_nan=False))
    assert again == report
    for name in (*BY_CATEGORY, "thresholds", "positives"):
        assert tuple(again[name]) == EMOTIC_CATEGORIES
    assert tuple(again["vad_concordance"]) == (*VAD, "mean")


def test_a_report_of_the_reference(emotic_golden):
    labels, scores = emotic_golden["labels"], emotic_golden["scores"]
    thresholds = break_even_thresholds(labels, scores)
    vad = np.full((400, 3), 5.0)
    report = emotic_report(labels, scores, vad, vad, thresholds=thresholds)
    for name in ("average_precision", "average_precision_interpolated"):
        np.testing.assert_allclose(list(report[name].values()), emotic_golden[name], atol=1e-4)
        assert report[f"mean_{name}"] == pytest.approx(emotic_golden[name].mean(), abs=1e-4)
    assert list(report["positives"].values()) == labels.sum(axis=0).tolist()
    # Precision equals recall but for the person on the threshold, and so does F1.
    hits = [(scores[labels[:, c] == 1, c] > thresholds[c]).sum() for c in range(26)]
    positives = labels.sum(axis=0)
    expected = 2 * np.array(hits) / (2 * positives - 1)
    np.testing.assert_allclose(list(report["f1"].values()), expected, atol=1e-5)


@pytest.mark.parametrize("threshold", [np.nan, 0.1], ids=["no thresholds", "thresholds"])
def test_without_a_positive_label_all_but_vad_is_none(threshold):
    labels = np.zeros((3, 26))
    arrays = people(labels=labels, thresholds=np.full(26, threshold))
    assert np.isnan(break_even_thresholds(labels, arrays["scores"])).all()
    report = emotic_report(**arrays)
    assert [report[name] for name in MEANS] == [None] * len(MEANS)
    for name in BY_CATEGORY:
        assert report[name] == dict.fromkeys(EMOTIC_CATEGORIES)
    assert set(report["positives"].values()) == {0}
    assert report["vad_mean_absolute_error"]["valence"] == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"labels": np.ones((3, 25))}, "^labels: .*26 columns.*: 25", id="25 labels"),
        pytest.param({"labels": np.full((3, 26), 0.5)}, "^labels: .*0 and 1 alone", id="halves"),
        pytest.param({"labels": np.ones((2, 26))}, "^vad_labels: .*2 people.*: 3", id="2 labels"),
        pytest.param({"scores": np.ones((3, 25))}, r"^scores: .*\(3, 25\)", id="25 scores"),
        pytest.param({"scores": np.full((3, 26), np.nan)}, "^scores: .*finite", id="NaN"),
        pytest.param({"vad_labels": np.ones((3, 2))}, "^vad_labels: .*3 columns, val", id="2 VAD"),
        pytest.param({"vad": np.ones((2, 3))}, r"^vad: expected shape \(3, 3\)", id="vad of two"),
        pytest.param({"vad": np.full((3, 3), np.inf)}, "^vad: .*finite", id="infinite"),
        pytest.param({"thresholds": np.ones(25)}, "^thresholds: .*26 categories", id="25 of them"),
        pytest.param({"labels": np.ones((0, 26))}, "^labels: .*one person", id="nobody"),
    ],
)
def test_arrays_that_do_not_fit_are_an_error(changes, message):
    with pytest.raises(EmoError, match=message):
        emotic_report(**people(**changes))
