import csv
import fcntl
import json
import signal
import subprocess
import sys
import time
from itertools import pairwise

import av
import pytest

from tests.portrait_videos import RATE, write_portrait_video

pytestmark = pytest.mark.slow

FRAMES = 900
OUTPUTS = ["--json", "-", "--segments", "s.jsonl", "--csv", "f.csv", "--vtt", "v.jsonl"]
OUTPUTS += ["--vtt-frames", "old.jsonl", "--draw", "drawn", "--plot", "plots"]


@pytest.fixture(scope="module")
def long_video(tmp_path_factory, astronaut):
    """A video that takes seconds to look at."""
    return write_portrait_video(
        tmp_path_factory.mktemp("long") / "long.mp4",
        astronaut,
        count=FRAMES,
        options={"preset": "ultrafast"},
    )


@pytest.fixture
def started(long_video, tmp_path):
    """`emo-tf predict` of the long video with every kind of output, which is under way."""
    command = [sys.executable, "-m", "emo_tf", "predict", str(long_video), *OUTPUTS]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    yield process
    process.kill()
    process.communicate()


def test_ctrl_c_leaves_valid_and_complete_files_up_to_that_moment(started, tmp_path):
    first = [started.stdout.readline() for _ in range(30)]
    started.send_signal(signal.SIGINT)
    stdout, stderr = started.communicate(timeout=60)
    assert started.returncode == 130
    frames = [json.loads(line) for line in "".join([*first, stdout]).splitlines()]
    count = len(frames)
    assert 30 <= count < FRAMES
    assert [entry["frame"] for entry in frames] == list(range(count))
    assert stderr.endswith(f"\nemo-tf: stopped at {(count - 1) / RATE:.1f} s\n")
    assert f"1 video, {count} frames, 1 track, " in stderr
    with (tmp_path / "f.csv").open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == count
    with av.open(str(tmp_path / "drawn" / "long.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == count
    assert (tmp_path / "plots" / "long.png").read_bytes().startswith(b"\x89PNG")
    (*_, last) = map(json.loads, (tmp_path / "s.jsonl").read_text("utf-8").splitlines())
    seen = [entry for entry in frames if entry["tracks"]]
    assert last["end_s"] == seen[-1]["time_s"]
    old = (tmp_path / "old.jsonl").read_text("utf-8").splitlines()
    assert json.loads(old[-1])["frames"] == seen[-1]["frame"]
    labels = (tmp_path / "v.jsonl").read_text("utf-8").splitlines()
    moments = [json.loads(line)["seconds"] for line in labels][::2]
    assert moments[0] == 0
    assert {after - before for before, after in pairwise(moments)} <= {0.5}
    assert moments[-1] == seen[-1]["time_s"] // 0.5 / 2
    assert not list(tmp_path.rglob(".*"))


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="pipes have one size here")
def test_ctrl_c_pressed_twice_ends_at_once_and_leaves_nothing_half_written(started, tmp_path):
    # Nobody reads on: it comes to a halt once the pipe is full.
    fcntl.fcntl(started.stdout, fcntl.F_SETPIPE_SZ, 4096)
    started.stdout.readline()
    time.sleep(2)
    started.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert started.poll() is None
    started.send_signal(signal.SIGINT)
    _, stderr = started.communicate(timeout=60)
    assert started.returncode == 130
    assert stderr.endswith("\nemo-tf: interrupted\n")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_reader_that_leaves_early_leaves_nothing_half_written(started, tmp_path):
    started.stdout.readline()
    started.stdout.close()
    assert started.wait(timeout=60) == 1
    stderr = started.stderr.read()
    assert "Traceback" not in stderr
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    started.stdout = None
