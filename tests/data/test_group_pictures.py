"""What batches of groups hold, from one process."""

import cv2
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data import example_reader, step_batches
from emo_tf.data.group_augment import GroupAugmentation
from emo_tf.data.group_inputs import GroupInputs
from emo_tf.data.picture_augment import PictureAugmentation
from emo_tf.results import Face
from emo_tf.runtime.face_align import crop_face
from emo_tf.runtime.resizing import resize
from tests.data.conftest import EMPTY

ONE_EPOCH = {"epoch": 0, "seed": 1, "augmentation": None}
CHANGED = GroupAugmentation(
    picture=PictureAugmentation(zoom=0.1, saturation=0.2),
    faces=PictureAugmentation(rotation_degrees=8, brightness=0.3),
)
FACES = GroupInputs(faces=3, alignment="vlgiitr")


@pytest.fixture(scope="module")
def stored(groups) -> list[dict]:
    """The first ten examples of train as TFDS itself reads them, the picture as OpenCV does."""
    whole = {"image": tfds.decode.SkipDecoding()}
    examples = tfds.as_numpy(groups.as_dataset(split="train", decoders=whole).take(10))
    return [
        {**e, "image": cv2.imdecode(np.frombuffer(e["image"], np.uint8), 1)[..., ::-1]}
        for e in examples
    ]


def by_picture(batches: list[dict]) -> list[dict]:
    """Returns the pictures of batches, each with its own faces."""
    found = []
    for batch in batches:
        ends = np.cumsum(batch["face_mask"].sum(axis=1).astype(int))
        for place, end in enumerate(ends):
            row = {name: values[place] for name, values in batch.items() if name != "faces"}
            row["faces"] = batch["faces"][end - int(batch["face_mask"][place].sum()) : end]
            found.append(row)
    return found


def test_pictures_and_faces_are_those_that_are_stored(pictures, read, stored):
    split = pictures()
    rows = by_picture(read(split.evaluation()))[: split.count]

    for row, example in zip(rows, stored, strict=True):
        np.testing.assert_array_equal(row["image"], resize(example["image"], (24, 20)))
        np.testing.assert_array_equal(row["faces"], example["faces"]["sphereface"][:3])
        there = min(3, len(example["faces"]["score"]))
        np.testing.assert_array_equal(row["face_mask"], [1] * there + [0] * (3 - there))
        assert row["label"] == example["label"]
    assert split.filenames() == tuple(example["filename"].decode() for example in stored)
    np.testing.assert_array_equal(split.labels(), [example["label"] for example in stored])
    np.testing.assert_array_equal(split.face_counts(), [e["face_count"] for e in stored])
    np.testing.assert_array_equal(np.nonzero(split.face_counts() == 0)[0], EMPTY)


def test_a_batch_without_any_face_has_one_black_one_that_is_masked(pictures, read):
    batch = read(pictures().evaluation())[1]  # Three without a face and one with.
    alone = read(pictures(batch_size=1).evaluation())[5]

    assert len(batch["faces"]) == batch["face_mask"].sum() == 3
    np.testing.assert_array_equal(alone["faces"], np.zeros((1, 112, 96, 3)))
    np.testing.assert_array_equal(alone["face_mask"], [[0, 0, 0]])


def test_features_come_with_a_mask_of_their_own(pictures, read, stored):
    both = GroupInputs(faces=1, alignment="sphereface", features=27)
    (alone,) = read(pictures(inputs=GroupInputs(features=27), batch_size=10).evaluation())
    (beside,) = read(pictures(inputs=both, batch_size=10).evaluation())

    assert set(alone) == {"label", "face_features", "face_mask", "weight"}
    assert beside["face_mask"].shape == (10, 1)
    np.testing.assert_array_equal(beside["feature_mask"], alone["face_mask"])
    for place, example in enumerate(stored):
        rows = example["faces"]["features"]
        assert alone["face_mask"][place].sum() == len(rows)
        np.testing.assert_array_equal(alone["face_features"][place, : len(rows)], rows)
        assert not alone["face_features"][place, len(rows) :].any()


@pytest.mark.parametrize("unit", ["pictures", "faces"])
def test_boxes_are_cut_out_as_the_runtime_does(pictures, read, stored, unit):
    inputs = GroupInputs(faces=2, alignment="box", face_size=(30, 30))
    batches = read(pictures(inputs=inputs, batch_size=1, unit=unit).evaluation())
    found = [face for b in batches for face in b["faces"] if face.any()]

    expected = []
    for example in stored:
        for box in example["faces"]["box_xywh"][:2]:
            face = Face(box_xywh=tuple(map(float, box)), score=1.0, landmarks=((0.0, 0.0),) * 5)
            options = {"size": (30, 30), "colour": "rgb"}
            expected.append(crop_face(example["image"], face, {"preset": "box"}, **options))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("cache", ["none", "memory"])
