import dataclasses
import hashlib

import numpy as np
import pytest

from emo_tf.data.miniature.group_labels import FEWEST, MOST, VOCABULARY, scene_labels_of
from emo_tf.data.miniature.groups import plan_picture


@pytest.fixture(scope="module")
def pictures():
    return [plan_picture(number, seed=0) for number in range(1500)]


@pytest.fixture(scope="module")
def labels(pictures):
    return [scene_labels_of(picture) for picture in pictures]


def share(labels, word, *, among) -> float:
    """How often a word is said of the pictures that a mask picks."""
    return float(
        np.mean([word in words for words, picked in zip(labels, among, strict=True) if picked])
    )


def test_a_picture_has_two_to_ten_words_each_once(labels):
    lengths = {len(words) for words in labels}
    assert lengths == set(range(FEWEST, MOST + 1))
    assert (FEWEST, MOST) == (2, 10)
    assert all(len(set(words)) == len(words) for words in labels)


def test_sixty_to_a_hundred_words_in_lower_case_are_all_said(labels):
    said = {word for words in labels for word in words}
    assert said == set(VOCABULARY)
    assert 60 <= len(said) <= 100
    assert all(word == word.strip().lower() for word in said)


@pytest.mark.parametrize(
    ("word", "kind", "cue"),
    [
        ("umbrella", "weather", "rain"),
        ("party", "place", "party"),
        ("hospital", "place", "hospital"),
        ("orange", "colour", "warm"),
    ],
)
def test_words_tell_the_scene_imperfectly(pictures, labels, word, kind, cue):
    shown = np.array([getattr(picture.scene, kind) == cue for picture in pictures])
    there, elsewhere = (share(labels, word, among=mask) for mask in (shown, ~shown))
    assert 0.1 < there < 0.9
    assert 0 < elsewhere < there / 4


def test_words_of_one_thing_come_together(pictures, labels):
    """More often than their shares alone would bring it about."""
    parties = np.array([picture.scene.place == "party" for picture in pictures])
    with_event = np.array(["event" in words for words in labels])
    both = share(labels, "balloon", among=with_event)
    assert both > 2 * share(labels, "balloon", among=~with_event)
    assert share(labels, "party", among=parties & with_event) > 0.5


def test_words_do_not_depend_on_faces_or_label(pictures):
    for picture in pictures[:20]:
        other = dataclasses.replace(picture, faces=picture.faces[:1], label="neutral")
        assert scene_labels_of(other) == scene_labels_of(picture)


def test_words_stay_as_they_are(labels):
    """A twin of a seed never changes."""
    assert (
        hashlib.sha1(repr(labels).encode()).hexdigest()
        == "639b29faf357f4be2f3978c7eda4bd20f89a3d58"
    )
