"""The OpenAPI file says what the server does."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import jsonschema
import pytest

from emo_tf.results import (
    CategoryScore,
    Expression,
    Face,
    Group,
    Person,
    PhotoResult,
    Vad,
)
from emo_tf.serve.app import openapi_file
from emo_tf.serve.settings import ServeSettings

PUBLISHED = Path(__file__).parents[2] / "docs" / "openapi.json"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
GUARDED = ServeSettings(token="open-sesame")


def test_the_published_file_is_what_the_server_gives(server):
    given = httpx.get(f"{server.url}/openapi.json").text
    assert PUBLISHED.read_text("utf-8") == given, (
        "rewrite it: emo-tf serve --openapi docs/openapi.json"
    )


def test_the_verb_writes_it(run_cli, tmp_path):
    file = tmp_path / "openapi.json"
    done = run_cli("serve", "--openapi", file)
    assert done.stdout == f"Wrote {file}\n"
    assert file.read_bytes() == openapi_file(ServeSettings())


def operations(description: dict) -> dict[str, dict]:
    return {
        f"{method} {path}": operation
        for path, item in description["paths"].items()
        for method, operation in item.items()
    }


def test_every_route_is_described_with_its_errors():
    described = operations(json.loads(PUBLISHED.read_text("utf-8")))
    assert {
        "post /v1/models/{name}:predict",
        "post /v1/models/{name}/versions/{version}:predict",
        "get /v1/models/{name}",
        "get /v1/models/{name}/metadata",
        "post /v1/analyze",
        "get /v1/models",
        "get /healthz",
        "get /readyz",
        "get /metrics",
    } <= set(described)
    for name, operation in described.items():
        assert "422" not in operation["responses"], name
        assert operation["summary"], name
        if "/v1/" in name:
            assert "401" in operation["responses"], name


@pytest.mark.parametrize("settings", [ServeSettings(), GUARDED], ids=["open", "token"])
def test_the_token_is_described_where_it_is_asked_for(settings):
    expected = [{"bearer": []}] if settings.token else [{}, {"bearer": []}]
    for name, operation in operations(json.loads(openapi_file(settings))).items():
        guarded = "/v1/" in name or "/metrics" in name
        assert operation.get("security") == (expected if guarded else None), name


def full_result() -> PhotoResult:
    """A result in which everything that can be there is."""
    expression = Expression("happy", {"happy": 0.75, "sad": 0.25})
    face = Face((1, 2, 3, 4), 0.9, ((0, 0),) * 5, expression)
    scores = (CategoryScore("Peace", 0.5, 0.4, True), CategoryScore("Fear", 0.1, None, False))
    person = Person((1, 2, 3, 4), None, scores, Vad(5.0, 4.0, 6.0))
    verdict = {"positive": 0.6, "negative": 0.4}
    group = Group("positive", verdict, "faces", {"faces": verdict}, (1.0,), "3 of 20 faces")
    found = {"faces": (face,), "people": (person,), "group": group}
    return PhotoResult("a.jpg", 10, 20, **found, timings_ms={"total": 1.5})


RESULTS = {
    "full": full_result(),
    "nobody": PhotoResult("a.jpg", 10, 20, reason="no face"),
    "face alone": PhotoResult("a.jpg", 1, 1, faces=(Face((0, 0, 1, 1), 1.0, ((0, 0),) * 5),)),
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS.keys())
def test_photos_have_the_shape_that_is_described(result):
    validate_photo(result.to_dict())


def test_every_field_of_a_photo_is_described():
    values = full_result().to_dict()
    for place in (values, values["faces"][0], values["people"][0], values["group"]):
        for name in list(place):
            kept = place.pop(name)
            with pytest.raises(jsonschema.ValidationError):
                validate_photo(values)
            place[name] = kept


def validate_photo(values: dict) -> None:
    description = json.loads(PUBLISHED.read_text("utf-8"))
    answer = operations(description)["post /v1/analyze"]["responses"]["200"]
    schema = answer["content"]["application/json"]["schema"]
    jsonschema.validate(
        json.loads(json.dumps(values)), schema | {"components": description["components"]}
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("token", "examples"), [(None, 10), ("open-sesame", 5)], ids=["open", "token"]
)
def test_requests_made_up_from_the_file_get_what_it_says(start_server, tmp_path, token, examples):
    environment = {} if token is None else {"EMO_TF_TOKEN": token}
    server = start_server(environment=environment)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIGURATION, "run"),
        *(f"{server.url}/openapi.json", "--max-examples", str(examples), "--seed", "1"),
    ]
    if token is not None:
        command += ["--header", f"Authorization: Bearer {token}"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert not [line for line in server.log() if line.get("status", 0) >= 500]
