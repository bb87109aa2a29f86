"""The builder: under TFDS's own test case, with Beam, and what a data set says of itself."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image
from tensorflow_datasets import testing

from emo_tf.corpora.testing import (
    BEAM_OPTIONS,
    assert_same_data,
    counts_of,
    encoded,
    pixels,
    prepared,
    tfds_build,
    turned_jpeg,
)
from emo_tf.data.miniature import group_affect
from emo_tf.errors import EmoError

from . import group_affect_dataset_builder
from .hard_copies import write_group_affect

FILES = {
    "train/Positive/pos_1.jpg": turned_jpeg(6),
    "train/Positive/pos_2.png": encoded(Image.fromarray(pixels()[..., 0]), "PNG"),
    "train/Neutral/neu_1.jpg": encoded()[:500],
    "Removed_EmotiW/test_2.jpg": encoded(),
    "test/test_2.jpg": encoded(),
}
LISTS = {"val": ["neg_1", "neu_1", "pos_7"], "eval": ["neg_2"]}

COUNTS = {"train": 3, "val": 2, "eval": 1, "test": 1}
LEFT_OUT = {
    "train": {"unreadable image": 1},
    "val": {"missing image": 1},
    "eval": {},
    "test": {"removed": 1},
}


def write_hard_copy(folder):
    return write_group_affect(folder, files=FILES, lists=LISTS)


class GroupAffectImagesTest(testing.DatasetBuilderTestCase):
    DATASET_CLASS = group_affect_dataset_builder.Builder
    BUILDER_CONFIG_NAMES_TO_TEST = ("images",)
    SPLITS = COUNTS

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _write_raw_files(cls, tmp_path_factory):
        cls.EXAMPLE_DIR = write_hard_copy(tmp_path_factory.mktemp("group_affect") / "raw")


def build(raw, data_dir, **options):
    return prepared(group_affect_dataset_builder.Builder(data_dir=data_dir), raw, **options)


def examples_of(builder, split):
    """Returns the examples of a split by their file names."""
    examples = tfds.as_numpy(builder.as_dataset(split=split))
    return {example["filename"].decode(): example for example in examples}


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return write_hard_copy(tmp_path_factory.mktemp("group_affect") / "raw")


@pytest.fixture(scope="module")
def builder(raw, tmp_path_factory):
    return build(raw, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def builder_without_lists(tmp_path_factory):
    folder = tmp_path_factory.mktemp("without_lists")
    raw = write_group_affect(folder / "raw")
    shutil.rmtree(raw / "test")
    return build(raw, folder / "data")


def test_whole_pictures_are_the_default(builder):
    assert builder.builder_config.name == "images"


def test_examples_read_back(builder):
    examples = examples_of(builder, "train")

    names = {
        name: builder.info.features["label"].int2str(e["label"]) for name, e in examples.items()
    }
    assert names == {
        "train/Negative/neg_1.jpg": "negative",
        "train/Positive/pos_1.jpg": "positive",
        "train/Positive/pos_2.png": "positive",
    }
    np.testing.assert_allclose(examples["train/Negative/neg_1.jpg"]["image"], pixels(), atol=12)
    assert examples["train/Positive/pos_1.jpg"]["image"].shape == (64, 48, 3)
    grey = np.repeat(pixels()[..., :1], 3, axis=-1)
    np.testing.assert_array_equal(examples["train/Positive/pos_2.png"]["image"], grey)


def test_labels_go_from_negative_to_positive(builder):
    assert builder.info.features["label"].names == ["negative", "neutral", "positive"]


def test_the_parts_of_val_hold_what_the_lists_name(builder):
    assert sorted(examples_of(builder, "val")) == [
        "val/Negative/neg_1.jpg",
        "val/Neutral/neu_1.jpg",
    ]
    assert list(examples_of(builder, "eval")) == ["val/Negative/neg_2.jpg"]


def test_test_has_no_labels(builder):
    ((name, example),) = examples_of(builder, "test").items()

    assert (name, example["label"]) == ("test/test_shared/test_1.jpg", -1)


def test_classes_and_who_is_left_out_are_counted(builder):
    metadata = tfds.builder_from_directory(builder.data_path).info.metadata

    assert counts_of(builder) == COUNTS
    assert metadata["left_out"] == LEFT_OUT
    assert metadata["left_out_items"]["val"] == {
        "missing image": ["val_list, entry 2: no picture 'pos_7' in val"]
    }
    assert metadata["classes"] == {
        "train": {"negative": 1, "positive": 2},
        "val": {"negative": 1, "neutral": 1},
        "eval": {"negative": 1},
        "test": {},
    }


def test_without_lists_and_test_there_are_two_splits(builder_without_lists):
    assert counts_of(builder_without_lists) == {"train": 2, "val": 3}
    assert builder_without_lists.info.metadata["left_out"] == {"train": {}, "val": {}}


def test_published_counts_follow_what_was_built(builder, builder_without_lists, tmp_path):
    not_built = group_affect_dataset_builder.Builder(data_dir=tmp_path)

    assert not_built.published_counts == {"train": 9815, "val": 4346, "test": 3011}
    assert builder_without_lists.published_counts == {"train": 9815, "val": 4346}
    assert builder.published_counts == {"train": 9815, "val": 3341, "eval": 1000, "test": 3011}


def test_published_classes_follow_what_was_built(builder, builder_without_lists, tmp_path):
    not_built = group_affect_dataset_builder.Builder(data_dir=tmp_path)

    assert list(builder.published_classes) == ["train"]
    for whole in (not_built, builder_without_lists):
        totals = {split: sum(counts.values()) for split, counts in whole.published_classes.items()}
        assert totals == {"train": 9815, "val": 4346}


@pytest.mark.slow
def test_beam_gives_the_same_examples_and_the_same_counts(raw, builder, tmp_path):
    by_beam = build(raw, tmp_path, beam=BEAM_OPTIONS)

    assert_same_data(by_beam, builder)


def test_a_missing_class_folder_is_an_error_that_lists_all_six(tmp_path):
    raw = write_group_affect(tmp_path / "raw")
    (raw / "train" / "Neutral").rmdir()

    with pytest.raises(EmoError, match=r"not complete: no .*train/Neutral\. Looked for") as caught:
        build(raw, tmp_path / "data")
    assert str(caught.value).count("(found)") == 5
    assert not list((tmp_path / "data").rglob("*.tfrecord*"))


def test_a_misspelt_class_folder_is_told_from_a_missing_one(tmp_path):
    raw = write_group_affect(tmp_path / "raw")
    (raw / "train" / "Positive").rename(raw / "train" / "Postive")

    with pytest.raises(EmoError, match=r"train: Unknown class folder: did you mean Positive"):
        group_affect_dataset_builder.Builder(data_dir=tmp_path).check_manual_dir(raw)
    with pytest.raises(EmoError, match=r"train: Unknown class folder: did you mean Positive"):
        build(raw, tmp_path / "data")


@pytest.mark.slow
def test_the_tfds_command_builds_the_twin(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    group_affect.write(raw, seed=0, size=40)
    tfds_build(Path(__file__).parent, raw=raw, data_dir=tmp_path / "data")

    built = tfds.builder("group_affect", data_dir=tmp_path / "data")
    assert counts_of(built) == {"train": 24, "val": 6, "eval": 4, "test": 6}
    assert not any(built.info.metadata["left_out"].values())
