"""`emo-tf predict` with models that look at faces."""

import json
import shutil

import cv2
import numpy as np
import pytest

from emo_tf.runtime.image_io import read_image, write_image
from tests.crowds import crowd
from tests.group_models import write_face_tflite

NOTE = "Attention_C looked at the 15 largest of 40 faces"


@pytest.fixture(scope="module")
def made(tmp_path_factory, astronaut):
    """A folder with a crowd, a pair, a picture without faces, and models."""
    folder = tmp_path_factory.mktemp("made")
    for name, count in {"crowd": 40, "pair": 2}.items():
        write_image(folder / f"{name}.png", crowd(astronaut, count))
    write_image(folder / "bare.png", np.full((50, 70, 3), (0, 200, 0), np.uint8))
    settings = {"most": 15, "detection": {"min_face": 20}}
    write_face_tflite(folder / "a.tflite", name="Attention_C", image=(24, 32), **settings)
    write_face_tflite(folder / "local.tflite", name="Local", **settings)
    return folder


@pytest.fixture
def here(made, tmp_path):
    """A copy of that folder for one test."""
    return shutil.copytree(made, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def predicted(here, run_here):
    """Runs `predict` in the folder; gives the objects of its JSON by picture and what it said."""

    def run(*words):
        code, out, err = run_here("predict", *words, "--json", "out.jsonl")
        assert code == 0
        entries = map(json.loads, (here / "out.jsonl").read_text("utf-8").splitlines())
        return {entry["source"]: entry for entry in entries}, " ".join(out.split()), err

    return run


def test_faces_that_were_not_looked_at_are_told_in_json_and_on_stderr(predicted):
    entries, out, err = predicted(".", "--model", "a.tflite")
    groups = {name: entry["group"] for name, entry in entries.items()}
    assert {name: group["note"] for name, group in groups.items()} == {
        "bare.png": None,
        "crowd.png": NOTE,
        "pair.png": None,
    }
    assert {name: np.count_nonzero(one["face_weights"]) for name, one in groups.items()} == {
        "bare.png": 0,
        "crowd.png": 15,
        "pair.png": 2,
    }
    assert err == f"emo-tf: crowd.png: {NOTE}\n"
    assert "(Attention_C)" in out, "a picture without faces has its verdict too"
    assert "(Attention_C; faces positive " in out


def test_a_model_of_faces_alone_leaves_a_picture_without_faces_and_says_why(predicted):
    entries, out, err = predicted("bare.png", "--model", "local.tflite")
    assert entries["bare.png"]["group"] is None
    assert entries["bare.png"]["reason"] == "no face of at least 20 pixels found"
    assert "no face of at least 20 pixels found" in out
    assert err == ""


def test_the_smallest_face_can_be_told_from_what_the_model_learnt_from(predicted):
    entries, _, _ = predicted("crowd.png", "--model", "local.tflite", "--min-face", "120")
    assert entries["crowd.png"]["faces"] == []
    assert entries["crowd.png"]["reason"] == "no face of at least 120 pixels found"


def test_a_face_far_smaller_than_the_aligned_crop_counts_too(here, predicted, astronaut):
    small = cv2.resize(read_image(astronaut), (120, 120), interpolation=cv2.INTER_AREA)
    write_image(here / "small.png", small)
    entries, _, _ = predicted("small.png", "--model", "local.tflite")
    (face,), group = entries["small.png"]["faces"], entries["small.png"]["group"]
    assert max(face["box_xywh"][2:]) < 40
    assert (group["source"], group["face_weights"]) == ("Local", [1])


def test_notes_on_many_pictures_are_counted(here, run_here):
    for index in range(12):
        shutil.copy(here / "crowd.png", here / f"crowd_{index:02}.png")
    code, _, err = run_here("predict", *sorted(here.glob("crowd_*.png")), "--model", "a.tflite")
    *named, last = err.splitlines()
    assert (code, len(named)) == (0, 10)
    assert all(line.endswith(NOTE) for line in named)
    assert last == "emo-tf: and so in 2 more; see note in --json"


def test_drawings_show_how_much_faces_count_and_which_do_not(here, predicted):
    entries, _, _ = predicted("crowd.png", "--model", "a.tflite", "--draw", "drawn")
    drawn = read_image(here / "drawn" / "crowd.png").astype(int)
    change = np.abs(drawn - read_image(here / "crowd.png")).sum(axis=2)
    group, faces = entries["crowd.png"]["group"], entries["crowd.png"]["faces"]
    changes = {True: [], False: []}
    for weight, face in zip(group["face_weights"], faces, strict=True):
        x, y, _, height = map(round, face["box_xywh"])
        if y > 160:  # Clear of the band.
            changes[weight > 0].append(change[y + 8 : y + height - 8, x : x + 2].mean())
    assert len(changes[True]) >= 12
    assert len(changes[False]) >= 8
    assert min(changes[True]) > max(changes[False]) > 10
