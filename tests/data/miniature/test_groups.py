import dataclasses

import numpy as np
import pytest

from emo_tf.data.miniature.groups import draw_picture, plan_picture, score_evidence
from emo_tf.labels import GROUP_EMOTIONS


@pytest.fixture(scope="module")
def pictures():
    return [plan_picture(number, seed=0) for number in range(1500)]


def test_a_picture_holds_one_large_face_or_two_and_hardly_any_small_ones_or_a_crowd(pictures):
    large = [sum(face.height > 100 for face in picture.faces) for picture in pictures]
    small = [sum(face.height < 45 for face in picture.faces) for picture in pictures]
    assert set(large) == {1, 2}
    assert set(small) == {0, 1, 9, 10, 11, 12}
    assert [len(picture.faces) for picture in pictures] == np.add(large, small).tolist()


def test_every_label_occurs_about_as_often(pictures):
    shares = [np.mean([p.label == label for p in pictures]) for label in GROUP_EMOTIONS]
    assert min(shares) > 0.25


def test_large_faces_decide(pictures):
    """A mean that counts all faces alike knows less than one that weighs them by area."""
    leanings = {"happy": 1, "surprise": 0, "neutral": 0}

    def correlation(power):
        moods = [
            np.average(
                [leanings.get(face.expression, -1) for face in picture.faces],
                weights=[face.height**power for face in picture.faces],
            )
            for picture in pictures
        ]
        labels = [GROUP_EMOTIONS.index(picture.label) for picture in pictures]
        return np.corrcoef(moods, labels)[0, 1]

    assert correlation(2) > correlation(0) + 0.05


def test_both_beat_either_alone_and_either_beats_nothing(pictures):
    oracle = score_evidence(pictures, measured_on="many")
    none, faces, scene, both = (
        oracle.scores[name][0] for name in ("none", "faces", "scene", "both")
    )
    assert both > faces + 0.1
    assert both > scene + 0.1
    assert min(faces, scene) > none + 0.08


def test_the_detector_finds_the_faces(pictures, found_share):
    share, strays = found_share(map(draw_picture, pictures[:15]))

    assert share >= 0.95
    assert strays <= 1


def test_faces_lie_in_the_picture_and_do_not_cover_each_other(pictures):
    for picture in pictures[:10]:
        canvas, boxes = draw_picture(picture)
        cover = np.zeros(canvas.shape[:2], int)
        for x, y, width, height in np.round(boxes).astype(int):
            assert x >= 0
            assert y + height <= canvas.shape[0]
            cover[y : y + height, x : x + width] += 1
        assert (cover > 1).mean() < 0.004


def test_the_same_number_draws_the_same_pixels(pictures):
    first, again = draw_picture(pictures[3])[0], draw_picture(plan_picture(3, seed=0))[0]
    other = draw_picture(dataclasses.replace(pictures[3], seed=(9, 3, 1)))[0]

    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
