import json
import re
import shutil
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from emo_tf.beam.source_file import SourceFile
from emo_tf.runtime.image_io import read_image, write_image

DIRECT = ("--runner", "DirectRunner", "--out", "results")
MANY = ("predict", "many", *DIRECT, "--shards", "12")


@pytest.fixture(scope="module")
def home(tmp_path_factory, astronaut, photo, run_cli):
    """A folder with an album, what `predict --json` says of it, and the shards of a first run."""
    folder = tmp_path_factory.mktemp("home")
    portrait = read_image(astronaut)
    small = cv2.resize(portrait[20:220, 125:325], (96, 96), interpolation=cv2.INTER_AREA)
    for number in range(6):
        write_image(folder / "album" / "day" / f"{number}.png", small[: 90 + number])
    write_image(folder / "album" / "a [crowd] Ü.png", np.tile(small, (3, 3, 1)))
    write_image(folder / "album" / ".hidden.png", small)
    write_image(folder / "album" / "no face.png", photo)
    (folder / "album" / "broken.jpg").write_bytes(b"Not a picture.")
    (folder / "album" / "notes.md").write_text("Not a picture.")
    assert run_cli("predict", "album", "--json", "plain.jsonl", cwd=folder).returncode == 1
    done = run_cli("predict", "album", *DIRECT, "--shards", "4", cwd=folder)
    (folder / "said").write_text(f"{done.returncode}\n{done.stdout}{done.stderr}")
    return folder


@pytest.fixture
def here(home, tmp_path):
    """A copy of that folder for one test."""
    return shutil.copytree(home, tmp_path, dirs_exist_ok=True)


def objects(*paths):
    """Returns the objects of JSON Lines by their sources, without what takes another time."""
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
    values = [json.loads(line) for line in lines]
    assert len({value["source"] for value in values}) == len(values)
    return {value.pop("source"): value for value in values if value.pop("timings_ms", True)}


def shards(folder):
    return sorted(folder.glob("results-*.jsonl"))


