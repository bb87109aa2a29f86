"""The builder: under TFDS's own test case, with Beam, and what a data set says of itself."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from tensorflow_datasets import testing

from emo_tf.corpora.testing import BEAM_OPTIONS, assert_same_data, counts_of, prepared, tfds_build
from emo_tf.data.miniature import raf_db
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS

from . import raf_db_dataset_builder
from .hard_copies import lines, write_set
from .label_lists import SETS

NAMES = ("train_00001.jpg", "train_00002.jpg", "test_0001.jpg")
LEFT_OUT = {"train": {"missing image": 1}, "test": {}}


class _OnTheTwin:
    DATASET_CLASS = raf_db_dataset_builder.Builder

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _write_raw_files(cls, tmp_path_factory):
        cls.EXAMPLE_DIR = tmp_path_factory.mktemp("raf_db")
        raf_db.write(cls.EXAMPLE_DIR, seed=0, size=20)


class BasicTest(_OnTheTwin, testing.DatasetBuilderTestCase):
    BUILDER_CONFIG_NAMES_TO_TEST = ["basic"]  # noqa: RUF012
    SPLITS = {"train": 8, "test": 2}  # noqa: RUF012


class CompoundTest(_OnTheTwin, testing.DatasetBuilderTestCase):
    BUILDER_CONFIG_NAMES_TO_TEST = ["compound"]  # noqa: RUF012
    SPLITS = {"train": 4, "test": 1}  # noqa: RUF012


class MultiTest(_OnTheTwin, testing.DatasetBuilderTestCase):
    BUILDER_CONFIG_NAMES_TO_TEST = ["multi"]  # noqa: RUF012
    SPLITS = {"train": 4, "test": 1}  # noqa: RUF012


def build(raw, data_dir, kind, **options):
    builder = raf_db_dataset_builder.Builder(config=kind, data_dir=data_dir)
    return prepared(builder, raw, **options)


def examples_of(builder, split):
    examples = tfds.as_numpy(builder.as_dataset(split=split))
    return {example["filename"].decode(): example for example in examples}


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raf_db")
    for kind in SETS:
        write_set(folder, kind, names=NAMES, changes={"train_00002.jpg": None})
    return folder


@pytest.fixture(scope="module")
def built(raw, tmp_path_factory):
    """The three configurations, built."""
    data_dir = tmp_path_factory.mktemp("data")
    return {kind: build(raw, data_dir, kind) for kind in SETS}


def test_the_first_configuration_is_the_default():
    builder = raf_db_dataset_builder.Builder
    assert tuple(builder.builder_configs) == SETS
    assert builder.default_builder_config.name == "basic"


@pytest.mark.parametrize(
    ("kind", "label", "shares"),
    [
        ("basic", "happy", {"happy": 1}),
        ("compound", "happy+surprise", {"happy": 0.5, "surprise": 0.5}),
        ("multi", None, {"happy": 0.5, "surprise": 0.2, "neutral": 0.3}),
    ],
)
def test_an_example_reads_back(built, kind, label, shares):
    features = built[kind].info.features
    (example,) = examples_of(built[kind], "test").values()

    assert example["filename"] == b"test_0001.jpg"
    assert example["image"].shape == (48, 64, 3)
    box = [6, 4, 24, 24] if kind == "multi" else [10.5, 5, 20, 30]
    assert example["box_xywh"].tolist() == box
    x, y, width, height = box
    ends = [y / 48, x / 64, (y + height) / 48, (x + width) / 64]
    np.testing.assert_allclose(example["bbox"], ends, rtol=1e-6)
    assert example["landmarks"].tolist() == [[12, 10], [24, 10], [18, 16], [13, 22], [23, 22]]
    expected = [shares.get(name, 0) for name in EXPRESSIONS]
    np.testing.assert_allclose(example["distribution"], expected, atol=1e-6)
    if label is None:
        assert "label" not in features
    else:
        assert features["label"].int2str(example["label"]) == label


def test_a_face_without_landmarks_reads_back(tmp_path):
    missing = {"test_0001_manu_attri.txt": None}
    raw = write_set(tmp_path / "raw", "basic", changes=missing)

    (example,) = examples_of(build(raw, tmp_path / "data", "basic"), "test").values()

    assert example["landmarks"].shape == (0, 2)


@pytest.mark.parametrize("kind", SETS)
def test_what_is_left_out_and_the_classes_are_counted_with_the_data_set(built, kind):
    metadata = tfds.builder_from_directory(built[kind].data_path).info.metadata

    assert metadata["left_out"] == LEFT_OUT
    ((text,),) = metadata["left_out_items"]["train"].values()
    assert text.startswith(f"{kind}/EmoLabel/")
    assert text.endswith(".txt, line 2 (train_00002.jpg): image is missing")
    label = {"basic": "happy", "compound": "happy+surprise"}.get(kind)
    expected = {"train": {label: 1}, "test": {label: 1}} if label else None
    assert metadata.get("classes") == expected


@pytest.mark.slow
@pytest.mark.parametrize("kind", SETS)
def test_beam_gives_the_same_examples_and_the_same_counts(raw, built, tmp_path, kind):
    by_beam = build(raw, tmp_path, kind, beam=BEAM_OPTIONS)

    assert_same_data(by_beam, built[kind])


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("basic", {"train": 12271, "test": 3068}),
        ("compound", {"train": 3162, "test": 792}),
        ("multi", {"train+test": 4908}),
    ],
)
def test_published_counts_are_those_of_the_configuration(tmp_path, kind, counts):
    builder = raf_db_dataset_builder.Builder(config=kind, data_dir=tmp_path)

    assert builder.published_counts == counts
    for split, classes in builder.published_classes.items():
        assert sum(classes.values()) == counts[split]
        assert set(classes) == set(builder.info.features["label"].names)
    assert set(builder.published_classes) == ({"train", "test"} if kind == "basic" else set())


def test_a_configuration_needs_its_own_folder_alone(tmp_path):
    raw = write_set(tmp_path / "raw", "compound")

    assert counts_of(build(raw, tmp_path / "data", "compound")) == {"train": 1, "test": 1}
    with pytest.raises(
        EmoError, match=r"raf_db is not complete: no .*basic/EmoLabel/list_patition"
    ):
        build(raw, tmp_path / "data", "basic")


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("basic", "EmoLabel/list_patition_label.txt"),
        ("basic", "Image/original"),
        ("compound", "Annotation/boundingbox"),
        ("multi", "EmoLabel/distribution.txt"),
        ("multi", "Annotation/manual"),
    ],
)
def test_what_is_missing_is_an_error_that_lists_every_path(tmp_path, kind, path):
    raw = write_set(tmp_path / "raw", kind)
    (raw / kind / path).rename(tmp_path / "moved")

    with pytest.raises(EmoError) as caught:
        build(raw, tmp_path / "data", kind)

    assert f"raf_db is not complete: no {raw / kind / path}. " in str(caught.value)
    assert str(caught.value).count("(found)") == 2


def test_a_list_that_cannot_be_understood_stops_the_build(tmp_path):
    raw = write_set(tmp_path / "raw", "basic", labels=lines("basic", "test_1.jpg", "test_1.jpg"))

    with pytest.raises(EmoError, match=r"line 2: expected each name once"):
        build(raw, tmp_path / "data", "basic")
    assert not list((tmp_path / "data").rglob("*.tfrecord*"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", SETS)
def test_the_tfds_command_builds_it(raw, tmp_path, kind):
    options = [f"--config={kind}"]
    tfds_build(Path(__file__).parent, raw=raw, data_dir=tmp_path, options=options)

    assert [name for name in SETS if (tmp_path / "raf_db" / name).exists()] == [kind]
    built = tfds.builder(f"raf_db/{kind}", data_dir=tmp_path)
    assert counts_of(built) == {"train": 1, "test": 1}
    assert built.info.metadata["left_out"] == LEFT_OUT
