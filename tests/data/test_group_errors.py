"""Groups that cannot be read, and what is said of them."""

import numpy as np
import pytest

from emo_tf.data import builders
from emo_tf.data.group_inputs import GroupInputs
from emo_tf.data.sharing import Share
from emo_tf.errors import EmoError
from tests.data.group_data import edited

ONE_EPOCH = {"epoch": 0, "seed": 1, "augmentation": None}
FACES = GroupInputs(faces=3, alignment="sphereface")


@pytest.fixture(scope="module")
def pictures_alone(group_twin, tmp_path_factory):
    """The twin without its faces."""
    return builders.prepare(
        "group_affect/images",
        manual_dir=group_twin.parent / "raw",
        data_dir=tmp_path_factory.mktemp("images"),
        max_examples_per_split=2,
    )


@pytest.mark.parametrize(
    "inputs",
    [FACES, GroupInputs(faces=2, alignment="box", face_size=(9, 9)), GroupInputs(features=3)],
    ids=["crops", "boxes", "features"],
)
def test_a_data_set_of_pictures_alone_has_no_faces(pictures, pictures_alone, inputs):
    message = r"images/1\.0\.0: expected a data set with faces, as `emo-tf data build group_affect/"
    with pytest.raises(EmoError, match=message):
        pictures(dataset=pictures_alone, inputs=inputs)


def test_a_data_set_of_pictures_alone_is_read_without_faces(pictures, read, pictures_alone):
    split = pictures(dataset=pictures_alone, inputs=GroupInputs(image_size=(8, 8)), batch_size=2)
    (batch,) = read(split.training(**ONE_EPOCH))
    assert batch["image"].shape == (2, 8, 8, 3)
    np.testing.assert_array_equal(split.face_counts(), [0, 0])


def test_faces_that_are_cut_out_otherwise_are_an_error(pictures, groups, monkeypatch):
    monkeypatch.delitem(groups.info.features["faces"].feature._feature_dict, "sphereface")
    message = r"expected faces cut out as sphereface; .* makes both.* Received: vlgiitr$"
    with pytest.raises(EmoError, match=message):
        pictures(inputs=FACES)


def change_crop(data: bytes):
    def change(example):
        example.features.feature["faces/sphereface"].bytes_list.value[0] = data

    return change


def take_crops(example):
    example.features.feature["faces/sphereface"].Clear()


def other_preset(example):
    features = example.features.feature
    features["faces/sphereface"].CopyFrom(features["faces/vlgiitr"])


@pytest.mark.parametrize("unit", ["pictures", "faces"])
@pytest.mark.parametrize(
    ("damage", "received"),
    [
        (change_crop(b""), "Unknown image file format|empty|nput"),
        (change_crop(b"\x89PNG\r\n\x1a\n cut"), "PNG|image"),
        (take_crops, "fewer cut-out faces than faces are stored"),
        (other_preset, r"\[112,96,3\]"),
    ],
    ids=["an empty crop", "a damaged crop", "no crops", "crops of another size"],
)
def test_a_record_whose_crops_cannot_be_used_is_named(
    pictures, read, group_twin, tmp_path, unit, damage, received
):
    def edit(place, example):
        if place == 3:
            damage(example)

    dataset = edited(group_twin, tmp_path, edit)
    split = pictures(dataset=dataset, inputs=FACES, unit=unit)
    name = split.filenames()[3]
    message = (
        rf"^train: .*train\.tfrecord.*: {name}: expected a picture and faces cut out as "
        rf"sphereface\. Received: .*({received})"
    )
    with pytest.raises(EmoError, match=message), split.errors_named():
        read(split.training(**ONE_EPOCH))
    with pytest.raises(EmoError, match=message):
        pictures(dataset=dataset, inputs=FACES, unit=unit, cache="memory").evaluation()


def test_a_missing_file_is_named(pictures, group_twin, tmp_path):
    dataset = edited(group_twin, tmp_path, lambda place, example: None)
    split = pictures(dataset=dataset)
    (path,) = dataset.data_path.glob("*-train*")
    path.unlink()
    with pytest.raises(EmoError, match=rf"train: .*{path.name}: record 1: expected one"):
        split.labels()


def test_pictures_without_a_label_are_for_evaluation_alone(pictures, read):
    split = pictures("test")
    assert set(split.labels()) == {-1}
    assert len(read(split.evaluation()))
    with pytest.raises(EmoError, match=r"test: expected pictures with labels .* \d+ without one"):
        split.training(**ONE_EPOCH)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "inputs: expected pictures, faces or features"),
        ({"faces": -1}, "faces: expected 0 or more. Received: -1"),
        ({"faces": 3}, "alignment: expected one where there are faces"),
        ({"alignment": "box", "features": 3}, "alignment: expected one where there are faces"),
        ({"faces": 3, "alignment": "spherface"}, "Unknown alignment: did you mean sphereface"),
        ({"faces": 3, "alignment": "box"}, "face_size: expected a size for the alignment box"),
        (
            {"faces": 3, "alignment": "vlgiitr", "face_size": (64, 64)},
            "face_size: expected a size for the alignment box, and for no other",
        ),
    ],
    ids=["nothing", "negative", "no alignment", "no faces", "unknown", "no size", "size"],
)
def test_inputs_that_cannot_be_are_errors(arguments, message):
    with pytest.raises(EmoError, match=message):
        GroupInputs(**arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unit": "face"}, "Unknown unit: did you mean faces"),
        ({"unit": "faces"}, "inputs: expected faces alone for the unit faces"),
        ({"batch_size": 3, "share": Share(workers=2)}, "batch_size: expected a multiple of 2"),
        ({"cache": "disk"}, "cache_dir: expected a folder"),
        ({"cache": "dsik"}, "Unknown data.cache: did you mean disk"),
        ({"split": "trian"}, "Unknown split of group_affect: did you mean train"),
    ],
    ids=["unknown unit", "unit of pictures", "uneven batch", "no folder", "cache", "split"],
)
def test_arguments_that_cannot_be_are_errors(pictures, options, message):
    with pytest.raises(EmoError, match=message):
        pictures(**options)


def test_a_split_without_a_whole_batch_is_an_error(pictures):
    with pytest.raises(EmoError, match=r"train: expected at least one batch of 11 pictures.* 10$"):
        pictures(batch_size=11).steps()
