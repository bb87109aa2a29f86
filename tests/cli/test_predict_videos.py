import csv
import json
import math

import av
import numpy as np
import pytest
from PIL import Image

from emo_tf.labels import EXPRESSIONS
from emo_tf.weights import weight_path
from tests.portrait_videos import HIDDEN, RATE, write_portrait_video

STILLS = ("--model", weight_path("expression_float16"))


def lines_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, astronaut):
    """A folder with `face.mp4`: a face in each frame but those that are `HIDDEN`."""
    folder = tmp_path_factory.mktemp("videos")
    write_portrait_video(folder / "face.mp4", astronaut)
    return folder


@pytest.fixture(scope="module")
def run(folder, run_cli):
    """One run over the video with every kind of output; `run.frames` are its JSON."""
    outputs = ["--json", "f.jsonl", "--segments", "s.jsonl", "--csv", "f.csv", "--vtt", "v.jsonl"]
    outputs += ["--vtt-frames", "old.jsonl", "--draw", "drawn", "--plot", "plots", "--group"]
    done = run_cli("predict", "face.mp4", *outputs, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    done.frames = lines_of((folder / "f.jsonl").read_text("utf-8"))
    return done


def test_every_frame_is_a_line_of_json_with_one_track_throughout(run):
    assert [entry["frame"] for entry in run.frames] == list(range(60))
    assert [entry["time_s"] for entry in run.frames] == pytest.approx(np.arange(60) / RATE)
    assert {entry["source"] for entry in run.frames} == {"face.mp4"}
    for entry in run.frames:
        if entry["frame"] not in range(HIDDEN.start, HIDDEN.stop + 6):
            (track,) = entry["tracks"]
            assert (track["id"], track["expression"]["label"]) == (1, "happy")
            assert entry["group"]["label"] == "positive"
        elif entry["frame"] in HIDDEN:
            assert (entry["tracks"], entry["group"]) == ([], None)


def test_a_segment_is_a_line_of_json_and_a_row_of_the_table(run, folder):
    (segment,) = lines_of((folder / "s.jsonl").read_text("utf-8"))
    assert (segment["source"], segment["id"], segment["label"]) == ("face.mp4", 1, "happy")
    assert (segment["start_s"], segment["end_s"]) == pytest.approx((0, 59 / RATE), abs=0.3)
    assert 0.5 < segment["confidence"] <= 1
    head, row, verdict, summary, *wrote = run.stdout.splitlines()
    assert head.split() == ["file", "track", "start", "end", "expression", "%"]
    assert row.split()[:5] == ["face.mp4", "1", "0:00.0", "0:02.9", "happy"]
    assert verdict.strip().startswith("group: positive ")
    assert summary.startswith("1 video, 60 frames, 1 track, ")
    assert summary.endswith(" frames/s)")
    assert wrote == [
        *("wrote f.jsonl", "wrote s.jsonl", "wrote f.csv", "wrote v.jsonl", "wrote old.jsonl"),
        *("wrote 1 video to drawn", "wrote 1 plot to plots"),
    ]


def test_csv_has_a_row_a_frame_and_track_with_all_probabilities(run, folder):
    with (folder / "f.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert "person" not in rows[0]  # no model of people was given
    assert [int(row["frame"]) for row in rows] == list(range(60))
    for row, entry in zip(rows, run.frames, strict=True):
        if not entry["tracks"]:
            assert (row["track"], row["expression"]) == ("", "")
            continue
        (track,) = entry["tracks"]
        assert int(row["track"]) == track["id"]
        chances = [float(row[name]) for name in EXPRESSIONS]
        expected = [track["expression"]["probabilities"][name] for name in EXPRESSIONS]
        assert chances == pytest.approx(expected, abs=1e-4)
        assert row["group"] == entry["group"]["label"]


def test_vtt_labels_follow_from_the_first_and_last_moment_of_each_track(run, folder, shared):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is in the extra `dev`")
    schema = json.loads((shared / "data" / "vtt" / "video_label.schema.json").read_text("utf-8"))
    labels = lines_of((folder / "v.jsonl").read_text("utf-8"))
    for label in labels:
        jsonschema.Draft7Validator(schema).validate(label)
    seen = [entry["time_s"] for entry in run.frames if entry["tracks"]]
    moments = math.floor(seen[-1] / 0.5) - math.ceil(seen[0] / 0.5) + 1
    assert len(labels) == 2 * moments == 12
    assert [label["seconds"] for label in labels[::2]] == [0, 0.5, 1, 1.5, 2, 2.5]
    assert {label["class"] for label in labels[1::2]} == {"happy"}


def test_the_older_labels_are_one_a_frame_and_track(run, folder):
    labels = lines_of((folder / "old.jsonl").read_text("utf-8"))
    tracks = [(entry["frame"], track) for entry in run.frames for track in entry["tracks"]]
    assert [(label["frames"], label["id"]) for label in labels] == [
        (frame, track["id"]) for frame, track in tracks
    ]
    assert {label["class"] for label in labels} == {"happiness"}
    x, y, width, height = tracks[0][1]["box_xywh"]
    assert labels[0]["coordinates"] == [round(v) for v in (x, y, x + width, y + height)]


def test_the_annotated_video_has_the_frames_and_times_of_the_video(run, folder):
    with av.open(str(folder / "drawn" / "face.mp4")) as container:
        drawn = list(container.decode(video=0))
    assert [frame.time for frame in drawn] == pytest.approx(np.arange(60) / RATE, abs=1e-3)
    assert drawn[0].height > 240 * drawn[0].width / 320


def test_the_plot_is_a_picture(run, folder):
    with Image.open(folder / "plots" / "face.png") as picture:
        assert picture.format == "PNG"


def test_json_on_stdout_stands_alone_and_the_table_goes_to_stderr(run_cli, folder):
    done = run_cli("predict", "face.mp4", "--json", "-", "--end", "0.5", cwd=folder)
    assert done.returncode == 0
    assert [entry["frame"] for entry in lines_of(done.stdout)] == list(range(10))
    assert "1 video, 10 frames, 1 track" in done.stderr


@pytest.mark.parametrize(
    ("options", "frames"),
    [
        (["--every", "20"], [0, 20, 40]),
        (["--fps", "1"], [0, 20, 40]),
        (["--start", "0:02", "--end", "2.2"], [40, 41, 42, 43]),
        (["--start", "1", "--every", "25"], [20, 45]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value[0], str) else "",
)
def test_frames_are_chosen_by_number_rate_and_time(run_cli, folder, options, frames):
    done = run_cli("predict", "face.mp4", "--json", "-", *options, cwd=folder)
    assert [entry["frame"] for entry in lines_of(done.stdout)] == frames


def test_faces_are_looked_for_every_so_many_frames(run_cli, folder):
    done = run_cli(
        *("predict", "face.mp4", "--json", "-", "--start", "1.5", "--end", "2.3"),
        *("--detect-every", "1", "--min-face", "30", "--threads", "1"),
        cwd=folder,
    )
    entries = {entry["frame"]: entry for entry in lines_of(done.stdout)}
    assert entries[HIDDEN.stop - 1]["tracks"] == []
    assert len(entries[HIDDEN.stop + 3]["tracks"]) == 1


@pytest.mark.slow
def test_people_are_in_every_frame_and_in_the_table_where_a_model_looks_for_them(
    run_cli, folder, context_tflite
):
    done = run_cli(
        *("predict", "face.mp4", *STILLS, "--model", context_tflite, "--end", "0.2"),
        *("--json", "p.jsonl", "--csv", "p.csv"),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    frames = lines_of((folder / "p.jsonl").read_text("utf-8"))
    assert [len(entry["people"]) for entry in frames] == [1, 1, 1, 1]
    with (folder / "p.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["person"] for row in rows] == ["", "0"] * 4
    assert rows[1]["valence"]
    assert "group" not in rows[0]


def test_several_videos_share_the_files_and_one_that_cannot_be_read_stops_none(
    run_cli, folder, tmp_path
):
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).symlink_to(folder / "face.mp4")
    (tmp_path / "ax.mp4").write_text("Not a video.")
    outputs = ["--json", "f.jsonl", "--csv", "f.csv", "--segments", "s.jsonl", "--draw", "drawn"]
    done = run_cli("predict", ".", "--end", "0.3", *outputs, cwd=tmp_path)
    assert done.returncode == 1
    entries = lines_of((tmp_path / "f.jsonl").read_text("utf-8"))
    assert [entry["source"] for entry in entries] == ["a.mp4"] * 6 + ["ax.mp4"] + ["b.mp4"] * 6
    assert list(entries[6]) == ["source", "error"]
    assert entries[6]["error"].startswith("ax.mp4: expected a")
    with (tmp_path / "f.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["error"] for row in csv.DictReader(stream) if row["error"]] == [
            entries[6]["error"]
        ]
    segments = lines_of((tmp_path / "s.jsonl").read_text("utf-8"))
    assert [segment["source"] for segment in segments] == ["a.mp4", "b.mp4"]
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == ["a.mp4", "b.mp4"]
    assert "3 videos, 12 frames, 2 tracks, 1 failed" in done.stdout
    assert "wrote 2 videos to drawn" in done.stdout
