import hashlib
import shutil

import numpy as np
import pytest
from PIL import Image

from emo_tf.data.fer2013 import load_fer2013
from emo_tf.data.miniature.fer2013 import write_fer2013
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS

TRAINING, PUBLIC_TEST, PRIVATE_TEST = 12, 3, 2  # of each of the seven classes


def hashes(faces):
    return [hashlib.sha1(image.tobytes()).hexdigest() for image in faces.images]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return write_fer2013(
        tmp_path_factory.mktemp("folders"),
        training=TRAINING,
        public_test=PUBLIC_TEST,
        private_test=PRIVATE_TEST,
    )


@pytest.fixture(scope="module")
def fer2013(folders, tmp_path_factory):
    return load_fer2013(manual_dir=folders, data_dir=tmp_path_factory.mktemp("prepared"))


def test_the_parts_hold_every_face_once(fer2013):
    assert fer2013.left_out == 7  # The first picture of each class, which PublicTest repeats.
    assert len(fer2013.training) + len(fer2013.held_out) == 7 * TRAINING - 7
    assert len(fer2013.public_test) == 7 * PUBLIC_TEST
    assert len(fer2013.private_test) == 7 * PRIVATE_TEST
    everything = [*hashes(fer2013.training), *hashes(fer2013.held_out)]
    assert len(set(everything)) == len(everything)


def test_pixels_and_labels_are_those_of_the_picture_that_the_id_names(fer2013, folders):
    for part, folder in ((fer2013.training, "train"), (fer2013.public_test, "test")):
        assert part.images.shape == (len(part), 48, 48, 1)
        for image, label, name in zip(part.images, part.labels, part.ids, strict=True):
            with Image.open(folders / folder / f"{name}.png") as picture:
                np.testing.assert_array_equal(image[..., 0], np.array(picture))
            assert EXPRESSIONS[label] == name.split("/")[0]


def test_no_test_picture_is_left_to_train_on(fer2013):
    test = {*hashes(fer2013.public_test), *hashes(fer2013.private_test)}

    assert test.isdisjoint(hashes(fer2013.training))
    assert test.isdisjoint(hashes(fer2013.held_out))


def test_public_test_pictures_that_training_repeats_are_marked(fer2013):
    repeated = np.array(fer2013.public_test.ids)[fer2013.public_test_duplicates]

    # The first PublicTest picture of each class; numbers go on from class to class.
    each = TRAINING + PUBLIC_TEST + PRIVATE_TEST
    assert sorted(repeated) == sorted(
        f"{label}/PublicTest_{code * each + TRAINING:05d}" for code, label in enumerate(EXPRESSIONS)
    )


def test_the_held_out_tenth_follows_from_the_pixels(fer2013):
    assert {int(sha1[:8], 16) % 10 for sha1 in hashes(fer2013.held_out)} == {0}
    assert 0 not in {int(sha1[:8], 16) % 10 for sha1 in hashes(fer2013.training)}


def test_the_order_does_not_depend_on_the_form_of_the_source(fer2013, tmp_path):
    table = write_fer2013(
        tmp_path / "table",
        form="csv",
        training=TRAINING,
        public_test=PUBLIC_TEST,
        private_test=PRIVATE_TEST,
    )

    other = load_fer2013(manual_dir=table, data_dir=tmp_path / "prepared")

    for name in ("training", "held_out", "public_test", "private_test"):
        part, same = getattr(fer2013, name), getattr(other, name)
        np.testing.assert_array_equal(part.images, same.images)
        np.testing.assert_array_equal(part.labels, same.labels)
    np.testing.assert_array_equal(fer2013.public_test_duplicates, other.public_test_duplicates)


def test_pictures_with_two_labels_keep_both_in_a_fixed_order(folders, tmp_path):
    copies = shutil.copytree(folders, tmp_path / "raw")
    for label in ("sad", "angry", "happy"):
        shutil.copy(
            copies / "train" / "fear" / "Training_00040.png",
            copies / "train" / label / "Training_99999.png",
        )

    twice = load_fer2013(manual_dir=copies, data_dir=tmp_path / "prepared")

    parts = [part for part in (twice.training, twice.held_out) if "fear/Training_00040" in part.ids]
    (part,) = parts
    place = part.ids.index("angry/Training_99999")
    assert part.ids[place : place + 4] == (
        "angry/Training_99999",
        "fear/Training_00040",
        "happy/Training_99999",
        "sad/Training_99999",
    )


def test_the_private_test_may_be_missing(folders, tmp_path):
    copies = shutil.copytree(
        folders, tmp_path / "raw", ignore=shutil.ignore_patterns("PrivateTest_*")
    )

    assert load_fer2013(manual_dir=copies, data_dir=tmp_path / "prepared").private_test is None


@pytest.mark.parametrize(
    ("folder", "split"), [("train", "train"), ("test", "public_test")], ids=["train", "test"]
)
def test_a_source_without_training_or_public_test_is_an_error(folders, tmp_path, folder, split):
    copies = shutil.copytree(folders, tmp_path / "raw")
    shutil.rmtree(copies / folder)
    if folder == "test":
        (copies / "test" / "sad").mkdir(parents=True)

    with pytest.raises(EmoError, match=f"expected the splits train and public_test.* no {split}"):
        load_fer2013(manual_dir=copies, data_dir=tmp_path / "prepared")


@pytest.mark.slow
def test_the_real_set_has_the_published_counts(shared, tmp_path):
    fer2013 = load_fer2013(manual_dir=shared / "data", data_dir=tmp_path)

    used = len(fer2013.training) + len(fer2013.held_out) + fer2013.left_out
    assert used == 28_709
    assert len(fer2013.public_test) == 3_589
    assert fer2013.public_test_duplicates.sum() == 280
    assert len(fer2013.held_out) / used == pytest.approx(0.1, abs=0.005)
    assert np.bincount(fer2013.public_test.labels).tolist() == [467, 56, 496, 895, 653, 415, 607]
