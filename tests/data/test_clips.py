"""What batches of clips hold, from one process and from several."""

import cv2
import numpy as np
import pytest
import tensorflow_datasets as tfds

from emo_tf.data import builders
from emo_tf.data.clip_augment import ClipAugmentation
from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clips import ClipData, Clips
from emo_tf.data.sharing import Share
from emo_tf.errors import EmoError
from emo_tf.labels import AFFECTNET_EXPRESSIONS, EXPRESSIONS
from emo_tf.runtime.box_crops import crop_box

SMALL = ClipInputs(frames=8, size=(24, 24))
STILL = ClipInputs(frames=1, size=(40, 40))
DATASETS = {
    "friends": "vtt_friends/clips8",
    "affectnet": "affectnet",
    "raf": "raf_db/basic",
    "fer2013": "fer2013",
}


@pytest.fixture(scope="module")
def clips(video_twin):
    """Makes `Clips`: `clips("friends", "validation", batch_size=4)`."""

    def make(name: str = "friends", split: str = "train", **options) -> Clips:
        dataset = builders.prepared(DATASETS[name], data_dir=video_twin)
        inputs = SMALL if name == "friends" else STILL
        return Clips(dataset, split, **{"inputs": inputs, "batch_size": 4, **options})

    return make


@pytest.fixture(scope="module")
def stored(video_twin):
    """Returns the examples of train as TFDS itself reads them."""

    def read(name: str) -> list[dict]:
        dataset = builders.prepared(DATASETS[name], data_dir=video_twin)
        whole = {"image": tfds.decode.SkipDecoding()} if name != "friends" else None
        return list(tfds.as_numpy(dataset.as_dataset(split="train", decoders=whole)))

    return read


def rows_of(batches: list[dict]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([b[name] for b in batches]) for name in batches[0]}


def pictures_of(example: dict) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(example["image"], np.uint8), 1)[..., ::-1]


def test_clips_of_friends_are_the_stored_frames_in_the_models_size(clips, read, stored):
    split = clips()
    rows = rows_of(read(split.evaluation()))
    examples = stored("friends")

    assert split.count == len(examples) == 16
    assert rows["clip"].shape == (16, 8, 24, 24, 3)
    assert rows["clip"].dtype == np.float32
    for clip, example in zip(rows["clip"], examples, strict=True):
        for frame, picture in zip(clip, example["frames"], strict=True):
            whole = (0, 0, *picture.shape[1::-1])
            np.testing.assert_array_equal(frame, crop_box(picture, whole, size=(24, 24)))
    assert (rows["clip"][:, 0] != rows["clip"][:, -1]).any(
        axis=(1, 2, 3)
    ).sum() > 4  # Half stand still.
    np.testing.assert_array_equal(rows["label"], np.tile(split.labels()[:, None], 8))
    np.testing.assert_array_equal(split.labels(), [example["label"] for example in examples])


@pytest.mark.parametrize(
    ("frames", "places"),
    [(1, [4]), (2, [3, 4]), (3, [3, 4, 5]), (4, [2, 3, 4, 5])],
    ids=["the key frame", "two", "three", "four"],
)
def test_shorter_clips_are_the_frames_round_the_key_frame(clips, read, frames, places):
    whole = rows_of(read(clips().evaluation()))
    inputs = ClipInputs(frames=frames, size=(24, 24))
    short = rows_of(read(clips(inputs=inputs).evaluation()))

    np.testing.assert_array_equal(short["clip"], whole["clip"][:, places])
    assert short["label"].shape == (16, frames)


def test_fer2013_is_as_it_is_stored_and_stands_for_all_frames(clips, read, stored):
    inputs = ClipInputs(frames=3, size=(48, 48), colour="grey")
    split = clips("fer2013", inputs=inputs)
    rows = rows_of(read(split.evaluation()))
    examples = stored("fer2013")

    expected = np.stack([pictures_of(example)[..., :1] for example in examples])
    for frame in range(3):
        np.testing.assert_array_equal(rows["clip"][: split.count, frame], expected)
    np.testing.assert_array_equal(split.labels(), [example["label"] for example in examples])


def test_contempt_does_not_occur(clips, read, stored):
    names = [AFFECTNET_EXPRESSIONS[example["expression"]] for example in stored("affectnet")]
    seven = [name for name in names if name in EXPRESSIONS]
    split = clips("affectnet")

    assert 0 < len(seven) < len(names)
    assert [EXPRESSIONS[label] for label in split.labels()] == seven
    assert split.count == len(seven)
    rows = rows_of(read(split.evaluation()))
    np.testing.assert_array_equal(rows["label"][: split.count, 0], split.labels())