def times(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.jsonl")}


def markers(folder):
    return list((folder / "results" / ".shards").glob("0*.json"))


def expected(home):
    plain = objects(home / "plain.jsonl")
    failed = {name: value for name, value in plain.items() if "error" in value}
    return {name: value for name, value in plain.items() if name not in failed}, failed


def test_the_shards_hold_what_json_of_predict_holds(home):
    found, failed = expected(home)
    assert len(found) == 8
    assert objects(*shards(home / "results")) == found
    assert objects(*(home / "results").glob("failed-*-of-00004.jsonl")) == failed
    assert failed.keys() == {"album/broken.jpg"}


def test_each_picture_lies_in_the_shard_of_its_path_and_they_are_sorted(home):
    assert len(shards(home / "results")) == 4
    for number, path in enumerate(shards(home / "results")):
        names = list(objects(path))
        assert names == sorted(names)
        assert all(SourceFile(name).shard(4) == number for name in names)


def test_a_summary_is_printed_and_a_failed_picture_makes_the_exit_code_1(home):
    said = (home / "said").read_text().splitlines()
    assert said[0] == "1"
    faces = sum(len(value["faces"]) for value in expected(home)[0].values())
    assert re.fullmatch(rf"9 pictures, {faces} faces, 1 failed, [\d.]+ s", said[1])
    assert said[2:] == ["wrote 4 of 4 shards to results (4 new)"]


def test_run_again_it_touches_nothing(here, run_cli):
    before = times(here / "results")
    done = run_cli("predict", "album", *DIRECT, cwd=here)
    assert (done.returncode, done.stderr) == (1, "")
    assert "passed over 4 of 4 shards in results, finished before" in done.stdout
    assert times(here / "results") == before


@pytest.mark.slow
def test_a_new_picture_makes_one_shard_be_done_again(here, run_cli):
    before = times(here / "results")
    shutil.copy(here / "album" / "day" / "3.png", here / "album" / "new.png")
    done = run_cli("predict", "album", *DIRECT, cwd=here)
    assert "wrote 1 of 4 shards to results (1 for other pictures)" in done.stdout
    after = times(here / "results")
    number = SourceFile("album/new.png").shard(4)
    changed = {name for name in after if before[name] != after[name]}
    assert changed == {f"{kind}-{number:05d}-of-00004.jsonl" for kind in ("results", "failed")}
    found = objects(*shards(here / "results"))
    assert found.pop("album/new.png") == found["album/day/3.png"]
    assert found == expected(here)[0]


@pytest.mark.slow
def test_names_that_are_no_utf8_are_found_and_written(here, run_cli):
    (here / "album" / "no face.png").rename(here / "caf\udce9.png")
    words = ["caf\udce9.png", "caf\udce9*.png", "--runner", "direct", "--out", "o\udce9"]
    done = run_cli("predict", *words, "--shards", "1", cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(objects(here / "o\udce9" / "results-00000-of-00001.jsonl")) == ["caf\udce9.png"]


@pytest.mark.slow
def test_another_setting_makes_all_be_done_again(here, run_cli):
    done = run_cli("predict", "album", *DIRECT, "--min-face", "90", "--no-group", cwd=here)
    assert "wrote 4 of 4 shards to results (4 for other group, min_face)" in done.stdout
    assert all(value["group"] is None for value in objects(*shards(here / "results")).values())


def test_without_beam_it_says_what_to_install(here):
    code = (
        "import sys; sys.modules['apache_beam'] = None\n"
        f"from emo_tf.cli import main; main(['predict', 'album', *{DIRECT}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--runner: expected the extra `beam` (pip install 'emo_tf[beam]')" in done.stderr
    assert done.stderr.count("\n") == 1


REFUSED = {
    "runner alone": (["--runner", "DirectRunner"], "--runner: expected --out DIR with it."),
    "out alone": (["--out", "o"], "--out: expected --runner NAME with it."),
    "shards alone": (["--shards", "3"], "--shards: expected --runner NAME with it."),
    "beam alone": (["--beam", "a=1"], "--beam: expected --runner NAME with it."),
    "no such runner": (["--runner", "DirectRuner", "--out", "o"], "did you mean DirectRunner"),
    "option of Beam": ([*DIRECT, "--beam", "direct_num_workers=x"], "invalid int value: 'x'"),
    "json": ([*DIRECT, "--json", "j"], "--json: expected no --runner, which writes JSON Lines"),
    "csv": ([*DIRECT, "--csv", "c"], "--csv: expected no --runner, which writes JSON Lines"),
    "text": ([*DIRECT, "--text", "t"], "--text: expected no --runner, which writes JSON Lines"),
    "draw": ([*DIRECT, "--draw", "d"], "--draw: expected no --runner, which writes JSON Lines"),
    "submission": (
        [*DIRECT, "--submission", "s"],
        "--submission: expected no --runner, which writes JSON Lines",
    ),
    "of videos": (
        [*DIRECT, "--every", "2"],
        "--every: expected no --runner, which writes JSON Lines",
    ),
    "standard input": (["-", *DIRECT], "-: expected pictures, folders or patterns of them"),
    "a video": (["a.mp4", *DIRECT], "Received: a video"),
    "a webcam": (["0", *DIRECT], "Received: a video"),
    "a list": (["people.txt", *DIRECT], "Received: a list of people"),
    "no file system": (["nowhere://a", *DIRECT], "of a file system that Beam has here"),
    "no such model": ([*DIRECT, "--model", "m.tflite"], "m.tflite: no such model file"),
    "remote model": ([*DIRECT, "--model", "nowhere://m.tflite"], "nowhere://m.tflite: expected a"),
    "a setting": ([*DIRECT, "--min-face", "3"], "min_face: expected 12 pixels or more."),
    "other shards": ([*DIRECT, "--shards", "5"], "--shards: expected 4, with which results was"),
    "out of something": (["--runner", "Direct", "--out", "album"], "one that holds .hidden.png"),
}


@pytest.mark.parametrize(("words", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused_in_one_line(words, message, home, run_here, monkeypatch):
    monkeypatch.chdir(home)
    before = times(home / "results")
    code, out, said = run_here("predict", "album", *words)
    assert (code, out) == (2, "")
    assert message in said
    assert said.count("\n") == 1
    assert times(home / "results") == before


@pytest.fixture
def stopped(tmp_path, astronaut):
    """Starts a run over 120 pictures in 12 shards and sends it a signal after two of them."""
    portrait = read_image(astronaut)
    for number in range(120):
        write_image(tmp_path / "many" / f"{number}.jpg", portrait[: 300 + number])

    def run(number):
        command = [sys.executable, "-m", "emo_tf", *MANY]
        process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 100
        while len(markers(tmp_path)) < 2:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(number)
        _, said = process.communicate(timeout=100)
        return process.returncode, said

    return run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "words"),
    [(signal.SIGKILL, -signal.SIGKILL, ""), (signal.SIGINT, 130, "\nemo-tf: interrupted\n")],
    ids=["killed", "interrupted"],
)
def test_a_run_that_was_stopped_leaves_whole_shards_and_the_next_completes_them(
    number, code, words, stopped, tmp_path, run_cli
):
    assert stopped(number) == (code, words)
    finished = len(markers(tmp_path))
    assert 2 <= finished < 12
    before = times(tmp_path / "results")
    assert all(value["faces"] for value in objects(*shards(tmp_path / "results")).values())

    done = run_cli(*MANY, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert f"passed over {finished} of 12 shards" in done.stdout
    after = times(tmp_path / "results")
    assert sum(before.get(name) == when for name, when in after.items()) >= 2 * finished
    assert len(objects(*shards(tmp_path / "results"))) == 120
    assert not list((tmp_path / "results" / ".shards").glob("part-*"))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["multi_processing", "multi_threading"])
def test_two_workers_write_what_one_writes(home, here, mode, run_cli):
    workers = ["--beam", f"direct_running_mode={mode}", "--beam", "direct_num_workers=2"]
    words = ["--runner", "DirectRunner", "--out", "by_two", "--shards", "4", *workers]
    done = run_cli("predict", "album", *words, cwd=here)
    assert done.returncode == 1
    for path in [*shards(here / "results"), *(here / "results").glob("failed-*")]:
        assert objects(path) == objects(here / "by_two" / path.name)


@pytest.fixture
def job_service(tmp_path):
    """Beam's own job service, which is spoken to as Flink's and Spark's are."""
    module, port = "apache_beam.runners.portability.local_job_service_main", tmp_path / "port"
    words = [sys.executable, "-m", module, "--port", "0", "--port_file", str(port)]
    with (tmp_path / "log").open("w") as log, subprocess.Popen(words, stderr=log) as process:
        try:
            deadline = time.monotonic() + 60
            while not (port.exists() and port.read_text()):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield f"localhost:{port.read_text()}"
        finally:
            process.kill()


@pytest.mark.slow
def test_a_job_service_gets_the_same_pipeline(here, job_service, run_cli):
    words = ["--beam", f"job_endpoint={job_service}", "--beam", "environment_type=LOOPBACK"]
    done = run_cli("predict", "album", *DIRECT[2:], "--runner", "Portable", *words, cwd=here)
    assert done.returncode == 1
    assert "passed over 4 of 4 shards" in done.stdout
    (here / "results" / ".shards" / "00002-of-00004.json").unlink()
    done = run_cli("predict", "album", *DIRECT[2:], "--runner", "Portable", *words, cwd=here)
    assert "wrote 1 of 4 shards to results (1 new)" in done.stdout
    assert objects(*shards(here / "results")) == expected(here)[0]
