"""What the server answers when all goes well, and when a request is wrong."""

import base64
import json

import httpx
import numpy as np
import pytest

from emo_tf.labels import EXPRESSIONS
from emo_tf.runtime.analyzer import Analyzer


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def predict_body(picture: bytes) -> dict:
    encoded = base64.b64encode(picture).decode()
    return {"signature_name": "serve_bytes", "instances": [{"image_bytes": {"b64": encoded}}]}


def test_a_photo_is_analysed_as_the_analyzer_does(client, astronaut):
    answer = client.post("/v1/analyze", files={"image": ("me.png", astronaut.read_bytes())})
    assert answer.status_code == 200
    got, expected = answer.json(), Analyzer(threads=1).analyze(astronaut).to_dict()
    assert got.pop("source") == "me.png"
    for values in (got, expected):
        values.pop("timings_ms")
    expected.pop("source")
    assert got == expected


def test_a_photo_without_faces_has_a_reason(client, make_picture):
    picture = make_picture(np.full((64, 64, 3), 90, np.uint8), "PNG")
    values = client.post("/v1/analyze", files={"image": ("", picture)}).json()
    assert values["faces"] == []
    assert "no face" in values["reason"]


@pytest.mark.parametrize("path", ["", "/versions/1"], ids=["highest", "numbered"])
def test_a_model_is_asked_as_tensorflow_serving_is(client, astronaut, path):
    url = f"/v1/models/expression{path}:predict"
    answer = client.post(url, json=predict_body(astronaut.read_bytes()))
    assert answer.status_code == 200
    ((*probabilities,),) = answer.json()["predictions"]
    assert len(probabilities) == len(EXPRESSIONS)
    assert sum(probabilities) == pytest.approx(1, abs=1e-4)


def test_a_body_without_a_content_type_is_taken_as_json(client, astronaut):
    content = json.dumps(predict_body(astronaut.read_bytes()))
    answer = client.post("/v1/models/expression:predict", content=content)
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["", "/versions/1"], ids=["all", "numbered"])
def test_the_state_of_a_model_is_told_as_tensorflow_serving_does(client, path):
    assert client.get(f"/v1/models/expression{path}").json() == {
        "model_version_status": [
            {
                "version": "1",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }


def test_a_model_describes_itself(client):
    values = client.get("/v1/models/expression/metadata").json()
    assert values["model_spec"] == {"name": "expression", "signature_name": "", "version": "1"}
    assert set(values["metadata"]["signature_def"]["signature_def"]) >= {"serve_bytes"}
    assert values["emo_tf"]["labels"] == list(EXPRESSIONS)


def test_the_models_are_listed_with_the_limits_of_requests(client):
    values = client.get("/v1/models").json()
    assert [(model["name"], model["version"]) for model in values["models"]] == [("expression", 1)]
    assert values["analysis"]["expression"] == {"model": "expression", "version": 1}
    assert values["limits"] == {"bytes": 16 * 2**20, "pixels": 25_000_000, "seconds": 30}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_server_says_that_it_is_well(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert client.head(path).headers["content-length"] == str(len(answer.content))


def test_answers_are_not_kept_by_anyone(client):
    for path in ("/v1/models", "/nothing", "/healthz"):
        headers = client.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


def test_the_page_may_load_nothing_from_elsewhere(client):
    answer = client.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert not [directive for directive in policy if "unsafe" in directive or "http" in directive]
    assert answer.headers["permissions-policy"] == "camera=(self)"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_files_of_the_page_have_their_types(client):
    assert client.get("/page.css").headers["content-type"] == "text/css; charset=utf-8"
    assert client.get("/page.js").headers["content-type"] == "text/javascript; charset=utf-8"


def test_nothing_loads_documentation_from_elsewhere(client):
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404


FORMS = {
    "no picture": ({"files": {"image": ("a.png", b"no picture")}}, 400, "picture"),
    "empty file": ({"files": {"image": ("a.png", b"")}}, 400, "picture"),
    "another field": ({"files": {"photo": ("a.png", b"x")}}, 400, "field of another name"),
    "two files": ({"files": [("image", b"x"), ("image", b"y")]}, 400, "Received: another"),
    "JSON": ({"json": {}}, 415, "multipart/form-data"),
    "no body": ({}, 415, "Received: none"),
    "fields of a URL": ({"data": {"image": "x"}}, 415, "multipart/form-data"),
    "no boundary": (
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        400,
        "boundary",
    ),
    "packed": (
        {"content": b"x", "headers": {"Content-Encoding": "gzip"}},
        415,
        "Content-Encoding",
    ),
}


@pytest.mark.parametrize(("request_", "status", "words"), FORMS.values(), ids=FORMS.keys())
def test_a_wrong_form_is_turned_down_with_a_reason(client, request_, status, words):
    answer = client.post("/v1/analyze", **request_)
    assert answer.status_code == status
    assert words in answer.json()["error"]


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "no object": b"[]",
    "no UTF-8": b"\xff\xfe",
    "deep": b"[" * 100_000,
    "no instances": b"{}",
    "no picture": json.dumps(
        {"signature_name": "serve_bytes", "instances": [{"image_bytes": {"b64": "eA=="}}]}
    ).encode(),
}


@pytest.mark.parametrize("content", BODIES.values(), ids=BODIES.keys())
def test_a_wrong_question_to_a_model_is_turned_down_with_a_reason(client, content):
    answer = client.post("/v1/models/expression:predict", content=content)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]


UNKNOWN = {
    "model": ("/v1/models/expresion", "did you mean expression?"),
    "model asked": ("/v1/models/expresion/metadata", "did you mean expression?"),
    "version": ("/v1/models/expression/versions/7", "version 1"),
    "path": ("/v2/models", "openapi.json"),
}


@pytest.mark.parametrize(("path", "words"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_is_not_served_is_not_found(client, path, words):
    answer = client.get(path)
    assert answer.status_code == 404
    assert words in answer.json()["error"]


def test_a_method_that_is_none_of_a_path_is_told_those_that_are(client):
    answer = client.delete("/v1/models")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert client.get("/v1/analyze").headers["allow"] == "POST"
