import numpy as np
import pytest
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.runtime.scene_labeller import SceneLabeller
from emo_tf.weights import weight_path
from tests.detection_models import write_network
from tests.scene_classifiers import (
    SCENES,
    SIZE,
    write_other_classifier,
    write_own_classifier,
    write_quantised_classifier,
)

LINES = "\n".join(SCENES)
RED, ORANGE, TEAL = (255, 0, 0), (255, 128, 0), (0, 128, 255)


def picture(colour, *, height=40, width=30) -> np.ndarray:
    return np.broadcast_to(np.uint8(colour), (height, width, 3))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classifiers")
    (folder / "labels.txt").write_text(LINES)
    return folder


@pytest.fixture(scope="module")
def own(folder):
    return write_own_classifier(folder / "own.tflite")


@pytest.fixture(scope="module")
def other(folder):
    return write_other_classifier(folder / "other.tflite", files={"labels.txt": LINES})


def test_a_file_of_ours_says_its_labels_itself(own):
    labeller = SceneLabeller(own, threads=1)
    assert labeller.vocabulary == frozenset(SCENES)
    assert labeller.label(picture(RED)) == ("desert",)


def test_labels_come_by_falling_score_down_to_the_smallest_that_counts(own):
    assert SceneLabeller(own, min_score=0, threads=1).label(picture(TEAL)) == SCENES[::-1]
    # softmax of (-4, 0.016, 4)
    labeller = SceneLabeller(own, min_score=0.0184, threads=1)
    assert labeller.label(picture(TEAL)) == ("sea",)
    labeller = SceneLabeller(own, min_score=0.0182, threads=1)
    assert labeller.label(picture(TEAL)) == ("sea", "forest")


def test_only_the_best_count_and_a_label_counts_once(folder):
    labels = ["A_Crane, bird", "crane, machine", "a crane"]
    path = write_own_classifier(folder / "twice.tflite", labels=labels)
    labeller = SceneLabeller(path, min_score=0, threads=1)
    assert labeller.vocabulary == {"a crane", "crane"}
    assert labeller.label(picture(TEAL)) == ("a crane", "crane")
    labeller = SceneLabeller(path, top=1, min_score=0, threads=1)
    assert labeller.label(picture(ORANGE)) == ("a crane",)


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        pytest.param("softmax", ("desert",), id="softmax"),
        pytest.param("sigmoid", ("desert", "forest"), id="sigmoid is left as it is"),
        pytest.param("none", ("desert",), id="logits go through a softmax"),
    ],
)
def test_kinds_of_scores_are_told_apart(activation, expected, folder):
    path = write_other_classifier(folder / f"{activation}.tflite", activation=activation)
    labeller = SceneLabeller(path, labels=folder / "labels.txt", min_score=0.4, threads=1)
    assert labeller.label(picture(ORANGE)) == expected


def test_logits_that_happen_to_lie_in_0_to_1_go_through_the_softmax_too(folder):
    path = write_other_classifier(folder / "logits.tflite", activation="none")
    grey = (136, 136, 136)  # logits of 0.27, a third each after the softmax
    for min_score, expected in ((0.33, set(SCENES)), (0.34, set())):
        labeller = SceneLabeller(path, labels=folder / "labels.txt", min_score=min_score, threads=1)
        assert set(labeller.label(picture(grey))) == expected


@pytest.mark.parametrize(
    ("activation", "expected"),
    [("softmax", ("desert",)), ("sigmoid", ("desert", "forest")), ("none", ("desert",))],
)
def test_integers_are_read_by_their_scale_and_zero_point(activation, expected, folder):
    path = write_quantised_classifier(folder / f"{activation}8.tflite", activation=activation)
    labeller = SceneLabeller(path, labels=folder / "labels.txt", min_score=0.4, threads=1)
    assert labeller.label(picture(ORANGE)) == expected


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [(None, "minus"), ("-1..1", "minus"), ("0..1", "small"), ("0..255", "large")],
)
def test_float_pixels_come_in_the_range_that_was_asked_for(pixels, expected, folder):
    values = np.float32([-0.6, 0.2, 51])  # what 51 becomes

    def nearness(image):
        return tf.exp(-tf.abs(tf.reduce_mean(image) - values))[None]

    path = write_network(folder / "range.tflite", nearness, size=SIZE, dtype=tf.float32)
    (folder / "ranges.txt").write_text("minus\nsmall\nlarge\n")
    labeller = SceneLabeller(
        path, labels=folder / "ranges.txt", pixels=pixels, min_score=0.99, threads=1
    )
    assert labeller.label(picture((51, 51, 51))) == (expected,)


