import csv
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.groups.scene_fit import SMOOTHING, TEMPER, fit_network, published_network
from emo_tf.groups.scene_selection import SMOOTHINGS, TEMPERS, Selection, choose_settings
from emo_tf.groups.scene_tables import FaceVerdicts, SceneCounts
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.metrics.classification import negative_log_likelihood
from emo_tf.metrics.probability_figures import probability_figures
from emo_tf.runtime.scene_labels import SceneLabels

CONFUSION = np.array([[6, 2, 2], [2, 6, 2], [1, 1, 8]])
NAMES = tuple(map(str, range(12)))


class Pictures(NamedTuple):
    """Labelled pictures."""

    labels: list[tuple[str, ...] | None]
    faces: np.ndarray
    actual: np.ndarray


def drawn(count: int, *, seed: int) -> Pictures:
    """Draws pictures whose labels come in fours, so that each label stands for one alone."""
    rng = np.random.default_rng(seed)
    actual = rng.integers(3, size=count)
    shown = rng.random((count, 3)) < np.where(np.eye(3, dtype=bool)[actual], 0.7, 0.4)
    labels = [tuple(name for name in NAMES if one[int(name) // 4]) for one in shown]
    faces = np.eye(3)[np.where(rng.random(count) < 0.6, actual, rng.integers(3, size=count))]
    faces[rng.random(count) < 0.1] = np.nan
    labels[0] = None
    return Pictures(labels, faces, actual)


@pytest.fixture(scope="module")
def counts() -> SceneCounts:
    counted = drawn(300, seed=1)
    return SceneCounts.of_pictures(
        [labels or () for labels in counted.labels], counted.actual, source="drawn"
    )


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return drawn(60, seed=2)


@pytest.fixture(scope="module")
def selection(counts, pictures) -> Selection:
    return choose_settings(counts, CONFUSION, **pictures._asdict(), folds=3)


def log_loss(counts: SceneCounts, pictures: Pictures, rows, **settings) -> float:
    hybrid = fit_network(counts, CONFUSION, **settings).infer(pictures.labels, pictures.faces)
    return negative_log_likelihood(hybrid[rows], pictures.actual[rows])


def test_the_table_has_the_log_loss_of_every_pair_over_all_pictures(counts, pictures, selection):
    assert set(selection.log_losses) == {(s, t) for s in SMOOTHINGS for t in TEMPERS}
    for pair in [(0.1, 0.05), (1.0, 0.25), (20.0, 1.0)]:
        by_hand = log_loss(counts, pictures, slice(None), smoothing=pair[0], temper=pair[1])
        assert selection.log_losses[pair] == pytest.approx(by_hand)


def test_the_pair_with_the_least_log_loss_is_chosen(selection):
    best = min(selection.log_losses, key=selection.log_losses.__getitem__)
    assert (selection.smoothing, selection.temper) == best


def test_labels_that_go_together_are_tempered(selection):
    assert selection.temper < 0.75


def test_each_fold_is_judged_with_what_the_others_chose(counts, pictures, selection):
    pairs = list(selection.log_losses)
    expected = np.empty((60, 3))
    for fold in np.array_split(np.random.default_rng(0).permutation(60), 3):
        others = [row for row in range(60) if row not in set(fold)]
        losses = [log_loss(counts, pictures, others, smoothing=s, temper=t) for s, t in pairs]
        smoothing, temper = pairs[int(np.argmin(losses))]
        network = fit_network(counts, CONFUSION, smoothing=smoothing, temper=temper)
        expected[fold] = network.infer(pictures.labels, pictures.faces)[fold]
    np.testing.assert_allclose(selection.out_of_fold, expected)


def test_the_classes_of_a_fold_have_no_part_in_its_own_verdicts(counts, pictures, selection):
    fold = np.array_split(np.random.default_rng(0).permutation(60), 3)[1]
    actual = pictures.actual.copy()
    actual[fold] = (actual[fold] + 1) % 3
    changed = choose_settings(
        counts, CONFUSION, **pictures._replace(actual=actual)._asdict(), folds=3
    )
    np.testing.assert_array_equal(changed.out_of_fold[fold], selection.out_of_fold[fold])
    assert changed.log_losses != selection.log_losses


def test_the_same_seed_draws_the_same_folds_and_another_one_others(counts, pictures, selection):
    again, other = (
        choose_settings(counts, CONFUSION, **pictures._asdict(), folds=3, seed=seed)
        for seed in (0, 1)
    )
    np.testing.assert_array_equal(again.out_of_fold, selection.out_of_fold)
    assert (other.out_of_fold != selection.out_of_fold).any()
    assert other.log_losses == pytest.approx(selection.log_losses)


def test_a_picture_without_a_face_goes_by_its_labels_alone(counts, pictures, selection):
    network = fit_network(counts, CONFUSION, smoothing=selection.smoothing, temper=selection.temper)
    faces = np.full((60, 3), np.nan)
    blind = choose_settings(counts, CONFUSION, **pictures._replace(faces=faces)._asdict(), folds=3)
    pair = (selection.smoothing, selection.temper)
    by_labels = network.infer(pictures.labels)
    assert blind.log_losses[pair] == pytest.approx(
        negative_log_likelihood(by_labels, pictures.actual)
    )


@pytest.mark.parametrize("absent", [False, True], ids=["present labels", "absent ones too"])
def test_an_empty_list_of_labels_is_evidence_where_absent_labels_are(counts, pictures, absent):
    none_found, not_labelled = (
        choose_settings(
            counts,
            CONFUSION,
            **pictures._replace(labels=[labels] * 60)._asdict(),
            absent=absent,
        ).log_losses[SMOOTHINGS[0], 1.0]
        for labels in ((), None)
    )
    assert (none_found != pytest.approx(not_labelled)) == absent


@pytest.mark.parametrize("folds", [1, 61])
def test_another_number_of_folds_is_refused(counts, pictures, folds):
    with pytest.raises(EmoError, match=f"folds: expected 2 to 60, .* Received: {folds}"):
        choose_settings(counts, CONFUSION, **pictures._asdict(), folds=folds)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        pytest.param("actual", np.zeros(59, int), "classes: expected one for each of 60", id="59"),
        pytest.param("actual", np.full(60, 3), "classes: expected 0 to 2", id="a fourth class"),
        pytest.param("faces", np.full((59, 3), 1 / 3), "faces: expected shape", id="fewer faces"),
        pytest.param("faces", np.ones((60, 3)), "faces: expected rows", id="no distributions"),
    ],
)
def test_pictures_that_do_not_fit_one_another_are_refused(counts, pictures, name, values, message):
    with pytest.raises(EmoError, match=message):
        choose_settings(counts, CONFUSION, **pictures._asdict() | {name: values})


def test_networks_are_fitted_and_chosen_without_the_workshop():
    modules = "tensorflow", "keras", "sklearn", "matplotlib", "scipy"
    program = (
        "import sys, emo_tf.groups.scene_selection\n"
        f"print(sorted(set({modules}) & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == "[]"


class Published(NamedTuple):
    """The published tables and validation pictures, with what the published network said."""

    counts: SceneCounts
    confusion: np.ndarray
    pictures: Pictures
    predictions: dict[str, np.ndarray]


@pytest.fixture(scope="module")
def published(shared) -> Published:
    folder = shared / "data" / "group_scene_labels"
    verdicts = FaceVerdicts.read(folder / "val_predictions.csv")
    labels = SceneLabels.read(folder / "val_scene_labels.json")
    with (folder / "val_predictions.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return Published(
        SceneCounts.read(folder / "label_counts.csv"),
        # As in SOURCES, where positive comes first.
        np.array([[791, 552, 330], [387, 1097, 374], [210, 430, 2735]]),
        Pictures(
            [labels.of(picture) for picture in verdicts.pictures], verdicts.faces, verdicts.actual
        ),
        {
            name: np.array([GROUP_EMOTIONS.index(row[name]) for row in rows])
            for name in ("published_bayesian", "published_hybrid")
        },
    )


def test_the_published_network_says_what_was_published(published):
    network = published_network(published.counts, published.confusion)
    labels, faces, _ = published.pictures
    by_labels, hybrid = network.infer(labels).argmax(axis=1), network.infer(labels, faces)
    assert (by_labels == published.predictions["published_bayesian"]).mean() >= 0.975
    assert (hybrid.argmax(axis=1) == published.predictions["published_hybrid"]).mean() >= 0.975


def test_the_defaults_are_chosen_on_the_published_pictures_and_hold_out_of_fold(published):
    selection = choose_settings(
        published.counts, published.confusion, **published.pictures._asdict()
    )
    assert (selection.smoothing, selection.temper) == (SMOOTHING, TEMPER)
    figures = probability_figures(selection.out_of_fold, published.pictures.actual)
    assert figures["accuracy"] >= 0.70
    assert figures["ece"] <= 0.08
