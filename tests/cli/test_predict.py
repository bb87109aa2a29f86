import csv
import json
import os
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest

from emo_tf.labels import EXPRESSIONS, GROUP_EMOTIONS
from emo_tf.runtime.image_io import read_image, write_image

MAX_PIXELS = 2_000_000


@pytest.fixture(scope="module")
def album(tmp_path_factory, astronaut, photo, make_jpeg):
    """A folder of good, odd and unreadable pictures; links and names as people have them."""
    folder = tmp_path_factory.mktemp("home") / "album"
    portrait = read_image(astronaut)
    small = cv2.resize(portrait[20:220, 125:325], (96, 96), interpolation=cv2.INTER_AREA)
    write_image(folder / "a hundred.png", np.tile(small, (10, 10, 1)))
    write_image(folder / "cut by the border.png", np.ascontiguousarray(portrait[:, 205:]))
    write_image(folder / "ein Gesicht mit Ü 顔.png", portrait)
    write_image(folder / "no face.png", photo)
    write_image(folder / "one pixel.png", photo[:1, :1])
    write_image(folder / "over the limit.png", np.zeros((2000, 1001, 3), np.uint8))
    (folder / "empty.jpg").touch()
    (folder / "text.jpg").write_text("Not a picture.")
    whole = make_jpeg(portrait)
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "nested").mkdir()
    write_image(folder / "nested" / "no face.png", photo)
    (folder / "without").mkdir()
    return folder


@pytest.fixture(scope="module")
def run(album, run_cli):
    """One run over the whole album, with every kind of output; `run.entries` by source."""
    words = ["album", "album/without", "album/*.bmp", "album/gone.jpg"]
    outputs = ["--json", "out.jsonl", "--csv", "out.csv", "--draw", "drawn"]
    done = run_cli("predict", *words, *outputs, "--max-pixels", MAX_PIXELS, cwd=album.parent)
    lines = (album.parent / "out.jsonl").read_text("utf-8").splitlines()
    done.entries = {entry["source"]: entry for entry in map(json.loads, lines)}
    done.order = [json.loads(line)["source"] for line in lines]
    return done


def test_a_run_with_failures_ends_with_exit_code_1_and_all_else_done(run):
    assert run.returncode == 1
    assert run.stderr == ""
    assert run.order == [
        "album/a hundred.png",
        "album/cut by the border.png",
        "album/ein Gesicht mit Ü 顔.png",
        "album/empty.jpg",
        "album/no face.png",
        "album/one pixel.png",
        "album/over the limit.png",
        "album/text.jpg",
        "album/truncated.jpg",
        "album/nested/no face.png",
        "album/without",
        "album/*.bmp",
        "album/gone.jpg",
    ]