def test_the_first_text_in_the_zip_with_enough_lines_holds_the_labels(folder):
    files = {
        "readme.txt": "A classifier\nof scenes",
        "labels.csv": "a\nb\nc",
        "labels_en.txt": "Sand\nWood\nWater\n",
        "labels_de.txt": "Sand\nWald\nWasser\n",
    }
    path = write_other_classifier(folder / "zip.tflite", files=files)
    assert SceneLabeller(path, threads=1).vocabulary == {"sand", "wood", "water"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param({}, "Received: none", id="no zip"),
        pytest.param({"a.csv": LINES}, "Received: none", id="no text"),
        pytest.param({"a.txt": "1\n2"}, "Received: a.txt of 2 lines", id="another number"),
    ],
)
def test_a_model_without_labels_asks_for_them(files, message, folder):
    path = write_other_classifier(folder / "unlabelled.tflite", files=files)
    with pytest.raises(
        EmoError, match=rf"unlabelled.tflite: expected 3 labels.*--labels.*{message}"
    ):
        SceneLabeller(path, threads=1)


def test_a_given_label_file_goes_before_the_one_in_the_model(other, folder):
    (folder / "given.txt").write_text("a\nb\nc")
    labeller = SceneLabeller(other, labels=folder / "given.txt", threads=1)
    assert labeller.vocabulary == {"a", "b", "c"}


def returns(value):
    """Returns a network that gives `value` whatever it sees."""

    def classify(image):
        return tf.nest.map_structure(
            lambda one: one + tf.cast(tf.reduce_sum(tf.cast(image, tf.float32)) * 0, one.dtype),
            value,
        )

    return classify


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(tf.zeros((1, 2, 3)), id="three dimensions"),
        pytest.param(tf.zeros((2, 3)), id="two pictures"),
        pytest.param((tf.zeros((1, 3)), tf.zeros((1, 3))), id="two outputs"),
        pytest.param(tf.zeros((1, 3), tf.int32), id="whole numbers"),
    ],
)
def test_models_that_give_something_else_are_refused(value, folder):
    path = write_network(folder / "odd.tflite", returns(value), size=SIZE)
    with pytest.raises(EmoError, match=r"odd.tflite: expected an image classifier that gives one"):
        SceneLabeller(path, labels=folder / "labels.txt", threads=1)


def test_models_that_take_something_else_are_refused(folder):
    path = write_network(folder / "odd.tflite", returns(tf.zeros((1, 3))), dtype=tf.int32)
    with pytest.raises(EmoError, match=r"expected an image classifier that takes one picture"):
        SceneLabeller(path, labels=folder / "labels.txt", threads=1)


def test_scores_that_are_no_numbers_are_refused(folder):
    path = write_network(folder / "odd.tflite", returns(tf.fill((1, 3), np.nan)), size=SIZE)
    labeller = SceneLabeller(path, labels=folder / "labels.txt", threads=1)
    with pytest.raises(EmoError, match=r"odd.tflite: expected scores of 0 to 1.*nan"):
        labeller.label(picture(RED))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"task": "group"}, "expected a model of task scene. Received: group", id="task"
        ),
        pytest.param({"output": "score"}, "expected the output probabilities", id="output"),
        pytest.param({"labels": ()}, "with 0 labels", id="no labels"),
        pytest.param({"labels": ("a", "b")}, "probabilities of 2 labels", id="two labels"),
    ],
)
def test_files_of_ours_that_are_no_scene_classifier_are_refused(change, message, folder):
    path = write_own_classifier(folder / "odd.tflite", **change)
    with pytest.raises(EmoError, match=rf"odd.tflite: .*{message}"):
        SceneLabeller(path, threads=1).label(picture(RED))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param({"top": 0}, "top: expected 1 or more. Received: 0", id="top"),
        pytest.param({"min_score": 1.5}, "min_score: expected 0 to 1. Received: 1.5", id="score"),
        pytest.param(
            {"labels": "x.txt"}, "labels: expected only for a model of other", id="labels"
        ),
        pytest.param({"pixels": "0..1"}, "pixels: expected only for a model of other", id="pixels"),
    ],
)
def test_settings_that_a_file_of_ours_has_no_use_for_are_refused(settings, message, own):
    with pytest.raises(EmoError, match=message):
        SceneLabeller(own, **settings)


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        pytest.param("0..1", r"only for a model that takes float32. Received: 0\.\.1", id="uint8"),
        pytest.param("0..2", r"Unknown pixels.*Received: '0\.\.2'", id="unknown"),
    ],
)
def test_a_range_of_pixels_that_does_not_fit_is_refused(pixels, message, other):
    with pytest.raises(EmoError, match=message):
        SceneLabeller(other, pixels=pixels)


def test_files_that_are_no_classifier_are_named(tmp_path):
    with pytest.raises(EmoError, match=r"gone\.tflite: no such model file"):
        SceneLabeller(tmp_path / "gone.tflite")
    with pytest.raises(EmoError, match=r"task scene\. Received: expression"):
        SceneLabeller(weight_path("expression_float16"))
