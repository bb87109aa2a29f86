"""Which clips a mixture shows, and how often."""

import numpy as np
import pytest

from emo_tf.data import builders
from emo_tf.data.clip_augment import ClipAugmentation
from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clip_mixture import ClipMixture
from emo_tf.data.clip_sampling import class_chances
from emo_tf.data.clips import Clips
from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.data.sharing import Share
from emo_tf.data.still_faces import StillFaces
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS

STILL = ClipInputs(frames=1, size=(8, 8), colour="grey")
NEUTRAL = EXPRESSIONS.index("neutral")
LABELS = [0] * 5 + [3] * 40 + [5] * 3 + [NEUTRAL] * 80
DRAWN = {"steps": 500, "neutral_share": 0.33}


def faces(labels: list[int], *, first: int = 0, name: str = "faces") -> StillFaces:
    """Returns stills, each of one shade: its number from `first`."""
    shades = np.arange(first, first + len(labels), dtype=np.uint8)
    images = np.broadcast_to(shades[:, None, None, None], (len(labels), 8, 8, 1)).copy()
    ids = tuple(map(str, shades))
    known = LabelledFaces(images=images, labels=np.array(labels, np.int32), ids=ids)
    return StillFaces(known, inputs=STILL, name=name)


def shown(mixture: ClipMixture, read, **options) -> tuple[np.ndarray, np.ndarray]:
    """Returns the shade and the label of each clip of an epoch."""
    defaults = {"epoch": 0, "seed": 0, "augmentation": None}
    batches = read(mixture.training(**{**defaults, **options}))
    shades = np.concatenate([batch["clip"][:, 0, 0, 0, 0] for batch in batches])
    return shades.astype(int), np.concatenate([batch["label"][:, 0] for batch in batches])


def test_neutral_comes_with_its_share_and_the_others_evenly(read):
    shades, labels = shown(ClipMixture([faces(LABELS)], batch_size=8, **DRAWN), read)

    frequencies = np.bincount(labels, minlength=7) / len(labels)
    expected = [0.67 / 3, 0, 0, 0.67 / 3, 0, 0.67 / 3, 0.33]
    np.testing.assert_allclose(frequencies, expected, atol=0.025)
    np.testing.assert_array_equal(labels, np.array(LABELS)[shades])
    counts = np.bincount(shades, minlength=len(LABELS))
    assert counts.min() > 0
    assert len(set(shades[labels == 5])) == 3


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 1, 1, 6], [0.3, 0.3, 0, 0, 0, 0, 0.4]),
        ([0, 0, 1], [0.5, 0.5, 0, 0, 0, 0, 0]),
        ([6, 6], [0, 0, 0, 0, 0, 0, 1]),
        (list(range(7)), [0.1] * 6 + [0.4]),
    ],
    ids=["some lack", "without neutral", "neutral alone", "all"],
)
def test_classes_that_lack_leave_their_chance_to_the_others(labels, expected):
    np.testing.assert_allclose(class_chances(np.array(labels), neutral_share=0.4), expected)


def test_sources_come_with_their_shares(read):
    two = [faces(LABELS), faces([3, NEUTRAL], first=200)]
    options = {"batch_size": 8, "shares": (0.8, 0.2)}
    shades, labels = shown(ClipMixture(two, **options, **DRAWN), read)
    alike, _ = shown(ClipMixture(two, **options, steps=500), read)

    assert abs((shades >= 200).mean() - 0.2) < 0.02
    assert abs((labels[shades >= 200] == NEUTRAL).mean() - 0.33) < 0.06
    assert abs((alike >= 200).mean() - 0.2) < 0.02
    assert abs((alike[alike < 200] >= 48).mean() - 80 / 128) < 0.04


def test_without_steps_an_epoch_is_every_clip_once(read):
    two = [faces(LABELS), faces([3, NEUTRAL], first=200)]
    mixture = ClipMixture(two, batch_size=8)
    first, second = (
        shown(mixture, read, epoch=epoch, drop_remainder=False)[0].tolist() for epoch in (0, 1)
    )

    assert first != second
    assert sorted(first) == sorted(second) == [*range(128), 200, 201]
    assert mixture.steps() == 16
    assert mixture.steps(drop_remainder=False) == 17


