import json
import math

import pytest

from tests.video_exports import KINDS, video_run

pytestmark = pytest.mark.slow


def lines_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def stretches_of(frames: list[dict]) -> list[tuple[int, float, float]]:
    """Tracks with the times between which they are seen, or out of sight for a second at most."""
    stretches, last_frame, time_s = {}, {}, 0.0
    for index, entry in enumerate(frames):
        time_s = entry["time_s"]
        for track in entry["tracks"]:
            known = stretches.setdefault(track["id"], [])
            follows = last_frame.get(track["id"]) == index - 1
            if known and (follows or round(time_s - known[-1][1], 4) <= 1):
                known[-1][1] = time_s
            else:
                known.append([time_s, time_s])
            last_frame[track["id"]] = index
    return [(track, *times) for track, known in stretches.items() for times in known]


@pytest.mark.parametrize("name", ["woman.mp4", "carphone.mp4", "bikes_no_face.mp4"])
def test_labels_pass_the_schema_and_their_number_follows_from_the_frames(
    run_cli, shared, tmp_path, name
):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is in the extra `dev`")
    schema = json.loads((shared / "data" / "vtt" / "video_label.schema.json").read_text("utf-8"))
    outputs = ["--json", "f.jsonl", "--vtt", "v.jsonl", "--vtt-frames", "old.jsonl"]
    done = run_cli("predict", shared / "videos" / name, *outputs, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    frames, labels, old = (lines_of((tmp_path / file).read_text("utf-8")) for file in outputs[1::2])
    validator = jsonschema.Draft7Validator(schema)
    assert all(validator.is_valid(label) for label in labels)
    moments = {
        (f"person_{track}", k / 2)
        for track, start, end in stretches_of(frames)
        for k in range(math.ceil(start / 0.5), math.floor(end / 0.5) + 1)
    }
    assert {(label["id"], label["seconds"]) for label in labels[::2]} == moments
    assert {(label["object"]["id"], label["seconds"]) for label in labels[1::2]} == moments
    assert len(labels) == 2 * len(moments)
    assert len(old) == sum(len(entry["tracks"]) for entry in frames)


def test_a_run_of_task_video_that_was_exported_looks_at_videos_online_and_at_no_pictures(
    run_here, shared, tmp_path
):
    run = video_run(tmp_path / "run", "residual", arguments=KINDS["residual"])
    code, _, stderr = run_here("export", "--run", run, "--precision", "float16")
    assert code == 0, stderr
    video = shared / "videos" / "carphone.mp4"
    code, stdout, _ = run_here("predict", video, "--model", run, "--json", "-", "--end", "0.5")
    assert code == 0
    chances = [
        list(track["expression"]["probabilities"].values())
        for entry in lines_of(stdout)
        for track in entry["tracks"]
    ]
    assert len(chances) == 15
    assert len(set(map(tuple, chances))) > 1
    code, _, stderr = run_here("predict", "x.jpg", "--model", run)
    assert code == 2
    assert "expected a model of task expression, emotic or group. Received: video; " in stderr
