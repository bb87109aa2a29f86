import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.group_model import BATCH, TAKEN_NAMES, GroupClassifier
from emo_tf.runtime.group_models import GroupModels
from emo_tf.runtime.group_picture import GroupPicture
from emo_tf.runtime.resizing import resize
from tests.group_models import SIZE, verdict_on_colour, write_group_tflite


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("group_models")


@pytest.fixture(scope="module")
def classifier(folder):
    return GroupClassifier(write_group_tflite(folder / "plain.tflite"), threads=1)


def classified(classifier, *images) -> np.ndarray:
    """What a model says of whole pictures, (N, 3)."""
    answers = classifier.classify([classifier.look(GroupPicture(image)) for image in images])
    assert all(answer.face_weights is None and not answer.passed_over for answer in answers)
    return np.reshape([answer.probabilities for answer in answers], (-1, 3))


def plain(*colours) -> list[np.ndarray]:
    """Pictures of one colour each."""
    return [np.full((50, 70, 3), colour, np.uint8) for colour in colours]


def test_the_verdict_on_a_plain_picture_is_the_one_worked_out_by_hand(classifier):
    colours = [(200, 30, 10), (0, 0, 0), (20, 90, 255)]
    by_hand = [verdict_on_colour(colour) for colour in colours]
    np.testing.assert_allclose(classified(classifier, *plain(*colours)), by_hand, atol=1e-4)
    assert classifier.name == "mean_colour"


def test_classes_come_in_the_order_of_the_contract_whatever_the_models(folder):
    path = folder / "turned.tflite"
    turned = write_group_tflite(path, labels=("positive", "negative", "neutral"))
    found = classified(GroupClassifier(turned, threads=1), *plain((200, 30, 10)))
    np.testing.assert_allclose(found, [verdict_on_colour((200, 30, 10))], atol=1e-4)


def test_a_picture_of_any_size_is_brought_to_that_of_the_model(classifier, photo):
    crop = classifier.look(GroupPicture(photo)).arrays["image"]
    np.testing.assert_array_equal(crop, resize(photo, SIZE))
    (found,) = classified(classifier, photo)
    np.testing.assert_allclose(found, verdict_on_colour(crop.mean(axis=(0, 1))), atol=1e-4)


@pytest.mark.parametrize("count", [0, 1, BATCH, 2 * BATCH + 3])
def test_any_number_of_pictures_keeps_its_order(classifier, count):
    colours = [(i, 255 - i, 0) for i in range(0, 6 * count, 6)]
    found = classified(classifier, *plain(*colours))
    assert found.shape == (count, 3)
    for row, colour in zip(found, colours, strict=True):
        np.testing.assert_allclose(row, verdict_on_colour(colour), atol=1e-4)
        assert row.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"task": "expression"},
            "a model of task group. Received: expression, which is for expression_model",
        ),
        ({"labels": ("sad", "happy")}, "the labels negative, neutral, positive.*sad, happy"),
        ({"size": (24, None)}, "a whole picture in colour and of fixed size"),
        ({"colour": "grey"}, "a whole picture in colour and of fixed size.*grey"),
        ({"output": "logits"}, "the output probabilities. Received: logits"),
        *(({"name": name}, f"a name other than .*Received: '{name}'") for name in TAKEN_NAMES),
    ],
    ids=["task", "labels", "size", "grey", "output", *TAKEN_NAMES],
)
def test_a_model_of_another_kind_is_refused_by_its_file(folder, settings, message):
    path = write_group_tflite(folder / "wrong.tflite", **settings)
    with pytest.raises(EmoError, match=rf"wrong\.tflite: expected {message}"):
        GroupClassifier(path)


def test_models_of_one_name_are_refused_and_both_files_named(folder):
    one, other = (write_group_tflite(folder / f"{n}.tflite", name="twin") for n in "ab")
    with pytest.raises(EmoError, match=r"names. Received: 'twin' for .*a\.tf.* and .*b\.tf"):
        GroupModels([one, other])


def test_models_keep_their_order(folder):
    paths = [write_group_tflite(folder / f"{name}.tflite", name=name) for name in ("z", "a")]
    assert GroupModels(paths, threads=1).names == ("z", "a")
    assert GroupModels().names == ()
