"""The builder: under TFDS's own test case, with Beam, and what a data set says of itself."""

import logging
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image
from tensorflow_datasets import testing

from emo_tf.corpora.testing import (
    BEAM_OPTIONS,
    assert_same_data,
    encoded,
    pixels,
    prepared,
    tfds_build,
    turned_jpeg,
)
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES

from . import emotic_dataset_builder
from .hard_copies import (
    combined_person,
    row,
    train_person,
    vad,
    write_emotic,
)


def write_hard_copy(folder: Path) -> Path:
    rated_in_part = combined_person(annotations_continuous=[vad(1, 2, 3), vad(2, [], 3)])
    rows = {
        "train": [
            row("a.jpg", train_person(), train_person(gender="", age="Elder")),
            row("missing.jpg", train_person(), train_person()),
            row("cut off.jpg", train_person()),
            row("turned.jpg", train_person(body_bbox=(5, 50, 40, 64)), image_size=upright_size()),
            row("grey.png", train_person(body_bbox=(-9, 40, 900, 900))),
        ],
        "val": [row("b.jpg", rated_in_part, combined_person(body_bbox=(9, 9, 9, 30)))],
    }
    images = {
        "missing.jpg": None,
        "cut off.jpg": encoded()[:500],
        "turned.jpg": turned_jpeg(6),
        "grey.png": encoded(Image.fromarray(pixels()).convert("L"), "PNG"),
    }
    return write_emotic(folder, images=images, **rows)


def upright_size() -> dict:
    return {"n_row": 64, "n_col": 48}


LEFT_OUT = {
    "train": {"missing image": 2, "unreadable image": 1},
    "val": {"empty box": 1},
    "test": {},
}


class EmoticTest(testing.DatasetBuilderTestCase):
    DATASET_CLASS = emotic_dataset_builder.Builder
    SPLITS = {"train": 4, "val": 1, "test": 1}  # noqa: RUF012

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _write_raw_files(cls, tmp_path_factory):
        cls.EXAMPLE_DIR = write_hard_copy(tmp_path_factory.mktemp("emotic") / "raw")


def build(raw, data_dir, **options):
    return prepared(emotic_dataset_builder.Builder(data_dir=data_dir), raw, **options)


def examples_of(builder, split):
    """Returns the examples of a split by their place in `Annotations.mat`."""
    examples = tfds.as_numpy(builder.as_dataset(split=split))
    return {(int(example["row"]), int(example["person"])): example for example in examples}


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return write_hard_copy(tmp_path_factory.mktemp("emotic") / "raw")


@pytest.fixture(scope="module")
def builder(raw, tmp_path_factory):
    return build(raw, tmp_path_factory.mktemp("data"))


def test_an_example_of_train_reads_back(builder):
    example = examples_of(builder, "train")[0, 0]

    assert example["image"].shape == (48, 64, 3)
    assert (example["folder"], example["filename"]) == (b"mscoco/images", b"a.jpg")
    assert example["box_xywh"].tolist() == [10, 20, 40, 20]
    np.testing.assert_allclose(example["bbox"], [20 / 48, 10 / 64, 40 / 48, 50 / 64])
    assert [EMOTIC_CATEGORIES[code] for code in example["categories"]] == ["Happiness", "Peace"]
    assert example["vad"].tolist() == [5, 3, 9]
    features = builder.info.features
    assert features["gender"].int2str(example["gender"]) == "Male"
    assert features["age"].int2str(example["age"]) == "Adult"


def test_an_example_of_val_holds_every_annotators_labels(builder):
    example = examples_of(builder, "val")[0, 0]

    assert [EMOTIC_CATEGORIES[code] for code in example["categories"]] == ["Fear", "Pain"]
    assert example["vad"].tolist() == [1.5, 3, 3]
    annotators = example["annotators"]
    chosen = [
        [EMOTIC_CATEGORIES[code] for code in np.flatnonzero(one)]
        for one in annotators["categories"]
    ]
    assert chosen == [["Fear"], ["Fear", "Pain"]]
    np.testing.assert_array_equal(annotators["vad"], [[1, 2, 3], [2, np.nan, 3]])


def test_an_unknown_gender_and_age_are_called_so(builder):
    example = examples_of(builder, "train")[0, 1]

    assert builder.info.features["gender"].int2str(example["gender"]) == "unknown"
    assert builder.info.features["age"].int2str(example["age"]) == "unknown"


def test_a_turned_image_is_stored_upright(builder):
    example = examples_of(builder, "train")[3, 0]

    assert example["image"].shape == (64, 48, 3)
    assert example["box_xywh"].tolist() == [5, 50, 35, 14]
    np.testing.assert_allclose(example["bbox"], [50 / 64, 5 / 48, 1, 40 / 48], rtol=1e-6)


def test_a_grey_image_is_read_as_rgb_and_its_box_cut_to_it(builder):
    example = examples_of(builder, "train")[4, 0]

    assert example["image"].shape == (48, 64, 3)
    assert (example["image"] == example["image"][..., :1]).all()
    assert example["box_xywh"].tolist() == [0, 40, 64, 8]


