import json
import re

import av
import numpy as np
import pytest

from emo_tf.weights import weight_path
from tests.made_up_videos import write_sound, write_video
from tests.portrait_videos import write_portrait_video

MODEL = ("--model", str(weight_path("expression_float16")))


@pytest.fixture
def attempt(tmp_path, run_here):
    """Runs `emo-tf predict` in the folder of the test; gives the code and what it says.

    Holds that whole files appear that were to be `written`, and nothing else.
    """

    def run(*arguments, written: tuple[str, ...] = ()) -> tuple[int, str, str]:
        before = set(tmp_path.rglob("*"))
        code, stdout, stderr = run_here("predict", *arguments, *MODEL)
        new = set(tmp_path.rglob("*")) - before
        assert {path.relative_to(tmp_path).as_posix() for path in new} == set(written)
        return code, stdout, stderr

    return run


def make_unknown_codec(path) -> None:
    """An AVI file whose codec goes by a name that nobody knows."""
    write_video(path, 5, codec="mjpeg", pixel_format="yuvj420p")
    path.write_bytes(path.read_bytes().replace(b"MJPG", b"ZQXW"))


def make_without_frames(path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.open()


MAKERS = {
    "sound.mp4": write_sound,
    "codec.avi": make_unknown_codec,
    "frames.mkv": make_without_frames,
    "empty.mp4": lambda path: path.touch(),
    "text.mp4": lambda path: path.write_text("Not a video."),
    "folder.mp4": lambda path: path.mkdir(),
    "gone.mp4": lambda path: None,
}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sound.mp4", r"expected a video stream\. Received: audio alone"),
        ("codec.avi", r"expected a video that this FFmpeg can decode\. Received: one whose codec"),
        ("frames.mkv", r"expected .*Received: "),
        ("empty.mp4", r"expected a video\. Received: no bytes"),
        ("text.mp4", r"expected .*Received: a file that begins with b'Not a video"),
        ("folder.mp4", r"expected a folder with pictures .*Received: none found"),
        ("gone.mp4", r"expected a video file\. Received: no such file"),
        ("9", r"expected one that is there and free\. Received: "),
        ("rtsp://127.0.0.1:9/x", r"expected a stream that can be reached\. Received: "),
    ],
    ids=lambda value: value.partition("://")[0] if "expected" not in value else "",
)
def test_what_is_no_video_is_an_error_entry_and_nothing_is_drawn(attempt, tmp_path, name, message):
    MAKERS.get(name, lambda path: None)(tmp_path / name)
    outputs = ["--json", "out.jsonl", "--draw", "drawn"]
    code, stdout, stderr = attempt(name, *outputs, written=("out.jsonl",))
    assert code == 1
    assert stderr == ""
    (entry,) = map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines())
    assert list(entry) == ["source", "error"]
    assert re.search(message, entry["error"])
    assert "\n" not in entry["error"]
    assert re.search(rf"^{re.escape(name)} +error: ", stdout, re.MULTILINE)


def test_a_video_of_one_pixel_has_no_faces(attempt, tmp_path):
    dots = [np.zeros((1, 1, 3), np.uint8)] * 3
    write_video(tmp_path / "dot.mkv", dots, codec="ffv1", pixel_format="bgr0")
    outputs = ["--json", "out.jsonl", "--draw", "drawn", "--plot", "plots"]
    written = ("out.jsonl", "drawn", "drawn/dot.mp4", "plots", "plots/dot.png")
    code, stdout, _ = attempt("dot.mkv", *outputs, written=written)
    assert code == 0
    assert "no face of at least 40 pixels found" in stdout
    frames = list(map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines()))
    assert [entry["tracks"] for entry in frames] == [[], [], []]


def test_of_a_truncated_file_all_is_written_that_can_be_read_and_the_cut_is_reported(
    attempt, tmp_path, astronaut
):
    whole = write_portrait_video(
        tmp_path / "whole.mp4",
        astronaut,
        count=40,
        options={"g": "5"},
        container_options={"movflags": "+faststart"},
    ).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    outputs = ["--json", "out.jsonl", "--segments", "s.jsonl", "--vtt", "v.jsonl"]
    outputs += ["--draw", "drawn"]
    written = ("out.jsonl", "s.jsonl", "v.jsonl", "drawn", "drawn/cut.mp4")
    code, stdout, _ = attempt("cut.mp4", *outputs, written=written)
    assert code == 1
    *frames, last = map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines())
    assert 5 < len(frames) < 40
    assert [entry["frame"] for entry in frames] == list(range(len(frames)))
    assert last["error"].startswith("cut.mp4: ends early: ")
    assert "error: ends early: " in stdout
    assert f"1 video, {len(frames)} frames, 1 track, 1 failed" in stdout
    with av.open(str(tmp_path / "drawn" / "cut.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == len(frames)
    assert (tmp_path / "v.jsonl").read_text("utf-8").count("\n") >= 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x.mp4", "--text", "out"], "--text: expected pictures with it"),
        (["x.mp4", "--submission", "out"], "--submission: expected pictures with it"),
        (["x.jpg", "--every", "2"], "--every: expected videos with it"),
        (["x.jpg", "--segments", "out"], "--segments: expected videos with it"),
        (["x.jpg", "x.mp4"], "SOURCE: expected pictures or videos, not both"),
        (["x.mp4", "--every", "0"], "Invalid value for '--every'"),
        (["x.mp4", "--every", "2", "--fps", "2"], "expected either every or fps"),
        (["x.mp4", "--fps", "0"], "fps: expected frames a second above 0"),
        (["x.mp4", "--start", "soon"], r"--start: expected seconds or \[h:\]mm:ss"),
        (["x.mp4", "--start", "2", "--end", "1"], "expected a start before the end"),
        (["x.mp4", "--detect-every", "0"], "Invalid value for '--detect-every'"),
        (["x.mp4", "y.mp4", "--vtt", "out"], "--vtt: expected one video"),
        (["x.mp4", "y.mp4", "--vtt-frames", "out"], "--vtt-frames: expected one video"),
        (["x.mp4", "--json", "-", "--vtt", "-"], "--vtt: expected another place than that of"),
        (["x.mp4", "--json", "x.mp4"], "--json: expected a file other than the sources"),
        (["x.mp4", "--draw", "."], "--draw: expected a folder other than that of the sources"),
        (["x.mp4", "--draw", "o", "--json", "o/x.mp4"], "o/x.mp4: expected another place than"),
        (["x.mp4", "--draw", "file"], "--draw: expected a folder. Received: file"),
        (["x.mp4", "--plot", "file/p"], "--plot: expected a folder. Received: file/p"),
        (["x.mp4", "--json", "file/out"], "file/out: cannot be written"),
        (["x.mp4", "--person-detector", "p"], "--person-detector: expected a model of people too"),
        (["x.mp4", "--model", *MODEL[1:]], "--model: expected one model of task expression"),
        (["x.mp4", "--scene-labels", "l.json"], "--scene-labels: expected --scene-network"),
    ],
    ids=lambda value: (
        " ".join(value[:4]) if isinstance(value, list) and len(value[-1]) < 20 else ""
    ),
)
def test_options_that_do_not_fit_end_in_one_line_before_any_work(
    attempt, tmp_path, arguments, message
):
    write_video(tmp_path / "x.mp4", 3)
    (tmp_path / "file").touch()
    code, stdout, stderr = attempt(*arguments)
    assert (code, stdout) == (2, "")
    assert stderr.startswith("emo-tf: error: ")
    assert stderr.count("\n") == 1
    assert re.search(message, stderr)