@pytest.mark.parametrize("steps", [None, 20], ids=["plain", "drawn"])
def test_an_epoch_that_is_taken_up_goes_on_as_it_would_have(read, assert_same, steps):
    neutral_share = 0.33 if steps else None
    options = {"batch_size": 8, "steps": steps, "neutral_share": neutral_share}
    epoch = {"epoch": 2, "seed": 5, "augmentation": ClipAugmentation()}
    whole, rest = (
        read(ClipMixture([faces(LABELS)], **options).training(**epoch, first_step=first))
        for first in (0, 9)
    )
    other = read(ClipMixture([faces(LABELS)], **options).training(**{**epoch, "seed": 6}))

    assert_same(rest, whole[9:])
    assert not np.array_equal(whole[0]["clip"], other[0]["clip"])


@pytest.mark.parametrize(
    ("workers", "replicas"),
    [(2, 1), (1, 2), (2, 2)],
    ids=["two workers", "two devices", "two workers of two devices"],
)
def test_together_all_devices_train_on_the_batches_of_one(read, assert_same, workers, replicas):
    two = [faces(LABELS), faces([3, NEUTRAL], first=200)]
    options = {"batch_size": 8, "steps": 6, "neutral_share": 0.33, "shares": (0.5, 0.5)}
    epoch = {"epoch": 1, "seed": 5, "augmentation": ClipAugmentation(), "first_step": 1}
    whole = read(ClipMixture(two, **options).training(**epoch))
    parts = [
        read(ClipMixture(two, **options, share=Share(worker, workers, replicas)).training(**epoch))
        for worker in range(workers)
    ]

    joined = [
        {
            name: np.concatenate(
                [part[step * replicas + i][name] for part in parts for i in range(replicas)]
            )
            for name in whole[0]
        }
        for step in range(5)
    ]
    assert_same(joined, whole)


def test_prepared_data_sets_mix(video_twin, read):
    inputs = ClipInputs(frames=1, size=(16, 16))
    sources = [
        Clips(builders.prepared(name, data_dir=video_twin), "train", inputs=inputs, batch_size=4)
        for name in ("affectnet", "raf_db/basic")
    ]
    mixture = ClipMixture(sources, shares=(0.8, 0.2), batch_size=4, steps=10, neutral_share=0.33)
    batches = read(mixture.training(epoch=0, seed=0, augmentation=ClipAugmentation()))

    assert mixture.split == "affectnet train + raf_db train"
    assert mixture.count == sum(source.count for source in sources)
    assert len(batches) == mixture.steps() == 10
    assert batches[0]["clip"].shape == (4, 1, 16, 16, 3)
    with mixture.errors_named():
        assert {label for batch in batches for label in batch["label"].ravel()} <= set(range(7))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sources": []}, "sources: expected at least one. Received: none"),
        ({"sources": [faces([], name="nobody")]}, "nobody: expected clips .* Received: none"),
        ({"shares": (1,)}, "steps: expected a number where clips are drawn by shares"),
        ({"shares": (1, 2), "steps": 2}, "shares: expected 1 numbers above 0"),
        ({"shares": (0,), "steps": 2}, "shares: expected 1 numbers above 0"),
        ({"steps": 0}, "steps: expected at least 1. Received: 0"),
        ({"steps": 2, "neutral_share": 2}, "neutral_share: expected 0 to 1. Received: 2"),
        ({"batch_size": 500}, "faces: expected at least one batch of 500 clips. Received: 128"),
    ],
    ids=["no source", "nothing in it", "plain", "too many", "zero", "steps", "neutral", "batch"],
)
def test_mixtures_that_cannot_be_are_refused(options, message):
    arguments = {"sources": [faces(LABELS)], "batch_size": 4, **options}
    with pytest.raises(EmoError, match=message):
        ClipMixture(arguments.pop("sources"), **arguments).steps()


def test_sources_of_different_inputs_are_refused(video_twin):
    inputs = ClipInputs(frames=1, size=(16, 16))
    dataset = builders.prepared("fer2013", data_dir=video_twin)
    other = Clips(dataset, "train", inputs=inputs, batch_size=4)

    with pytest.raises(EmoError, match=r"fer2013 train: expected clips as of faces, .*Received: "):
        ClipMixture([faces(LABELS), other], batch_size=4)
