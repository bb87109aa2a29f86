import csv
import hashlib

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from emo_tf.corpora.testing import counts_of, prepared
from emo_tf.data import builders
from emo_tf.data.miniature import affectnet
from emo_tf.data.miniature.portraits import FIVE_POINTS, SIXTY_EIGHT_POINTS, draw_portrait
from emo_tf.errors import EmoError
from emo_tf.labels import AFFECTNET_EXPRESSIONS

SIZE = 40


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("affectnet")
    affectnet.write(folder, seed=0, size=SIZE)
    return folder


@pytest.fixture(scope="module")
def prepared_twin(twin, tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("data")
    return prepared(builders.builder("affectnet", data_dir=data_dir), twin)


def rows_of(path):
    with path.open(newline="") as stream:
        return list(csv.reader(stream))


def test_the_builder_reads_every_face_and_leaves_out_one_of_each_kind(prepared_twin):
    assert counts_of(prepared_twin) == {"train": 32, "validation": 8}
    one_of_each = {"expression none": 1, "expression uncertain": 1, "no face": 1}
    assert prepared_twin.info.metadata["left_out"] == {
        "train": one_of_each,
        "validation": one_of_each,
    }


def test_what_the_builder_reads_is_what_was_planned(prepared_twin):
    planned = {face.path: face for face in affectnet.plan(seed=0, size=SIZE)}
    to_name = prepared_twin.info.features["expression"].int2str
    for split in ("train", "validation"):
        for example in tfds.as_numpy(prepared_twin.as_dataset(split=split)):
            face = planned.pop(example["filename"].decode())
            _, box = draw_portrait(face.portrait)
            assert face.split == split
            assert to_name(example["expression"]) == face.expression
            assert example["image"].shape == (face.portrait.height, face.portrait.width, 3)
            np.testing.assert_array_equal(example["box_xywh"], np.round(box))
            np.testing.assert_allclose(
                (example["valence"], example["arousal"]), (face.valence, face.arousal), rtol=1e-6
            )
            x, y = (example["landmarks"] - box[:2]).T / box[2:, np.newaxis]
            assert min(x.min(), y.min()) > 0
            assert max(x.max(), y.max()) < 1
    assert not planned


def test_the_68_points_stand_in_the_usual_order():
    left_eye, right_eye = (SIXTY_EIGHT_POINTS[start : start + 6].mean(axis=0) for start in (36, 42))
    nose, left_corner, right_corner = SIXTY_EIGHT_POINTS[[30, 48, 54]]
    five = (left_eye, right_eye, nose, left_corner, right_corner)

    np.testing.assert_allclose(five, FIVE_POINTS)
    assert SIXTY_EIGHT_POINTS[:, 1].argmax() == 8  # the chin


def test_the_first_table_alone_has_a_header(twin):
    training, validation = (rows_of(twin / name) for name in affectnet.TABLES.values())

    assert training[0][0] == "subDirectory_filePath"
    assert (len(training), len(validation)) == (32 + 3 + 1, 8 + 3)
    assert validation[0][0] == "1/drawn_00004.jpg"


def test_every_picture_of_the_tables_is_there_in_a_numbered_folder(twin):
    listed = {row[0] for name in affectnet.TABLES.values() for row in rows_of(twin / name)}
    images = twin / "Manually_Annotated_Images"

    found = {path.relative_to(images).as_posix() for path in images.rglob("*.jpg")}
    assert found == listed - {"subDirectory_filePath"}
    assert all(path.split("/")[0].isdecimal() for path in found)
    for path in found:
        with Image.open(images / path) as picture:
            assert picture.format == "JPEG"
            assert 190 <= min(picture.size) <= max(picture.size) <= 400


def test_the_same_seed_writes_the_same_files(twin, tmp_path):
    affectnet.write(tmp_path, seed=0, size=SIZE)

    files = sorted(path.relative_to(twin) for path in twin.rglob("*") if path.is_file())
    assert len(files) == SIZE + 6 + 2
    for file in files:
        assert (twin / file).read_bytes() == (tmp_path / file).read_bytes()


def test_a_face_does_not_depend_on_the_size_and_another_seed_differs():
    assert affectnet.plan(seed=0, size=60)[:SIZE] == affectnet.plan(seed=0, size=SIZE)
    assert affectnet.plan(seed=1, size=SIZE) != affectnet.plan(seed=0, size=SIZE)


def test_valence_and_arousal_lie_near_those_of_the_expression():
    for face in affectnet.plan(seed=2, size=400):
        offset = np.subtract(
            (face.valence, face.arousal), affectnet.VALENCE_AROUSAL[face.expression]
        )
        assert np.abs(offset).max() <= affectnet.NOISE + 1e-6


def test_all_eight_expressions_occur_and_look_different():
    assert {face.expression for face in affectnet.plan(seed=0)} == set(AFFECTNET_EXPRESSIONS)
    shapes = [list(vars(affectnet.SHAPES[name]).values()) for name in AFFECTNET_EXPRESSIONS]
    distances = np.linalg.norm(np.subtract(np.expand_dims(shapes, 1), shapes), axis=-1)  # (8, 8)
    assert distances[~np.eye(8, dtype=bool)].min() > 0.7  # faces vary by 0.08 in each value


def test_the_oracle_knows_the_expression_and_all_but_the_noise():
    oracle = affectnet.oracle(seed=0)
    accuracy, *errors = oracle.scores["face"]

    assert oracle.metrics == ("accuracy", "valence RMSE", "arousal RMSE")
    assert oracle.measured_on == "validation, 64 faces"
    assert accuracy == 1
    assert oracle.scores["none"][0] == 1 / 8
    # Even noise has a standard deviation of its half width over the root of three.
    np.testing.assert_allclose(errors, affectnet.NOISE / np.sqrt(3), rtol=0.2)
    assert min(oracle.scores["none"][1:]) > 0.3


def test_version_1_is_left_alone():
    faces = affectnet.plan(seed=0)
    labels = [
        (face.split, face.path, face.expression, face.valence, face.arousal) for face in faces
    ]
    assert affectnet.VERSION == 1
    assert len(labels) == 320
    assert (
        hashlib.sha1(repr(labels).encode()).hexdigest()
        == "d8d890712598b65d80cbd8e2b805051e7270d60c"
    )
    colours = [draw_portrait(face.portrait)[0].mean(axis=(0, 1)) for face in faces[:2]]
    # Blurs may round otherwise in another version of OpenCV.
    np.testing.assert_allclose(
        colours, [(123.88, 108.25, 92.39), (155.99, 130.13, 115.84)], atol=0.5
    )


def test_the_detector_finds_the_faces(found_share):
    drawn = (draw_portrait(face.portrait) for face in affectnet.plan(seed=0, size=SIZE))
    share, strays = found_share((canvas, [box]) for canvas, box in drawn)

    assert share >= 0.95
    assert strays <= 1


def test_too_few_faces_are_an_error(tmp_path):
    with pytest.raises(EmoError, match=r"size: expected 20 faces or more\. Received: 19"):
        affectnet.write(tmp_path, seed=0, size=19)
    assert not list(tmp_path.iterdir())