def test_examples_can_be_batched(builder):
    dataset = builder.as_dataset(split="train")

    (padded,) = tfds.as_numpy(dataset.padded_batch(4))
    (ragged,) = dataset.ragged_batch(4)

    assert padded["image"].shape == (4, 64, 64, 3)
    assert padded["annotators"]["categories"].shape == (4, 1, 26)
    assert ragged["categories"].shape.as_list() == [4, None]


def test_who_is_left_out_is_counted_and_listed_with_the_data_set(builder):
    reloaded = tfds.builder_from_directory(builder.data_path)

    for metadata in (builder.info.metadata, reloaded.info.metadata):
        assert metadata["left_out"] == LEFT_OUT
        assert metadata["left_out_items"]["val"]["empty box"] == [
            "Annotations.mat, val row 0 (mscoco/images/b.jpg), person 1: "
            "box is empty after clamping: [9, 9, 9, 30]"
        ]
        assert sum(map(len, metadata["left_out_items"]["train"].values())) == 3


def test_one_warning_a_split_says_who_is_left_out(raw, tmp_path, caplog):
    with caplog.at_level(logging.WARNING, logger="emo_tf.corpora"):
        build(raw, tmp_path)

    messages = [
        record.getMessage() for record in caplog.records if record.name.startswith("emo_tf.corpora")
    ]
    assert messages == [
        "emotic, train: left out: missing image 2, unreadable image 1",
        "emotic, val: left out: empty box 1",
    ]


def test_building_again_counts_again(builder, raw, tmp_path):
    first = build(raw, tmp_path)
    again = build(raw, tmp_path, download_mode=tfds.download.GenerateMode.REUSE_CACHE_IF_EXISTS)

    assert again.info.metadata["left_out"] == first.info.metadata["left_out"] == LEFT_OUT


def test_a_first_look_counts_those_it_has_seen(raw, tmp_path):
    builder = build(raw, tmp_path, max_examples_per_split=1)

    assert {split: info.num_examples for split, info in builder.info.splits.items()} == {
        "train": 1,
        "val": 1,
        "test": 1,
    }
    assert builder.info.metadata["left_out"] == {"train": {}, "val": {}, "test": {}}


def test_a_data_set_in_array_record_holds_the_same(raw, builder, tmp_path):
    config = tfds.download.DownloadConfig(manual_dir=raw)
    again = emotic_dataset_builder.Builder(data_dir=tmp_path, file_format="array_record")
    again.download_and_prepare(download_config=config)

    expected = examples_of(builder, "val")
    (example,) = again.as_data_source(split="val")
    assert (example["row"], example["person"]) in expected
    np.testing.assert_array_equal(example["annotators"]["vad"], [[1, 2, 3], [2, np.nan, 3]])


def test_a_split_of_nobody_who_can_be_used_is_an_error_that_says_why(tmp_path):
    rows = [row("b.jpg", combined_person())]
    raw = write_emotic(tmp_path / "raw", images={"b.jpg": None}, val=rows)

    with pytest.raises(EmoError, match=r"val: expected examples .* Received: missing image 1"):
        build(raw, tmp_path / "data")


def test_a_split_without_images_is_not_built(tmp_path):
    builder = build(write_emotic(tmp_path / "raw", val=[]), tmp_path / "data")

    assert sorted(builder.info.splits) == ["test", "train"]
    assert len(examples_of(builder, "train")) == 1


def test_annotations_of_no_image_are_an_error(tmp_path):
    raw = write_emotic(tmp_path / "raw", train=[], val=[], test=[])

    with pytest.raises(EmoError, match=r"expected annotations of images\. Received: of none"):
        build(raw, tmp_path / "data")


def test_a_folder_that_lacks_something_is_an_error_before_anything_is_written(tmp_path):
    raw = write_emotic(tmp_path / "raw")
    (raw / "emotic" / "ade20k").rename(raw / "ade20k")

    with pytest.raises(EmoError, match="no images of ade20k"):
        emotic_dataset_builder.Builder(data_dir=tmp_path).check_manual_dir(raw)
    with pytest.raises(EmoError, match="no images of ade20k"):
        build(raw, tmp_path / "data")
    assert not list((tmp_path / "data").rglob("*.tfrecord*"))


@pytest.mark.slow
def test_beam_gives_the_same_examples_and_the_same_counts(raw, builder, tmp_path):
    by_beam = build(raw, tmp_path, beam=BEAM_OPTIONS)

    assert_same_data(by_beam, builder)
    assert not list(by_beam.data_path.glob("report*"))


BEAM = "--beam_pipeline_options=" + ",".join(option.lstrip("-") for option in BEAM_OPTIONS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "counts"),
    [
        ([], [1, 4, 1]),
        (["--file_format=array_record"], [1, 4, 1]),
        (["--max_examples_per_split=1"], [1, 1, 1]),
        ([BEAM], [1, 4, 1]),
        ([BEAM, "--max_examples_per_split=1"], [1, 1, 1]),
    ],
    ids=["plain", "array_record", "first look", "Beam", "first look with Beam"],
)
def test_the_tfds_command_builds_it(raw, tmp_path, options, counts):
    tfds_build(Path(__file__).parent, raw=raw, data_dir=tmp_path, options=options)

    info = tfds.builder("emotic", data_dir=tmp_path).info
    assert [info.splits[split].num_examples for split in ("test", "train", "val")] == counts
    assert set(info.metadata["left_out"]) == {"train", "val", "test"}
