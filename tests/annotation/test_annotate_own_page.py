"""What the annotation tool turns down: other pages of the same browser, and what is no request."""

import asyncio
import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emo_tf.annotation.app import create_app
from emo_tf.annotation.desk import Desk
from emo_tf.annotation.shown_pictures import ShownPictures
from tests.annotating_server import ANSWER, annotating
from tests.annotation.albums import make_album, open_store, pictures_of

JSON = {"Content-Type": "application/json"}
TOKEN = "open-sesame"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with annotating(tmp_path_factory.mktemp("own_page"), "--no-detect") as (_, client):
        client.post("/api/annotators", json={"name": "Ada"})
        person = {"annotator": "Ada", "box_xywh": [0, 0, 40, 40]}
        assert client.post("/api/pictures/1/people", json=person).json()["id"] == 1
        yield client


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8502", "127.0.0.1.evil.example", "[", "10.0.0.1", ""]
)
@pytest.mark.parametrize("path", ["/", "/api/project", "/api/pictures/1/image"])
def test_a_name_that_stands_for_this_machine_for_once_gets_nothing(client, host, path):
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert "Host: expected localhost" in answer.json()["error"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:8502", "[::1]:1"])
def test_names_of_this_machine_are_answered(client, host):
    assert client.get("/api/project", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda headers: " ".join(*headers.items()),
)
def test_another_page_neither_reads_nor_changes_anything(client, headers, method):
    answer = client.request(method, "/api/people/1", headers=JSON | headers, content=b"{}")
    assert answer.status_code == 403
    assert next(iter(headers)) in answer.json()["error"]


def test_the_own_page_is_answered(client):
    headers = {"Origin": str(client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/annotators", json={"name": "Ada"}, headers=headers).is_success


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_form_of_another_page_changes_nothing(client, kind):
    headers = {"Content-Type": kind} if kind else {}
    for method, path in {"POST": "/api/annotators", "PUT": "/api/people/1/answer"}.items():
        answer = client.request(method, path, content=b'{"name": "Eve"}', headers=headers)
        assert answer.status_code == 415
        assert "application/json" in answer.json()["error"]
    assert client.get("/api/project").json()["annotators"] == ["Ada"]


def test_answers_are_for_the_own_page_alone(client):
    for path in ("/", "/api/project", "/api/pictures/1/image", "/api/nothing"):
        headers = client.get(path).headers
        assert headers["cross-origin-resource-policy"] == "same-origin", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert "access-control-allow-origin" not in headers, path
    assert "frame-ancestors 'none'" in client.get("/").headers["content-security-policy"]


def test_a_body_that_is_too_large_is_refused(client):
    body = json.dumps({"annotator": "Ada", "skip": "x" * 2**16})
    answer = client.put("/api/people/1/answer", content=body, headers=JSON)
    assert answer.status_code == 413
    assert "65536 bytes" in answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"Ada"',
        b"\xff\xfe",
        b'{"name": NaN}',
        b'{"name": "Ada", "name": "Ben"}',
        b'{"name": "\\ud800"}',
        b'{"name": {"name": "Ada"}}',
        b'{"name": "Ada", "role": "admin"}',
        b'{"name": "  "}',
        b'{"name": "a\\u0000b"}',
        b"[" * 30_000,
        b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"name": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_names_nobody_is_refused(client, body):
    answer = client.post("/api/annotators", content=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize("depth", [100, 500, 900, 980, 1100])
def test_deep_values_are_refused_in_every_field(client, depth):
    deep = "[" * depth + "]" * depth
    for field in ("annotator", *ANSWER):
        fields = {**ANSWER, "annotator": "Ada", field: "?"}
        body = json.dumps(fields).replace('"?"', deep)
        answer = client.put("/api/people/1/answer", content=body, headers=JSON)
        assert answer.status_code == 400, (field, answer.text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda children: st.lists(children, max_size=3),
    max_leaves=4,
)
bodies = st.dictionaries(
    st.sampled_from([*ANSWER, "annotator", "name", "skip", "box_xywh"]) | st.text(max_size=4),
    values | st.sampled_from(["Ada", [1, 2, 3, 4], [5, 5, 5], ["Fear"], "", "Kid"]),
)
paths = st.sampled_from(
    [
        "/api/annotators",
        "/api/pictures/1/people",
        "/api/pictures/2/nobody",
        "/api/people/1/box",
        "/api/people/1/answer",
        "/api/pictures/1",
        "/api/annotators/Ada/next",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
    path=paths,
    query=st.dictionaries(st.sampled_from(["annotator", "after"]), st.text(max_size=5)),
    content=bodies.map(json.dumps) | st.binary(max_size=40),
)
def test_no_request_makes_the_server_fail(client, method, path, query, content):
    answer = client.request(method, path, params=query, content=content, headers=JSON)
    assert answer.status_code < 500
    assert answer.is_success or answer.json()["error"]


def test_with_a_token_the_page_is_open_and_all_else_asks_for_it(tmp_path):
    asked = {
        ("/", ""): 200,
        ("/api/project", ""): 401,
        ("/api/project", "Bearer guess"): 401,
        ("/api/pictures/1/image", ""): 401,
        ("/api/nothing", ""): 401,
        ("/api/project", f"Bearer {TOKEN}"): 200,
    }

    async def statuses(app) -> list[int]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [
                (await client.get(path, headers={"Authorization": shown})).status_code
                for path, shown in asked
            ]

    with open_store(tmp_path / "answers.sqlite", make_album(tmp_path / "album")) as store:
        desk = Desk(store, ShownPictures(pictures_of(tmp_path / "album")), finder=None)
        app = create_app(desk, loopback=True, token=TOKEN)
        assert asyncio.run(statuses(app)) == list(asked.values())
