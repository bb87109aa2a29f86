import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.metrics.average_precision import average_precision
from emo_tf.metrics.average_precision_figure import AveragePrecisionFigure
from emo_tf.metrics.mean_figure import MeanFigure
from emo_tf.metrics.sliced_figures import class_figures, emotic_figures
from emo_tf.metrics.slices import MEAN, Sliced, slice_figures

NAMES = ("happy", "sad")
LABELS = np.array([0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1])
FOUND = np.array([0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 2])
LIGHT = ["day"] * 6 + ["night"] * 5


@pytest.fixture
def by_light():
    return slice_figures("light", LIGHT, class_figures(LABELS, FOUND, names=NAMES), fewest=2)


def cells(sliced: Sliced) -> dict:
    return {(one.value, one.figure, one.label): one for one in sliced.cells}


def gaps(sliced: Sliced) -> dict:
    return {(one.figure, one.label): one for one in sliced.gaps}


def test_accuracy_and_recall_of_each_slice_are_those_counted_by_hand(by_light):
    found = cells(by_light)
    assert by_light.counts == {"day": 6, "night": 5}
    shown = {key: (one.examples, one.estimate) for key, one in found.items()}
    assert shown == {
        ("day", "accuracy", "all"): (6, 0.66667),
        ("night", "accuracy", "all"): (5, 0.4),
        ("day", "recall", MEAN): (6, 0.625),
        ("night", "recall", MEAN): (5, 0.41667),
        ("day", "recall", "happy"): (4, 0.75),
        ("night", "recall", "happy"): (2, 0.5),
        ("day", "recall", "sad"): (2, 0.5),
        ("night", "recall", "sad"): (3, 0.33333),
    }
    happy = found["day", "recall", "happy"]
    assert (happy.low, happy.high) == (0.30064, 0.95441)  # Wilson of 3 of 4


def test_the_gap_is_that_of_the_slices_furthest_apart_with_its_interval(by_light):
    gap = gaps(by_light)["accuracy", "all"]
    assert (gap.highest, gap.lowest, gap.gap) == ("day", "night", 0.26667)
    # Newcombe of 4 of 6 and 2 of 5: Wilson's ends are 0.3000, 0.9032 and 0.1176, 0.7693.
    assert (gap.low, gap.high) == pytest.approx((-0.2537, 0.6350), abs=2e-4)
    mean = gaps(by_light)["recall", MEAN]
    assert mean.low < mean.gap == 0.20833 < mean.high


def test_what_stands_on_too_few_examples_is_marked_and_in_no_gap():
    sliced = slice_figures("light", LIGHT, class_figures(LABELS, FOUND, names=NAMES), fewest=3)
    few = {key for key, one in cells(sliced).items() if one.too_few}
    assert few == {("night", "recall", "happy"), ("day", "recall", "sad")}
    assert set(gaps(sliced)) == {("accuracy", "all"), ("recall", MEAN)}


def test_a_mean_is_over_the_labels_that_every_slice_has():
    light = ["day"] * 4 + ["night"] * 7  # By day nobody is sad.
    sliced = slice_figures("light", light, class_figures(LABELS, FOUND, names=NAMES), fewest=2)
    assert sliced.mean_over == {"recall": ("happy",)}
    assert cells(sliced)["night", "recall", MEAN].estimate == 0.5
    absent = cells(sliced)["day", "recall", "sad"]
    assert (absent.examples, absent.estimate, absent.low) == (0, None, None)


def test_examples_of_one_cluster_are_drawn_together():
    rng = np.random.default_rng(0)
    errors, light = (
        rng.exponential(size=(40, 1)),
        np.array(["day", "night"])[rng.integers(2, size=40)],
    )
    once = slice_figures("light", light, [MeanFigure("error", ["all"], values=errors)], fewest=2)
    twice = slice_figures(
        "light",
        np.repeat(light, 2),
        [MeanFigure("error", ["all"], values=np.repeat(errors, 2, axis=0))],
        clusters=np.repeat(np.arange(40), 2),
        fewest=2,
    )
    for one, other in zip(once.cells, twice.cells, strict=True):
        assert (one.estimate, one.low, one.high) == (other.estimate, other.low, other.high)
    assert once.gaps == twice.gaps


def test_an_interval_of_a_mean_holds_it_at_about_the_normal_distance():
    values = np.random.default_rng(1).normal(size=(400, 1))
    sliced = slice_figures(
        "half", ["a"] * 200 + ["b"] * 200, [MeanFigure("x", ["all"], values=values)]
    )
    part = values[:200, 0]
    expected = part.mean() + np.array([-1.96, 1.96]) * part.std() / 200**0.5
    first = sliced.cells[0]
    assert (first.low, first.high) == pytest.approx(expected, abs=0.02)


def test_average_precision_of_weighted_people_is_that_of_people_repeated():
    rng = np.random.default_rng(0)
    labels, scores = rng.random((30, 3)) < 0.4, rng.integers(8, size=(30, 3)) / 8  # with ties
    rows, weights = np.arange(5, 30), rng.integers(3, size=(4, 25))
    found = AveragePrecisionFigure(labels, scores, names="abc").values(rows, weights.astype(float))
    for one, own in zip(found, weights, strict=True):
        drawn = np.repeat(rows, own)
        np.testing.assert_allclose(one, average_precision(labels[drawn], scores[drawn]))


def test_people_have_average_precision_recall_at_the_thresholds_and_errors():
    labels, scores = np.zeros((4, 26)), np.zeros((4, 26))
    labels[:, 0], scores[:, 0] = (1, 1, 1, 0), (0.9, 0.2, 0.6, 0.8)
    labels[:, 1] = 1
    thresholds = np.where(np.arange(26) == 0, 0.5, np.nan)
    vad = np.full((4, 3), 5.0)
    figures = emotic_figures(labels, scores, vad + np.array([1, 0, 2]), vad, thresholds=thresholds)
    found = cells(
        slice_figures("x", ["a", "a", "b", "b"], figures, clusters=list("pqrs"), fewest=1)
    )
    affection, anger = EMOTIC_CATEGORIES[:2]
    assert found["a", "average_precision", affection].estimate == 1
    assert found["b", "average_precision", affection].estimate == 0.5
    assert found["a", "recall", affection].estimate == 0.5
    assert found["b", "recall", affection].estimate == 1
    assert found["a", "recall", anger].examples == 0  # It has no threshold.
    assert found["a", "vad_absolute_error", MEAN].estimate == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["day"] * 60, "light: expected a column of two values or more. Received: 'day' alone"),
        (
            [str(number) for number in range(60)],
            "light: expected a column of at most 50 values. Received: 60, such as '0' and '59'",
        ),
    ],
    ids=["one", "many"],
)
def test_columns_that_tell_nothing_apart_are_refused(values, message):
    figure = MeanFigure("accuracy", ["all"], values=np.ones((60, 1), bool))
    with pytest.raises(EmoError, match=message):
        slice_figures("light", values, [figure])