@pytest.mark.parametrize("name", ["affectnet", "raf"])
def test_stills_show_the_square_of_the_published_training(clips, read, stored, name):
    """By hand: k = .5, the mean colour beyond the edges."""
    rows = rows_of(read(clips(name).evaluation()))
    labelled = [e for e in stored(name) if e.get("expression7", e.get("label")) >= 0]

    for clip, example in zip(rows["clip"], labelled, strict=False):
        picture = pictures_of(example).astype(np.float32)
        x, y, width, height = map(float, example["box_xywh"])
        margin = 0.5 * (width + height)
        side = np.sqrt((width + margin) * (height + margin))
        padded = np.broadcast_to(picture.mean(axis=(0, 1)), (3 * 400, 3 * 400, 3)).copy()
        padded[400 : 400 + picture.shape[0], 400 : 400 + picture.shape[1]] = picture
        left, top = (400 + v for v in (x + width / 2 - side / 2, y + height / 2 - side / 2))
        cut = padded[round(top) : round(top + side), round(left) : round(left + side)]
        expected = cv2.resize(cut, (40, 40), interpolation=cv2.INTER_AREA)
        assert np.abs(clip[0] - expected).mean() < 8


def test_an_epoch_shows_every_clip_once_in_another_order(clips, read):
    split = clips(batch_size=4)
    first, second, again = (
        read(split.training(epoch=epoch, seed=3, augmentation=None)) for epoch in (0, 1, 0)
    )

    def sums(batches: list[dict]) -> list[float]:
        return rows_of(batches)["clip"].sum(axis=(1, 2, 3, 4)).tolist()

    assert sums(first) == sums(again) != sums(second)
    assert sorted(sums(first)) == sorted(sums(second))
    assert split.steps() == len(first) == 4


def test_an_epoch_that_is_taken_up_goes_on_as_it_would_have(clips, read, assert_same):
    options = {"epoch": 1, "seed": 2, "augmentation": ClipAugmentation()}
    split = clips()

    assert_same(read(split.training(**options, first_step=3)), read(split.training(**options))[3:])
    cached = clips(settings=ClipData(cache="memory"))
    assert_same(read(cached.evaluation()), read(clips().evaluation()))


def test_all_devices_together_train_on_the_batches_of_one(clips, read, assert_same):
    options = {"epoch": 0, "seed": 2, "augmentation": ClipAugmentation()}
    settings = ClipData(sharding="batches")
    whole = read(clips(settings=settings).training(**options))
    parts = [
        read(clips(settings=settings, share=Share(worker, 2)).training(**options))
        for worker in range(2)
    ]

    joined = [rows_of(list(pair)) for pair in zip(*parts, strict=True)]
    assert_same(joined, whole)


@pytest.mark.parametrize("cache", ["none", "memory", "disk"])
def test_clips_at_any_places_are_those_of_evaluation(clips, read, tmp_path, cache):
    settings = ClipData(cache=cache)
    split = clips("affectnet", settings=settings, cache_dir=tmp_path)
    rows = rows_of(read(split.evaluation()))
    places = np.array([5, 0, 5, split.count - 1])

    found = read(split.chosen(places, np.zeros((4, 4))))
    for place, example in zip(places, found, strict=True):
        np.testing.assert_array_equal(example["clip"], rows["clip"][place])
        np.testing.assert_array_equal(example["label"], rows["label"][place])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "val"}, "one of train, validation. Received: 'val'"),
        (
            {"inputs": ClipInputs(frames=9, size=(8, 8))},
            "frames: expected at most 8, .* Received: 9",
        ),
    ],
    ids=["split", "frames"],
)
def test_what_the_data_set_has_not_is_said(clips, options, message):
    with pytest.raises(EmoError, match=message):
        clips(**options)


def test_a_data_set_of_something_else_is_refused(emotic_twin):
    with pytest.raises(
        EmoError, match=r"Unknown data set of expressions: .*vtt_friends. Received: 'emotic'"
    ):
        Clips(
            builders.prepared("emotic", data_dir=emotic_twin), "train", inputs=STILL, batch_size=1
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"frames": 0}, "frames: expected at least 1. Received: 0"),
        ({"size": (0, 4)}, r"size: expected a height and width above 0. Received: \(0, 4\)"),
        ({"colour": "gray"}, "Received: 'gray'"),
    ],
    ids=["frames", "size", "colour"],
)
def test_inputs_that_no_model_has_are_refused(arguments, message):
    with pytest.raises(EmoError, match=message):
        ClipInputs(**{"frames": 1, "size": (4, 4), **arguments})


def test_attributes_are_those_of_the_faces_of_the_seven_expressions(clips, stored):
    split = clips("affectnet")
    found = split.attributes(["expression7", "filename"])
    assert found["expression7"].tolist() == [EXPRESSIONS[label] for label in split.labels()]
    files = [one["filename"].decode() for one in stored("affectnet") if one["expression7"] >= 0]
    assert found["filename"].tolist() == files
    with pytest.raises(EmoError, match="Unknown attribute: did you mean filename"):
        split.attributes(["filenam"])
