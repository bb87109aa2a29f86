"""What `docs/serving.md` tells of the server against the server itself."""

import re
from pathlib import Path

import httpx
import pytest

from emo_tf.serve.settings import ServeSettings

DOCS = Path(__file__).parents[2] / "docs" / "serving.md"


@pytest.fixture(scope="module")
def text() -> str:
    return DOCS.read_text("utf-8")


@pytest.fixture(scope="module")
def description(server) -> dict:
    return httpx.get(f"{server.url}/openapi.json").json()


def table(text: str, title: str) -> list[list[str]]:
    """Returns the rows of the first table below a title."""
    below = text.split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = [line for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_every_route_is_told(text, description):
    told = text.replace("[/versions/N]", "").replace("NAME", "{name}")
    paths = {path.replace("/versions/{version}", "") for path in description["paths"]}
    assert "/v1/models/{name}:predict" in paths
    assert not {path for path in paths if f"{path}`" not in told}


def test_every_status_of_an_error_is_told(text, description):
    told = {int(code) for cell, _ in table(text, "Errors") for code in cell.split(", ")}
    answers = (
        verb["responses"] for verbs in description["paths"].values() for verb in verbs.values()
    )
    found = {int(code) for codes in answers for code in codes} - {200}
    # Methods and faults are no routes' own.
    assert told == found | {405, 500}


def test_every_metric_is_told(text, server):
    httpx.get(f"{server.url}/healthz")
    metrics = httpx.get(f"{server.url}/metrics").text
    names = set(re.findall(r"^# TYPE (emo_tf_\w+)", metrics, re.MULTILINE))
    names = {name for name in names if not name.endswith("_created")}
    assert {"emo_tf_requests_total", "emo_tf_batch_size"} <= names
    assert not {name for name in names if f"`{name}`" not in text}


def test_the_defaults_that_are_told_are_those_of_the_settings(text):
    told = {cells[0].strip("`"): cells[1] for cells in table(text, "Limits") if cells[0]}
    settings = ServeSettings()
    assert told["--max-bytes"] == f"{settings.max_bytes // 2**20} MiB"
    assert told["--max-pixels"] == f"{settings.max_pixels // 10**6} million"
    assert told["--time-limit"] == f"{settings.time_limit_s:g} s"
    assert (told["--queue"], told["--batch"]) == (str(settings.queue), str(settings.batch))
    unnamed = [cells[1] for cells in table(text, "Limits") if not cells[0]]
    assert unnamed[:2] == [str(settings.max_instances), str(settings.max_connections)]
    assert f"{settings.max_held_bytes // 2**20} MiB of all bodies" in text
