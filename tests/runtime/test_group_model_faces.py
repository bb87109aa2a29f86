"""Models that look at faces, against numbers worked out by hand."""

import numpy as np
import pytest

from emo_tf.runtime.group_model import FACE_BATCH, GroupClassifier
from emo_tf.runtime.group_models import GroupModels
from emo_tf.runtime.group_picture import GroupPicture
from tests.group_models import GROUND, coloured_faces, verdict_on_faces, write_face_tflite

COLOURS = [(250, 40, 0), (0, 90, 30), (20, 0, 200), (120, 120, 120), (10, 10, 10), (90, 0, 90)]


def scene(*colours) -> GroupPicture:
    return GroupPicture(*coloured_faces(*colours))


def classified(classifier, *pictures):
    return classifier.classify([classifier.look(picture) for picture in pictures])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("face_models")


@pytest.fixture(scope="module")
def classifier(folder):
    return GroupClassifier(write_face_tflite(folder / "brightest.tflite"), threads=1)


@pytest.fixture(scope="module")
def with_scene(folder):
    path = write_face_tflite(folder / "both.tflite", name="both", image=(24, 32))
    return GroupClassifier(path, threads=1)


@pytest.mark.parametrize("count", range(1, 5))
def test_verdict_and_weights_are_those_worked_out_by_hand(classifier, count):
    (answer,) = classified(classifier, scene(*COLOURS[:count]))
    verdict, weights = verdict_on_faces(COLOURS[:count])
    np.testing.assert_allclose(answer.probabilities, verdict, atol=1e-3)
    np.testing.assert_allclose(answer.face_weights, weights, atol=1e-3)
    assert answer.face_weights.sum() == pytest.approx(1, abs=1e-12)
    assert answer.passed_over == 0


def test_weights_stand_at_their_faces_in_whatever_order_those_come(classifier):
    image, faces, _ = coloured_faces(*COLOURS[:3])
    pictures = GroupPicture(image, faces), GroupPicture(image, faces[::-1])
    answer, other = classified(classifier, *pictures)
    np.testing.assert_array_equal(answer.face_weights, other.face_weights[::-1])
    np.testing.assert_array_equal(answer.probabilities, other.probabilities)


def test_of_more_faces_than_it_takes_the_largest_are_looked_at_and_the_others_weigh_nothing(
    classifier,
):
    (answer,) = classified(classifier, scene(*COLOURS))
    verdict, weights = verdict_on_faces(COLOURS[:4])
    np.testing.assert_allclose(answer.probabilities, verdict, atol=1e-3)
    np.testing.assert_allclose(answer.face_weights, [*weights, 0, 0], atol=1e-3)
    assert answer.passed_over == 2


def test_without_a_face_a_model_of_faces_alone_says_nothing(classifier):
    first, none, last = classified(classifier, scene(COLOURS[0]), scene(), scene(COLOURS[1]))
    assert none is None
    for answer, colour in ((first, COLOURS[0]), (last, COLOURS[1])):
        np.testing.assert_allclose(answer.probabilities, verdict_on_faces([colour])[0], atol=1e-3)
    assert classified(classifier, scene()) == [None]
    assert classified(classifier) == []


def test_without_a_face_a_model_that_looks_at_the_picture_too_still_has_a_verdict(with_scene):
    (answer,) = classified(with_scene, scene())
    np.testing.assert_allclose(
        answer.probabilities, verdict_on_faces([], image=GROUND)[0], atol=1e-3
    )
    assert (answer.face_weights.tolist(), answer.passed_over) == ([], 0)


def test_picture_and_faces_are_looked_at_together(with_scene):
    colours = COLOURS[:2]
    picture = scene(*colours)
    (answer,) = classified(with_scene, picture)
    whole = picture.whole((24, 32)).mean(axis=(0, 1))
    verdict, weights = verdict_on_faces(colours, image=whole)
    np.testing.assert_allclose(answer.probabilities, verdict, atol=1e-3)
    np.testing.assert_allclose(answer.face_weights, weights, atol=1e-3)


def test_a_model_may_take_the_features_of_the_faces(folder):
    path = write_face_tflite(folder / "features.tflite", name="seen", takes="face_features")
    classifier = GroupClassifier(path, threads=1)
    (answer,) = classified(classifier, scene(*COLOURS))
    verdict, weights = verdict_on_faces(COLOURS[:4])
    np.testing.assert_allclose(answer.probabilities, verdict, atol=1e-4)
    np.testing.assert_allclose(answer.face_weights, [*weights, 0, 0], atol=1e-4)


def test_a_model_that_weighs_no_faces_has_no_weights(folder):
    path = write_face_tflite(folder / "mute.tflite", name="mute", weighs=False)
    (answer,) = classified(GroupClassifier(path, threads=1), scene(*COLOURS))
    assert (answer.face_weights, answer.passed_over) == (None, 2)


def test_pictures_of_many_and_of_few_faces_are_told_apart_in_any_number(classifier):
    counts = [1 + index % 4 for index in range(2 * FACE_BATCH // 4 + 3)]
    answers = classified(classifier, *(scene(*COLOURS[:count]) for count in counts))
    for answer, count in zip(answers, counts, strict=True):
        verdict, weights = verdict_on_faces(COLOURS[:count])
        np.testing.assert_allclose(answer.probabilities, verdict, atol=1e-3)
        np.testing.assert_allclose(answer.face_weights, weights, atol=1e-3)


def test_models_side_by_side_share_their_crops_and_ask_for_the_smallest_face(folder):
    paths = [
        write_face_tflite(folder / f"{name}.tflite", name=name, detection=detection, **settings)
        for name, detection, settings in (
            ("a", {"min_face": 24}, {}),
            ("b", {"min_face": 20}, {"image": (24, 32)}),
            ("c", None, {"crop": {"preset": "box"}, "size": (48, 48)}),
        )
    ]
    models = GroupModels(paths, threads=1)
    assert models.min_face == 20
    image, faces, features = coloured_faces(*COLOURS[:2])
    a, b, c = models.look(image, faces, features)
    assert a.arrays["faces"] is b.arrays["faces"]
    assert c.arrays["faces"].shape == (2, 48, 48, 3)
    ((answers),) = models.answer([(a, b, c)])
    assert list(answers) == ["a", "b", "c"]
    empty = models.look(image, (), features[:0])
    assert [list(one) for one in models.answer([empty, (a, b, c)])] == [["b"], ["a", "b", "c"]]
    assert GroupModels(paths[2:], threads=1).min_face is None
