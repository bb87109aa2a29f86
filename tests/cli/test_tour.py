"""The lines of the tour, run one after the other as they are written."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise

import pytest

from tests.pages import code_blocks
from tests.running_server import running_server

PAGE = "docs/tour.md"
OF_THE_WEIGHTS = {"train", "explain", "predict"}
"""Verbs whose lines, but for the last, hang on what was learnt."""
PROGRAMS = {"emo-tf": f"'{sys.executable}' -m emo_tf", "python": f"'{sys.executable}'"}


def told() -> list[tuple[str, list[str]]]:
    """Returns each command of the page with the lines that are shown below it."""
    found = []
    for block in code_blocks(PAGE, "console"):
        starts = [match.start() for match in re.finditer(r"^\$ ", block, re.MULTILINE)]
        for start, end in pairwise([*starts, len(block)]):
            command, *shown = block[start:end].splitlines()
            found.append((command.removeprefix("$ "), shown))
    return found


def shape(line: str) -> str:
    """Returns a line with its numbers, thresholds that are missing and blanks made alike."""
    return " ".join(re.sub(r"-?\d[\d,.]*(e-\d+)?| -(?=\s|$)", " 0", line).split())


def run(command: str) -> str:
    """Runs a command in a shell and returns what it prints."""
    ours = re.sub(r"^(emo-tf|python)\b", lambda match: PROGRAMS[match[1]], command)
    done = subprocess.run(
        ["bash", "-c", ours],
        env=os.environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_lines_of_the_tour_run_and_say_what_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = told()
    (serving,) = (place for place, (line, _) in enumerate(commands) if "emo-tf serve" in line)
    asking = serving + 1
    for command, shown in commands[:serving] + commands[asking + 1 :]:
        printed = [shape(line) for line in run(command).splitlines()]
        verb = command.split()[1]
        lines = shown[-1:] if verb in OF_THE_WEIGHTS else [line for line in shown if line != "..."]
        assert [shape(line) for line in lines if shape(line) not in printed] == [], command
    metrics = json.loads(
        (tmp_path / "runs/emotic_miniature/evaluation/test/metrics.json").read_text()
    )
    assert metrics["mean_average_precision"] > 2 * 0.110

    options = commands[serving][0].split()[2:]
    with running_server(tmp_path, *options) as server:
        (greeting,) = commands[serving][1]
        address = greeting.removeprefix("Serving on ")
        assert server.greeting == f"Serving on {server.url}"
        assert address in commands[asking][0]
        answer = json.loads(run(commands[asking][0].replace(address, server.url)))
    thresholds = json.loads((tmp_path / "runs/emotic_miniature/thresholds.json").read_text())
    assert [face["expression"]["label"] for face in answer["faces"]] == ["happy", "angry"]
    assert len(answer["people"]) == 2
    for person in answer["people"]:
        assert len(person["categories"]) == 26
        given = {c["label"]: c["threshold"] for c in person["categories"] if c["threshold"]}
        assert given == pytest.approx(thresholds)
        assert set(person["vad"]) == {"valence", "arousal", "dominance"}
