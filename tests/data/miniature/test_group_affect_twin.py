import dataclasses
import hashlib
import pickle
from collections import Counter, defaultdict

import numpy as np
import pytest

from emo_tf.corpora.pictures import decode
from emo_tf.corpora.testing import counts_of
from emo_tf.data import builders
from emo_tf.data.miniature import group_affect
from emo_tf.data.miniature.group_labels import scene_labels_of
from emo_tf.data.miniature.groups import plan_picture
from emo_tf.errors import EmoError
from emo_tf.runtime.scene_labels import SceneLabels

SIZE = 20
COUNTS = {"train": 12, "val": 3, "eval": 2, "test": 3}


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("twin")
    group_affect.write(folder, seed=0, size=SIZE)
    return folder


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_lies_in_the_originals_folders(twin):
    folders = {path.relative_to(twin).as_posix() for path in twin.rglob("*") if path.is_dir()}
    classes = ("Negative", "Neutral", "Positive")

    assert folders == {"train", "val", "test"} | {
        f"{part}/{name}" for part in ("train", "val") for name in classes
    }
    assert {name for name in files_of(twin) if "/" not in name} == {
        "val_list",
        "test_list",
        "scene_labels.json",
    }


def test_names_count_from_1_in_every_folder():
    names = defaultdict(list)
    for photo in group_affect.plan(seed=0, size=300):
        names[photo.folder].append(photo.filename)

    classes = (("Negative", "neg"), ("Neutral", "neu"), ("Positive", "pos"))
    prefixes = {f"{part}/{name}": prefix for part in ("train", "val") for name, prefix in classes}
    for folder, prefix in (prefixes | {"test": "test"}).items():
        count = len(names[folder])
        assert count > 10
        assert names[folder] == [f"{prefix}_{number}.jpg" for number in range(1, count + 1)]


def test_the_lists_name_the_two_parts_of_val(twin):
    photos = group_affect.plan(seed=0, size=SIZE)

    for split, name in {"val": "val_list", "eval": "test_list"}.items():
        data = (twin / name).read_bytes()
        assert data.startswith(b"\x80\x02")  # protocol 2
        assert pickle.loads(data) == [p.filename for p in photos if p.split == split]


def test_every_picture_has_its_scene_labels(twin):
    labels = SceneLabels.read(twin / "scene_labels.json")

    pictures = [name for name in files_of(twin) if name.endswith(".jpg")]
    assert set(labels.by_picture) == set(pictures)
    labels.check_told_apart(twin / name for name in pictures)
    for photo in group_affect.plan(seed=0, size=SIZE):
        path = twin / photo.folder / photo.filename
        assert labels.of(path) == scene_labels_of(photo.picture)


def test_the_builder_reads_what_was_planned(twin):
    splits = builders.module("group_affect", "source").find_splits(twin)

    found = {
        split: [(photo.path, photo.label) for photo in photos] for split, photos in splits.items()
    }
    for split, count in COUNTS.items():
        planned = [
            (f"{photo.folder}/{photo.filename}", -1 if split == "test" else photo.picture.label)
            for photo in group_affect.plan(seed=0, size=SIZE)
            if photo.split == split
        ]
        assert len(planned) == count
        assert sorted(found[split]) == sorted(planned)


def test_the_builder_keeps_every_picture(twin, tmp_path):
    dataset = builders.prepare("group_affect", manual_dir=twin, data_dir=tmp_path)

    assert counts_of(dataset) == COUNTS
    assert not any(dataset.info.metadata["left_out"].values())


def test_pictures_are_jpegs_of_640_by_480(twin):
    examples_of = builders.module("group_affect", "examples").examples_of
    photos = builders.module("group_affect", "source").find_splits(twin)["eval"]

    for photo in photos:
        ((_, example),) = examples_of(photo, manual_dir=twin)
        picture = decode(example["image"])
        assert example["image"].startswith(b"\xff\xd8")
        assert (picture.width, picture.height) == (640, 480)


def test_every_picture_is_another_one_with_the_label_of_the_rule():
    photos = group_affect.plan(seed=4, size=50)

    assert [photo.picture for photo in photos] == [plan_picture(n, seed=4) for n in range(50)]
    for photo in photos:
        if photo.split != "test":
            assert photo.folder.endswith(f"/{photo.picture.label.capitalize()}")


def test_the_same_seed_writes_the_same_files_and_another_seed_others(twin, tmp_path):
    for seed in (0, 1):
        (tmp_path / str(seed)).mkdir()
        group_affect.write(tmp_path / str(seed), seed=seed, size=SIZE)

    files = files_of(twin)
    assert len(files) == SIZE + 3
    assert files_of(tmp_path / "0") == files
    assert not set(files_of(tmp_path / "1").values()) & {
        data for name, data in files.items() if not name.endswith("_list")
    }


def test_a_larger_twin_begins_like_a_smaller_one():
    small, large = (group_affect.plan(seed=0, size=size) for size in (30, 60))

    assert small[:18] == large[:18]


def test_version_4_is_left_alone():
    photos = group_affect.plan(seed=0)

    assert group_affect.VERSION == 4
    assert Counter(photo.split for photo in photos) == {
        "train": 120,
        "val": 30,
        "eval": 20,
        "test": 30,
    }
    planned = [dataclasses.astuple(photo) for photo in photos]
    assert (
        hashlib.sha1(repr(planned).encode()).hexdigest()
        == "09d195c797b1eecc6d9ff43270d39112c523d32f"
    )
    colours = [group_affect.draw_picture(p.picture)[0].mean(axis=(0, 1)) for p in photos[:2]]
    # Blurs may round otherwise in another version of OpenCV.
    np.testing.assert_allclose(
        colours, [(106.33, 111.05, 110.68), (151.7, 141.56, 135.21)], atol=0.5
    )


def test_the_oracle_scores_val_and_eval_and_more_evidence_scores_higher():
    oracle = group_affect.oracle(seed=0, size=400)

    assert oracle.measured_on == "val and eval, 100 pictures"
    assert oracle.metrics == ("accuracy",)
    none, faces, scene, both = (
        oracle.scores[evidence][0] for evidence in ("none", "faces", "scene", "both")
    )
    assert none < scene < both
    assert none < faces < both < 1


def test_too_few_pictures_are_an_error_and_ten_are_enough(tmp_path):
    with pytest.raises(EmoError, match=r"size: expected 10 pictures or more\. Received: 9"):
        group_affect.write(tmp_path, seed=0, size=9)
    assert not list(tmp_path.iterdir())
    splits = Counter(photo.split for photo in group_affect.plan(seed=0, size=10))
    assert splits == {"train": 7, "val": 1, "eval": 1, "test": 1}
