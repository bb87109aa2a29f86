"""Clips made of stills."""

import numpy as np
import pytest

from emo_tf.data.clip_augment import MOVING
from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clip_mixture import ClipMixture
from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.data.moving_stills import MovingStills
from emo_tf.data.still_faces import StillFaces
from emo_tf.errors import EmoError

LABELS = np.repeat(np.arange(7), 6).astype(np.int32)
SHADES = np.arange(len(LABELS), dtype=np.uint8) * 6
FRAMES = 8


def stills(labels: np.ndarray = LABELS, **inputs) -> StillFaces:
    """Returns stills, each of one shade."""
    images = np.broadcast_to(SHADES[: len(labels), None, None, None], (len(labels), 6, 6, 1))
    ids = tuple(map(str, range(len(labels))))
    faces = LabelledFaces(images=images.copy(), labels=labels, ids=ids)
    options = {"frames": 1, "size": (6, 6), "colour": "grey", **inputs}
    return StillFaces(faces, inputs=ClipInputs(**options))


def clips(read, *, epochs: int = 5, **options) -> tuple[np.ndarray, np.ndarray]:
    """Returns the shade and the label of each frame, (N, T)."""
    moving = MovingStills(stills(), **{"frames": FRAMES, **options})
    mixture = ClipMixture([moving], batch_size=6)
    batches = [
        batch
        for epoch in range(epochs)
        for batch in read(mixture.training(epoch=epoch, seed=0, augmentation=None))
    ]
    assert batches[0]["clip"].shape[1:] == (options.get("frames", FRAMES), 6, 6, 1)
    shades, labels = (np.concatenate([b[name] for b in batches]) for name in ("clip", "label"))
    return shades[..., 0, 0, 0], labels


def test_without_change_one_still_stands_for_all_frames(read):
    shades, labels = clips(read, change=0, epochs=1)

    assert (shades == shades[:, :1]).all()
    assert sorted(shades[:, 0]) == SHADES.tolist()
    np.testing.assert_array_equal(labels, LABELS[(shades // 6).astype(int)])


def test_its_share_of_the_clips_changes_to_another_label(read):
    shades, labels = clips(read, change=0.4, epochs=10)
    changes = labels[:, 0] != labels[:, -1]

    assert abs(changes.mean() - 0.4) < 0.08
    np.testing.assert_array_equal(shades[~changes], np.repeat(shades[~changes][:, :1], FRAMES, 1))
    for column, place in ((0, shades[:, 0]), (-1, shades[:, -1])):
        settled = np.isin(place, SHADES)
        known = LABELS[(place[settled] // 6).astype(int)]
        assert (labels[settled, column] == known).mean() > 0.95  # A fade may begin at the edge.
    pairs = {(before, after) for before, after in labels[changes][:, [0, -1]]}
    assert len(pairs) > 35  # Of 42.


@pytest.mark.parametrize("frames", [2, 3, 8])
def test_a_change_shows_both_labels_and_goes_once_from_one_to_the_other(read, frames):
    shades, labels = clips(read, change=1, frames=frames, epochs=4)

    assert (labels[:, 0] != labels[:, -1]).all()
    assert ((np.diff(labels, axis=1) != 0).sum(axis=1) == 1).all()
    steps = np.diff(shades, axis=1)
    assert (np.abs(np.sign(steps).sum(axis=1)) == (steps != 0).sum(axis=1)).all()  # One direction.


@pytest.mark.parametrize("fade", [(1, 1), (4, 4)], ids=["1 frame", "4 frames"])
def test_a_fade_takes_its_frames(read, fade):
    shades, _ = clips(read, change=1, fade=fade, frames=12)
    between = ~np.isin(shades, SHADES)
    inner = between[(~between[:, 0]) & (~between[:, -1])]

    assert inner.sum(axis=1).max() <= fade[1]
    assert inner.sum(axis=1).mean() > fade[0] / 2


def test_a_frame_has_the_label_of_the_still_that_is_nearer(read):
    shades, labels = clips(read, change=1, fade=(3, 3), frames=12)
    settled = (shades[:, 0] == shades[:, 1]) & (shades[:, -1] == shades[:, -2])
    first, last = shades[settled, :1], shades[settled, -1:]
    share = (shades[settled] - first) / (last - first)

    clear = np.abs(share - 0.5) > 0.02
    expected = np.where(share < 0.5, labels[settled, :1], labels[settled, -1:])
    np.testing.assert_array_equal(labels[settled][clear], expected[clear])


def test_the_same_seed_and_epoch_give_the_same_clips(read, assert_same):
    epoch = {"epoch": 3, "seed": 1, "augmentation": MOVING}
    mixture = ClipMixture([MovingStills(stills(), frames=4)], batch_size=6)
    first, again, rest = (read(mixture.training(**epoch, first_step=step)) for step in (0, 0, 4))

    assert_same(first, again)
    assert_same(rest, first[4:])


def test_stills_are_given_the_size_and_colour_of_the_model(read):
    grown = stills(size=(9, 9), colour="rgb", frames=2)
    (clip,) = read(grown.chosen(np.array([5]), np.zeros((1, 4))))

    np.testing.assert_array_equal(clip["clip"], np.full((2, 9, 9, 3), SHADES[5]))
    np.testing.assert_array_equal(clip["label"], [0, 0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frames": 1}, "frames: expected at least 2 where faces change. Received: 1"),
        ({"change": 1.5}, "change: expected 0 to 1. Received: 1.5"),
        ({"fade": (0, 3)}, r"fade: expected 1 <= fewest <= most. Received: \(0, 3\)"),
        ({"stills": {"frames": 2}}, "stills: expected clips of 1 frame. Received: 2 frames"),
        ({"stills": {"labels": LABELS[:4]}}, "faces: expected stills of two expressions or more"),
    ],
    ids=["frames", "change", "fade", "clips", "one label"],
)
def test_what_cannot_be_made_is_refused(options, message):
    arguments = {"frames": FRAMES, **options}
    known = stills(**arguments.pop("stills", {}))
    with pytest.raises(EmoError, match=message):
        MovingStills(known, **arguments)