def test_a_face_is_written_as_the_contract_says(run):
    entry = run.entries["album/ein Gesicht mit Ü 顔.png"]
    assert list(entry) == [
        *("source", "width", "height", "faces", "people", "group", "reason", "timings_ms")
    ]
    assert (entry["width"], entry["height"], entry["people"], entry["reason"]) == (
        512,
        512,
        [],
        None,
    )
    (face,) = entry["faces"]
    assert list(face) == ["box_xywh", "score", "landmarks", "expression"]
    assert face["box_xywh"] == pytest.approx([181, 62, 86, 112], abs=12)
    assert np.shape(face["landmarks"]) == (5, 2)
    assert face["expression"]["label"] == "happy"
    assert list(face["expression"]["probabilities"]) == list(EXPRESSIONS)
    assert sum(face["expression"]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    group = entry["group"]
    assert (group["label"], group["source"], group["face_weights"]) == ("positive", "faces", [1])
    assert list(group["probabilities"]) == list(GROUP_EMOTIONS)
    assert group["verdicts"] == {"faces": group["probabilities"], "scenes": None, "hybrid": None}
    assert list(entry["timings_ms"]) == ["decode", "detect", "expression", "total"]


def test_a_hundred_faces_are_all_there(run):
    entry = run.entries["album/a hundred.png"]
    assert len(entry["faces"]) == 100
    assert sum(entry["group"]["face_weights"]) == pytest.approx(1, abs=1e-3)


def test_a_face_cut_by_the_border_stays_inside_the_picture(run):
    (face,) = run.entries["album/cut by the border.png"]["faces"]
    assert face["box_xywh"][0] == 0


@pytest.mark.parametrize("name", ["no face.png", "nested/no face.png", "one pixel.png"])
def test_a_picture_without_faces_is_empty_and_says_why(run, name):
    entry = run.entries[f"album/{name}"]
    assert entry["reason"] == "no face of at least 40 pixels found"
    assert (entry["faces"], entry["group"]) == ([], None)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("empty.jpg", "expected a picture .*Received: no bytes"),
        ("text.jpg", "expected a picture .*Received: a file that begins with b'Not a picture"),
        ("truncated.jpg", "expected a whole JPEG picture"),
        ("over the limit.png", "expected at most 2,000,000 pixels. Received: 1001 x 2000"),
        ("without", "expected a folder with pictures .*Received: none found"),
        ("*.bmp", "expected a pattern with pictures .*Received: none found"),
        ("gone.jpg", "expected a picture file. Received: no such file"),
    ],
)
def test_a_source_that_cannot_be_read_is_an_error_entry(run, name, message):
    entry = run.entries[f"album/{name}"]
    assert list(entry) == ["source", "error"]
    assert re.match(f"album/{re.escape(name)}: {message}", entry["error"], re.IGNORECASE)


def test_csv_tells_the_same_as_json(run, album):
    with (album.parent / "out.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(dict.fromkeys(row["source"] for row in rows)) == run.order
    assert len([row for row in rows if row["face"]]) == 102
    errors = {row["source"]: row["error"] for row in rows if row["error"]}
    assert errors == {
        source: entry["error"] for source, entry in run.entries.items() if "error" in entry
    }


def test_csv_says_how_likely_and_by_what_the_verdict_is(run, album):
    with (album.parent / "out.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            group = run.entries[row["source"]].get("group")
            cells = row["group"], row["group_probability"], row["group_source"]
            if group is None:
                assert cells == ("", "", "")
                continue
            probability = group["probabilities"][group["label"]]
            assert (cells[0], cells[2]) == (group["label"], "faces")
            assert float(cells[1]) == pytest.approx(probability, abs=1e-4)


def test_every_picture_that_was_read_is_drawn_under_its_own_name(run, album):
    drawn = album.parent / "drawn"
    names = {str(path.relative_to(drawn)) for path in drawn.rglob("*") if path.is_file()}
    assert names == {
        source.removeprefix("album/")
        for source, entry in run.entries.items()
        if "error" not in entry
    }
    original, annotated = (
        read_image(folder / "ein Gesicht mit Ü 顔.png") for folder in (album, drawn)
    )
    assert original.shape == annotated.shape
    assert (original != annotated).any()


def test_the_table_shows_every_source_and_what_was_written(run):
    for source in run.entries:
        assert source.split("/")[-1][:9] in run.stdout
    assert "13 pictures, 102 faces, 7 failed" in run.stdout
    assert run.stdout.splitlines()[-3:] == [
        *("wrote out.jsonl", "wrote out.csv", "wrote 6 pictures to drawn")
    ]


def test_json_on_stdout_stands_alone_and_a_picture_may_come_from_stdin(run_cli, astronaut):
    with astronaut.open("rb") as stream:
        done = run_cli("predict", "-", "--json", "-", "--no-group", stdin=stream)
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()
    entry = json.loads(line)
    assert (entry["source"], len(entry["faces"]), entry["group"]) == ("-", 1, None)
    assert "happy" in done.stderr
    assert "1 picture, 1 face" in done.stderr


def test_a_reader_that_leaves_early_is_no_error_of_ours(astronaut):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "emo_tf", "predict", str(astronaut), "--json", "-"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_the_number_of_failures_is_told_also_where_the_first_picture_failed(run_cli, tmp_path):
    done = run_cli("predict", "missing.jpg", cwd=tmp_path)
    assert done.returncode == 1
    assert "1 picture, 0 faces, 1 failed, " in done.stdout
