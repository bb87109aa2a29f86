"""The builder: under TFDS's own test case, with Beam, and what a data set says of itself."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from tensorflow_datasets import testing

from emo_tf.corpora.testing import (
    BEAM_OPTIONS,
    assert_same_data,
    counts_of,
    encoded,
    prepared,
    tfds_build,
)
from emo_tf.errors import EmoError
from emo_tf.labels import AFFECTNET_EXPRESSIONS

from . import affectnet_dataset_builder
from .hard_copies import no_face, row, write_affectnet


def write_hard_copy(folder: Path) -> Path:
    return write_affectnet(
        folder,
        train=[
            row("1/a.jpg"),
            row("1/missing.jpg"),
            row("1/cut off.jpg"),
            row("2/none.jpg", expression=8),
            row("2/none too.jpg", expression=8),
            row("2/uncertain.jpg", expression=9),
            no_face("2/no face.jpg"),
            row("3/contempt.jpg", expression=7, facial_landmarks="NULL"),
            row("3/outside.jpg", face_x=70),
        ],
        validation=[row("9/b.jpg", expression=0), row("9/no box.jpg", face_x="NULL")],
        images={
            "1/missing.jpg": None,
            "1/cut off.jpg": encoded()[:500],
            "2/no face.jpg": None,
        },
    )


LEFT_OUT = {
    "train": {
        "missing image": 1,
        "unreadable image": 1,
        "expression none": 2,
        "expression uncertain": 1,
        "no face": 1,
        "box outside the image": 1,
    },
    "validation": {"no face box": 1},
}


class AffectnetTest(testing.DatasetBuilderTestCase):
    DATASET_CLASS = affectnet_dataset_builder.Builder
    SPLITS = {"train": 2, "validation": 1}  # noqa: RUF012

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _write_raw_files(cls, tmp_path_factory):
        cls.EXAMPLE_DIR = write_hard_copy(tmp_path_factory.mktemp("affectnet") / "raw")


def build(raw, data_dir, **options):
    return prepared(affectnet_dataset_builder.Builder(data_dir=data_dir), raw, **options)


def examples_of(builder, split):
    examples = tfds.as_numpy(builder.as_dataset(split=split))
    return {example["filename"].decode(): example for example in examples}


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return write_hard_copy(tmp_path_factory.mktemp("affectnet") / "raw")


@pytest.fixture(scope="module")
def builder(raw, tmp_path_factory):
    return build(raw, tmp_path_factory.mktemp("data"))


def test_an_example_reads_back(builder):
    examples = examples_of(builder, "train")
    example = examples["1/a.jpg"]

    assert set(examples) == {"1/a.jpg", "3/contempt.jpg"}
    assert example["image"].shape == (48, 64, 3)
    assert example["box_xywh"].tolist() == [10, 5, 20, 30]
    np.testing.assert_allclose(example["bbox"], [5 / 48, 10 / 64, 35 / 48, 30 / 64], rtol=1e-6)
    np.testing.assert_array_equal(example["landmarks"].ravel(), np.arange(136) / 2)
    assert builder.info.features["expression"].int2str(example["expression"]) == "happy"
    assert builder.info.features["expression7"].int2str(example["expression7"]) == "happy"
    assert (example["valence"], example["arousal"]) == (0.5, -0.25)


def test_contempt_and_missing_landmarks_read_back(builder):
    example = examples_of(builder, "train")["3/contempt.jpg"]

    assert builder.info.features["expression"].int2str(example["expression"]) == "contempt"
    assert example["expression7"] == -1
    assert np.isnan(example["landmarks"]).all()


def test_what_is_left_out_and_the_classes_are_counted_with_the_data_set(builder):
    metadata = tfds.builder_from_directory(builder.data_path).info.metadata

    assert metadata["left_out"] == LEFT_OUT
    assert metadata["left_out_items"]["validation"] == {
        "no face box": ["validation.csv, line 2 (9/no box.jpg): box is NULL"]
    }
    assert metadata["classes"] == {
        "train": {"happy": 1, "contempt": 1},
        "validation": {"neutral": 1},
    }


def test_the_published_classes_add_up_to_the_published_counts():
    published = affectnet_dataset_builder.Builder
    for split, classes in published.PUBLISHED_CLASSES.items():
        assert tuple(classes) == AFFECTNET_EXPRESSIONS
        assert sum(classes.values()) == published.PUBLISHED_COUNTS[split]


@pytest.mark.slow
def test_beam_gives_the_same_examples_and_the_same_counts(raw, builder, tmp_path):
    by_beam = build(raw, tmp_path, beam=BEAM_OPTIONS)

    assert_same_data(by_beam, builder)


def test_the_folders_of_the_original_archives_are_found(raw, tmp_path):
    manual_dir = tmp_path / "raw"
    shutil.copytree(
        raw / "Manually_Annotated_Images",
        manual_dir / "Manually_Annotated" / "Manually_Annotated_Images",
    )
    lists = manual_dir / "Manually_Annotated_file_lists"
    lists.mkdir()
    for table in raw.glob("*.csv"):
        shutil.copy(table, lists)

    assert counts_of(build(manual_dir, tmp_path / "data")) == {"train": 2, "validation": 1}


@pytest.mark.parametrize("name", ["training.csv", "validation.csv", "Manually_Annotated_Images"])
def test_what_is_missing_is_an_error_that_lists_every_path(raw, tmp_path, name):
    manual_dir = shutil.copytree(raw, tmp_path / "raw")
    (manual_dir / name).rename(tmp_path / name)

    with pytest.raises(EmoError) as caught:
        build(manual_dir, tmp_path / "data")

    assert f"affectnet is not complete: no {manual_dir / name} or " in str(caught.value)
    assert f"{manual_dir / name} (missing)" in str(caught.value)
    assert str(caught.value).count("(found)") == 2


@pytest.mark.parametrize("beam", [(), BEAM_OPTIONS], ids=["plain", "Beam"])
def test_a_table_that_cannot_be_understood_stops_the_build(tmp_path, beam):
    raw = write_affectnet(tmp_path / "raw", validation=[row(expression=12)])

    with pytest.raises(EmoError, match=r"validation\.csv, line 1: expected an expression"):
        build(raw, tmp_path / "data", beam=beam)
    assert not list((tmp_path / "data").rglob("*.tfrecord*"))


def test_a_split_without_a_face_is_an_error_that_says_why(tmp_path):
    raw = write_affectnet(tmp_path / "raw", validation=[no_face(), no_face("1/b.jpg")])

    with pytest.raises(EmoError, match=r"validation: expected examples .* Received: no face 2"):
        build(raw, tmp_path / "data")


@pytest.mark.slow
def test_the_tfds_command_builds_it(raw, tmp_path):
    tfds_build(Path(__file__).parent, raw=raw, data_dir=tmp_path)

    built = tfds.builder("affectnet", data_dir=tmp_path)
    assert counts_of(built) == {"train": 2, "validation": 1}
    assert built.info.metadata["left_out"] == LEFT_OUT
