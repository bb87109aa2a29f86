"""The configuration `faces`: faces that the detector finds, and faces as published."""

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
)
from emo_tf.data.miniature import groups
from emo_tf.runtime.face_align import align_face
from emo_tf.runtime.face_detector import FaceDetector

from . import group_affect_dataset_builder
from .faces import CROP_SIZES, MOST_FACES
from .hard_copies import PICTURES, write_group_affect, write_published_faces

GROUP, FEW, NOBODY = "train/Positive/pos_1.jpg", "val/Neutral/neu_1.jpg", "val/Negative/neg_1.jpg"


def drawn_group(number):
    return groups.draw_picture(groups.plan_picture(number, seed=0))[0]


def write_hard_copy(folder):
    drawn = {
        name: encoded(Image.fromarray(drawn_group(number)), "PNG")
        for number, name in enumerate((GROUP, FEW))
    }
    return write_group_affect(folder, files=drawn)


class GroupAffectFacesTest(testing.DatasetBuilderTestCase):
    DATASET_CLASS = group_affect_dataset_builder.Builder
    BUILDER_CONFIG_NAMES_TO_TEST = ("faces",)
    SPLITS = {"train": 2, "val": 3, "test": 1}  # noqa: RUF012

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _write_raw_files(cls, tmp_path_factory):
        cls.EXAMPLE_DIR = write_hard_copy(tmp_path_factory.mktemp("group_affect") / "raw")


def build(raw, data_dir, **options):
    builder = group_affect_dataset_builder.Builder(config="faces", data_dir=data_dir)
    return prepared(builder, raw, **options)


def examples_of(builder):
    """Returns the examples of all splits by their file names."""
    return {
        example["filename"].decode(): example
        for split in builder.info.splits
        for example in tfds.as_numpy(builder.as_dataset(split=split))
    }


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return write_hard_copy(tmp_path_factory.mktemp("group_affect") / "raw")


@pytest.fixture(scope="module")
def builder(raw, tmp_path_factory):
    return build(raw, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def examples(builder):
    return examples_of(builder)


def test_faces_are_those_that_the_detector_finds_the_largest_first(examples):
    picture = drawn_group(0)
    found, features = FaceDetector(min_face=20, scale_factor=0.707).detect_with_features(picture)
    areas = [face.box_xywh[2] * face.box_xywh[3] for face in found]

    faces = examples[GROUP]["faces"]

    assert examples[GROUP]["face_count"] == len(found) >= 3
    for place, index in enumerate(np.argsort(areas)[::-1]):
        np.testing.assert_allclose(faces["box_xywh"][place], found[index].box_xywh, atol=1e-3)
        np.testing.assert_allclose(faces["score"][place], found[index].score, atol=1e-5)
        np.testing.assert_allclose(faces["landmarks"][place], found[index].landmarks, atol=1e-3)
        np.testing.assert_allclose(faces["features"][place], features[index], atol=1e-4)
        for preset in CROP_SIZES:
            expected = align_face(picture, found[index].landmarks, preset)
            np.testing.assert_array_equal(faces[preset][place], expected)


def test_a_picture_without_faces_is_an_example_without_faces(examples):
    nobody = examples[NOBODY]

    assert nobody["face_count"] == 0
    assert nobody["faces"]["features"].shape == (0, 256)
    assert nobody["faces"]["sphereface"].shape == (0, 112, 96, 3)


def test_pictures_are_counted_by_their_faces(builder, examples):
    group, few = (examples[name]["face_count"] for name in (GROUP, FEW))

    assert builder.info.metadata["face_counts"] == {
        "train": {str(group): 1, "0": 1},
        "val": {str(few): 1, "0": 2},
        "test": {"0": 1},
    }
    head, train, *_ = builder.notes()
    assert head.startswith("faces a picture, at most in")
    assert train.split() == ["train", "0", *[str(group)] * 4, "50.0%"]


def test_whole_pictures_tell_of_the_faces_once_those_are_built(raw, builder, tmp_path):
    root = builder.data_path.parents[2]
    whole = group_affect_dataset_builder.Builder(config="images", data_dir=root)
    assert whole.notes() == builder.notes()

    alone = group_affect_dataset_builder.Builder(config="images", data_dir=tmp_path)
    assert alone.notes() == ["Faces a picture are known once group_affect/faces is built."]


@pytest.mark.slow
def test_beam_gives_the_same_faces(raw, builder, tmp_path):
    by_beam = build(raw, tmp_path, beam=BEAM_OPTIONS)

    assert_same_data(by_beam, builder)


def test_published_faces_are_taken_where_they_are_there(tmp_path):
    raw = write_hard_copy(tmp_path / "raw")
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 20, (40, 2))
    boxes = np.column_stack([corners, corners + rng.uniform(4, 25, (40, 1)), np.full(40, 0.9)])
    landmarks, features = rng.uniform(0, 40, (40, 10)), rng.normal(size=(40, 256))
    for photo in (*PICTURES, GROUP):
        count = 40 if photo == GROUP else 1
        write_published_faces(
            raw,
            photo,
            boxes=boxes[:count],
            landmarks=landmarks[:count],
            features=features[:count],
        )
    (raw / "FaceFeatures" / NOBODY).with_suffix(".npz").write_bytes(b"damaged")

    builder = build(raw, tmp_path / "data")

    examples = examples_of(builder)
    assert counts_of(builder) == {"train": 2, "val": 2, "test": 1}
    faces = examples[GROUP]["faces"]
    assert examples[GROUP]["face_count"] == 40
    assert len(faces["box_xywh"]) == MOST_FACES
    largest = np.argsort(-(boxes[:, 2] - boxes[:, 0]))[:MOST_FACES]
    np.testing.assert_allclose(faces["features"], features[largest], rtol=1e-6)
    assert examples["train/Negative/neg_1.jpg"]["image"].shape == pixels().shape
    (text,) = builder.info.metadata["left_out_items"]["val"]["unusable faces"]
    assert text.startswith(f"{NOBODY}: ")
    assert "FaceFeatures/val/Negative/neg_1.npz: expected arrays" in text
    assert builder.info.metadata["left_out"]["val"] == {"unusable faces": 1}
