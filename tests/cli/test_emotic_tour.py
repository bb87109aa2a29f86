"""The README's lines from pictures to a phone, run as they are written."""

import json
import re
import shlex
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"


def readme_lines() -> list[list[str]]:
    """Returns the arguments of each `emo-tf` line under "From pictures to a phone"."""
    after = README.read_text("utf-8").split("**From pictures to a phone**", maxsplit=1)[1]
    block = re.search(r"```sh\n(.*?)```", after, re.DOTALL)[1]
    return [shlex.split(line, comments=True)[1:] for line in block.splitlines()]


@pytest.mark.slow
def test_the_lines_of_the_readme_run_one_after_the_other(run_cli, tmp_path):
    lines = readme_lines()
    assert [line[0] for line in lines] == ["train", "plot", "evaluate", "export", "predict"]
    lines[-1] += ["--json", "out.jsonl"]
    said = {}
    for line in lines:
        done = run_cli(*line, cwd=tmp_path, timeout=400)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        said[line[0]] = done.stdout
    assert re.search(r"^epoch +2/2 .* examples/s", said["train"], re.MULTILINE)
    assert "B+I - B" in said["evaluate"]
    run = tmp_path / "runs" / "emotic_context"
    thresholds = json.loads((run / "thresholds.json").read_text())
    results = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    people = [person for result in results for person in result["people"]]
    assert people
    for person in people:
        assert len(person["categories"]) == 26
        told = {c["label"]: c["threshold"] for c in person["categories"] if c["threshold"]}
        assert told == pytest.approx(thresholds)
        assert set(person["vad"]) == {"valence", "arousal", "dominance"}