def test_single_faces_have_the_label_of_their_picture(pictures, read, stored, cache):
    split = pictures(inputs=FACES, batch_size=8, unit="faces", cache=cache)
    batches = read(split.evaluation())
    rows = {name: np.concatenate([b[name] for b in batches]) for name in batches[0]}

    assert set(rows) == {"faces", "label", "weight", "picture"}
    expected = [
        (place, face) for place, e in enumerate(stored) for face in e["faces"]["vlgiitr"][:3]
    ]
    assert split.count == len(expected) == rows["weight"].sum()
    whose, faces = zip(*expected, strict=True)
    np.testing.assert_array_equal(rows["picture"][: split.count], whose)
    np.testing.assert_array_equal(rows["faces"][: split.count], faces)
    labels = np.array([e["label"] for e in stored])[np.array(whose)]
    np.testing.assert_array_equal(rows["label"][: split.count], labels)
    np.testing.assert_array_equal(split.labels(), labels)
    assert len(split.filenames()) == 10


@pytest.mark.parametrize("cache", ["none", "memory"])
def test_an_epoch_visits_every_face_once(pictures, read, cache):
    split = pictures(inputs=FACES, batch_size=1, unit="faces", cache=cache)
    every_face = pictures(inputs=FACES, batch_size=split.count, unit="faces")
    (everything,) = read(every_face.evaluation())
    batches = read(split.training(**ONE_EPOCH))

    assert len(batches) == split.steps() == split.count > 10
    sums, expected = (
        sorted(np.concatenate([b["faces"] for b in part]).sum(axis=(1, 2, 3)))
        for part in (batches, [everything])
    )
    assert sums == expected
    labels = np.concatenate([batch["label"] for batch in batches])
    assert not np.array_equal(labels, everything["label"])


def test_an_epoch_visits_every_picture_once_in_an_order_of_its_own(pictures, read):
    split = pictures(batch_size=5)
    orders = [
        [tuple(b["image"].sum(axis=(1, 2, 3))) for b in read(split.training(**options))]
        for options in (ONE_EPOCH, ONE_EPOCH, ONE_EPOCH | {"epoch": 1}, ONE_EPOCH | {"seed": 2})
    ]
    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders}) == 3
    assert len({tuple(sorted(sum(order, ()))) for order in orders}) == 1


@pytest.mark.parametrize("cache", ["none", "memory"])
@pytest.mark.parametrize("unit", ["pictures", "faces"])
def test_an_epoch_can_be_taken_up_at_any_step(pictures, read, assert_same, unit, cache):
    inputs = {"inputs": FACES} if unit == "faces" else {}
    split = pictures(unit=unit, cache=cache, **inputs)
    whole = read(split.training(epoch=2, seed=3, augmentation=CHANGED))
    rest = read(split.training(epoch=2, seed=3, augmentation=CHANGED, first_step=1))
    assert_same(rest, whole[1:])


def test_neither_processors_nor_the_global_seed_matter(pictures, read, assert_same, monkeypatch):
    split = pictures("train+val", limit=None)

    def batches(count: int) -> list[dict]:
        for module in (example_reader, step_batches):
            monkeypatch.setattr(module, "processors", lambda: count)
        tf.random.set_seed(count)
        return read(split.training(epoch=1, seed=5, augmentation=CHANGED))

    assert_same(batches(1), batches(7))


def test_pictures_and_faces_are_changed_apart_and_by_themselves(pictures, read):
    still = PictureAugmentation(flip=False)
    options = {"epoch": 0, "seed": 1}
    plain, mirrored = (
        by_picture(read(pictures().training(augmentation=augmentation, **options)))
        for augmentation in (None, GroupAugmentation(picture=still))
    )
    flips = []
    for row, other in zip(plain, mirrored, strict=True):
        np.testing.assert_array_equal(other["image"], row["image"])
        for face, changed in zip(row["faces"], other["faces"], strict=True):
            flips.append(not np.array_equal(changed, face))
            np.testing.assert_array_equal(changed, face[:, ::-1] if flips[-1] else face)
    assert 0 < sum(flips) < len(flips)


def test_shapes_and_types_are_known_beforehand(pictures):
    spec = pictures().training(epoch=0, seed=0, augmentation=CHANGED).element_spec
    assert spec == {
        "label": tf.TensorSpec(4, tf.int32),
        "image": tf.TensorSpec((4, 24, 20, 3)),
        "faces": tf.TensorSpec((None, 112, 96, 3)),
        "face_mask": tf.TensorSpec((4, 3)),
    }
    faces = pictures(inputs=FACES, unit="faces").evaluation().element_spec
    assert faces["faces"] == tf.TensorSpec((4, 96, 112, 3))
    assert pictures().evaluation().options().autotune.enabled is False


def test_pictures_alone_need_no_faces(pictures, read):
    (batch,) = read(pictures(inputs=GroupInputs(image_size=(8, 8)), batch_size=10).evaluation())
    assert set(batch) == {"image", "label", "weight"}
