import hashlib

import numpy as np
import pytest
import tensorflow_datasets as tfds

from emo_tf.corpora.testing import counts_of, prepared
from emo_tf.data import builders
from emo_tf.data.miniature import raf_db
from emo_tf.data.miniature.faces import EXPRESSION_SHAPES
from emo_tf.data.miniature.portraits import FIVE_POINTS, draw_portrait, points_in
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS

SIZE = 40
COUNTS = {
    "basic": {"train": 16, "test": 4},
    "compound": {"train": 8, "test": 2},
    "multi": {"train": 8, "test": 2},
}


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raf_db")
    raf_db.write(folder, seed=0, size=SIZE)
    return folder


@pytest.fixture(scope="module")
def prepared_sets(twin, tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("data")
    return {
        kind: prepared(builders.builder(f"raf_db/{kind}", data_dir=data_dir), twin)
        for kind in COUNTS
    }


@pytest.mark.parametrize("kind", COUNTS)
def test_the_builder_reads_every_face(prepared_sets, kind):
    assert counts_of(prepared_sets[kind]) == COUNTS[kind]
    assert prepared_sets[kind].info.metadata["left_out"] == {"train": {}, "test": {}}


@pytest.mark.parametrize("kind", COUNTS)
def test_what_the_builder_reads_is_what_was_planned(prepared_sets, kind):
    planned = {
        (face.split, f"{face.stem}.jpg"): face
        for face in raf_db.plan(seed=0, size=SIZE)
        if face.kind == kind
    }
    for split in ("train", "test"):
        for example in tfds.as_numpy(prepared_sets[kind].as_dataset(split=split)):
            face = planned.pop((split, example["filename"].decode()))
            canvas, (x, y, width, height) = draw_portrait(face.portrait)
            assert example["image"].shape == canvas.shape
            np.testing.assert_allclose(example["distribution"], face.distribution, atol=1e-6)
            points = points_in((x, y, width, height), FIVE_POINTS)
            np.testing.assert_allclose(example["landmarks"], points, atol=0.001)
            if kind != "multi":
                assert example["label"] == _place_of(kind, face.label)
                np.testing.assert_allclose(example["box_xywh"], (x, y, width, height), atol=0.002)
    assert not planned


def _place_of(kind, code):
    labels = builders.module("raf_db", "label_lists")
    if kind == "compound":
        return int(code) - 1
    return EXPRESSIONS.index(labels.RAF_DB_EXPRESSIONS[int(code) - 1])


def test_the_box_of_the_multi_set_covers_most_of_the_face(prepared_sets):
    faces = {
        f"{face.stem}.jpg": face
        for face in raf_db.plan(seed=0, size=SIZE)
        if (face.kind, face.split) == ("multi", "train")
    }
    for example in tfds.as_numpy(prepared_sets["multi"].as_dataset(split="train")):
        _, (x, y, width, height) = draw_portrait(faces[example["filename"].decode()].portrait)
        left, top, box_width, box_height = example["box_xywh"]
        assert 0.7 < box_width * box_height / (width * height) < 0.8
        assert x < left < left + box_width < x + width
        assert y < top < top + box_height < y + height


def test_every_file_of_annotations_comes_in_both_forms(twin):
    for kind, pattern in (
        ("basic", "boundingbox/*_boundingbox.txt"),
        ("compound", "manual/*_manu_attri.txt"),
        ("multi", "manual/*_manu_ldmk.txt"),
    ):
        texts = [path.read_text() for path in (twin / kind / "Annotation").glob(pattern)]
        assert {"\t" in text for text in texts} == {True, False}
    assert {len(text.splitlines()) for text in texts} == {5, 8}


def test_a_set_has_its_pictures_and_its_list(twin):
    for kind, counts in COUNTS.items():
        pictures = {path.name for path in (twin / kind / "Image" / "original").iterdir()}
        lines = (twin / kind / raf_db.LISTS[kind]).read_text().splitlines()
        assert {line.split()[0] for line in lines} == pictures
        assert len(pictures) == sum(counts.values())


def test_the_same_seed_writes_the_same_files(twin, tmp_path):
    raf_db.write(tmp_path, seed=0, size=SIZE)

    files = sorted(path.relative_to(twin) for path in twin.rglob("*") if path.is_file())
    assert len(files) == 20 * 3 + 10 * 3 + 10 * 2 + 3
    for file in files:
        assert (twin / file).read_bytes() == (tmp_path / file).read_bytes()


def test_a_face_does_not_depend_on_the_size_and_another_seed_differs():
    assert raf_db.plan(seed=0, size=60)[:SIZE] == raf_db.plan(seed=0, size=SIZE)
    assert raf_db.plan(seed=1, size=SIZE) != raf_db.plan(seed=0, size=SIZE)


def test_a_blend_is_the_mean_of_its_shapes():
    shares = {"happy": 0.5, "fear": 0.2, "neutral": 0.3}

    for name, value in vars(raf_db.blend(shares)).items():
        mean = sum(share * getattr(EXPRESSION_SHAPES[of], name) for of, share in shares.items())
        assert value == pytest.approx(mean)


def test_the_multi_set_is_drawn_by_its_distribution_and_the_compound_one_half_way():
    for face in raf_db.plan(seed=5, size=200):
        shares = {
            name: share for name, share in zip(EXPRESSIONS, face.distribution, strict=True) if share
        }
        assert sum(shares.values()) == pytest.approx(1)
        if face.kind == "multi":
            assert len(shares) in (2, 3)
            shape, expected = (
                list(vars(one).values()) for one in (face.portrait.shape, raf_db.blend(shares))
            )
            np.testing.assert_allclose(shape, expected)
        else:
            assert set(shares.values()) == ({0.5} if face.kind == "compound" else {1})


def test_the_oracle_sees_all_in_the_face():
    oracle = raf_db.oracle(seed=0)

    assert oracle.metrics == ("basic accuracy", "compound accuracy", "multi L1")
    assert oracle.measured_on == "test, 40 basic, 20 compound, 20 multi faces"
    assert oracle.scores["face"] == (1, 1, 0)
    *accuracies, error = oracle.scores["none"]
    assert accuracies == [1 / 7, 1 / 11]
    assert 0.1 < error < 2 / 7


def test_version_1_is_left_alone():
    faces = raf_db.plan(seed=0)
    labels = [(face.kind, face.stem, face.label) for face in faces]
    assert raf_db.VERSION == 1
    assert len(labels) == 400
    assert (
        hashlib.sha1(repr(labels).encode()).hexdigest()
        == "4b5847d7581a11985620fbd31b2687e4d22cde7e"
    )
    colours = [draw_portrait(face.portrait)[0].mean(axis=(0, 1)) for face in faces[:2]]
    # Blurs may round otherwise in another version of OpenCV.
    np.testing.assert_allclose(
        colours, [(119.8, 101.26, 121.92), (142.77, 119.27, 134.87)], atol=0.5
    )


def test_too_few_faces_are_an_error(tmp_path):
    with pytest.raises(EmoError, match=r"size: expected 20 faces or more\. Received: 19"):
        raf_db.write(tmp_path, seed=0, size=19)
    assert not list(tmp_path.iterdir())
