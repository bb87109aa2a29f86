"""What the annotation tool's page is answered."""

import io

import pytest
from PIL import Image

from emo_tf.labels import EMOTIC_CATEGORIES, VAD
from tests.annotating_server import ANSWER, annotating

BOX = [4.0, 6.5, 20.0, 30.0]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with annotating(tmp_path_factory.mktemp("routes"), "--no-detect") as (_, client):
        yield client


@pytest.fixture
def ada(client):
    return client.post("/api/annotators", json={"name": "Ada"}).json()["name"]


@pytest.fixture
def ben(client):
    return client.post("/api/annotators", json={"name": "Ben / B"}).json()["name"]


@pytest.fixture
def person(client, ada):
    """A new person in the first picture, drawn by Ada."""
    body = {"annotator": ada, "box_xywh": BOX}
    answer = client.post("/api/pictures/1/people", json=body)
    assert answer.status_code == 201
    yield answer.json()
    client.delete(f"/api/people/{answer.json()['id']}", params={"annotator": ada})


def people(client, annotator: str, *, picture: int = 1) -> dict[int, dict]:
    answer = client.get(f"/api/pictures/{picture}", params={"annotator": annotator})
    return {person["id"]: person for person in answer.json()["people"]}


def test_the_project_names_all_that_is_chosen_from(client, ada):
    project = client.get("/api/project").json()
    assert (project["folder"], project["pictures"], project["detects"]) == ("album", 4, False)
    assert ada in project["annotators"]
    assert [one["name"] for one in project["categories"]] == list(EMOTIC_CATEGORIES)
    assert [one["name"] for one in project["dimensions"]] == list(VAD)
    assert all(one["low"] and one["high"] for one in project["dimensions"])
    assert project["genders"] == ["Female", "Male"]
    assert project["ages"][0] == {"name": "Kid", "years": "0 to 12"}


def test_an_annotator_is_the_same_in_capitals(client, ada):
    assert client.post("/api/annotators", json={"name": " ADA "}).json() == {"name": ada}


def test_a_box_is_drawn_moved_and_taken_away(client, ada, person):
    fresh = {"box_xywh": BOX, "origin": "drawn", "locked": False, "answer": None}
    assert person == {"id": person["id"], **fresh}
    assert people(client, ada)[person["id"]] == person
    moved = {"annotator": ada, "box_xywh": [0, 0, 10, 12]}
    answer = client.put(f"/api/people/{person['id']}/box", json=moved)
    assert answer.json() == {**person, "box_xywh": [0.0, 0.0, 10.0, 12.0]}
    answer = client.delete(f"/api/people/{person['id']}", params={"annotator": ada})
    assert (answer.status_code, answer.content) == (204, b"")
    assert person["id"] not in people(client, ada)


def test_an_answer_is_told_to_whom_it_is_from_and_locks_the_box_for_others(
    client, ada, ben, person
):
    path = f"/api/people/{person['id']}"
    for revision in (1, 2):
        answer = client.put(f"{path}/answer", json={"annotator": ada, **ANSWER})
        assert answer.json()["revision"] == revision
    assert answer.json()["progress"] == client.get(f"/api/annotators/{ada}/progress").json()
    in_order = {**ANSWER, "categories": ["Affection", "Happiness"]}
    own, others = (people(client, name)[person["id"]] for name in (ada, ben))
    assert (own["answer"], own["locked"]) == (in_order, False)
    assert (others["answer"], others["locked"]) == (None, True)
    for answer in (
        client.put(f"{path}/box", json={"annotator": ben, "box_xywh": BOX}),
        client.delete(path, params={"annotator": ben}),
    ):
        assert answer.status_code == 409
        assert "nobody else" in answer.json()["error"]


def test_a_person_who_cannot_be_judged_is_skipped_with_a_reason(client, ada, person):
    body = {"annotator": ada, "skip": "seen from behind"}
    assert client.put(f"/api/people/{person['id']}/answer", json=body).status_code == 200
    assert people(client, ada)[person["id"]]["answer"] == {"skip": "seen from behind"}


WRONG_ANSWERS = {
    "categories": [["Joy"], ["Fear", "Fear"], "Fear", [1], None, [], [[["Fear"]]]],
    "vad": [[0, 5, 5], [5, 5, 11], [5, 5], [5, 5, 5.5], [5, 5, True], "555", {}, None],
    "gender": ["female", None, 1, ["Female"]],
    "age": ["Child", None, {"Kid": 1}],
    "none_applies": [True, "no", None, 0],
    "skip": ["x" * 201, None, 5, ["why"]],
}


@pytest.mark.parametrize("field", WRONG_ANSWERS)
def test_an_answer_that_is_none_is_refused_by_field(client, ada, person, field):
    for value in WRONG_ANSWERS[field]:
        answer = {"skip": value} if field == "skip" else {**ANSWER, field: value}
        got = client.put(f"/api/people/{person['id']}/answer", json={"annotator": ada, **answer})
        assert got.status_code == 400, value
        assert field in got.json()["error"], value
    assert people(client, ada)[person["id"]]["answer"] is None


@pytest.mark.parametrize("field", ["annotator", *(name for name in ANSWER if name[0] != "n")])
def test_an_answer_without_a_field_is_refused(client, ada, person, field):
    body = {"annotator": ada, **ANSWER}
    del body[field]
    got = client.put(f"/api/people/{person['id']}/answer", json=body)
    assert got.status_code == 400
    assert field in got.json()["error"]


@pytest.mark.parametrize(
    "box",
    [
        [200, 0, 10, 10],
        [0, 0, 0, 10],
        [0, 0, -5, 10],
        [0, 0, 10],
        [0, 0, 10, "10"],
        [0, 0, 10, True],
        [0, 0, 10, 10**400],
        None,
        {},
    ],
    ids=["outside", "thin", "negative", "three", "text", "truth", "huge", "null", "object"],
)
def test_a_box_that_is_none_in_the_picture_is_refused(client, ada, person, box):
    body = {"annotator": ada, "box_xywh": box}
    for answer in (
        client.post("/api/pictures/1/people", json=body),
        client.put(f"/api/people/{person['id']}/box", json=body),
    ):
        assert answer.status_code == 400
        assert "box_xywh" in answer.json()["error"]
    assert people(client, ada)[person["id"]]["box_xywh"] == BOX


@pytest.mark.parametrize(
    "number",
    ["0", "999", str(2**63), "9" * 5000, "one", "-1"],
    ids=["zero", "unused", "beyond SQLite", "beyond Python", "word", "negative"],
)
def test_pictures_and_people_that_there_are_not_are_not_found(client, ada, number):
    box = {"annotator": ada, "box_xywh": BOX}
    for answer in (
        client.get(f"/api/pictures/{number}", params={"annotator": ada}),
        client.get(f"/api/pictures/{number}/image"),
        client.post(f"/api/pictures/{number}/people", json=box),
        client.put(f"/api/pictures/{number}/nobody", json={"annotator": ada}),
        client.put(f"/api/people/{number}/box", json=box),
        client.put(f"/api/people/{number}/answer", json={"annotator": ada, **ANSWER}),
        client.delete(f"/api/people/{number}", params={"annotator": ada}),
    ):
        assert answer.status_code == 404, answer.request.url
        assert answer.json()["error"]


def test_an_annotator_whom_nobody_added_is_not_found(client, person):
    box = {"annotator": "Eve", "box_xywh": BOX}
    path = f"/api/people/{person['id']}"
    for answer in (
        client.get("/api/annotators/Eve/progress"),
        client.get("/api/annotators/Eve/next"),
        client.get("/api/pictures", params={"annotator": "Eve"}),
        client.get("/api/pictures/1", params={"annotator": "Eve"}),
        client.post("/api/pictures/1/people", json=box),
        client.put("/api/pictures/2/nobody", json={"annotator": "Eve"}),
        client.put(f"{path}/box", json=box),
        client.put(f"{path}/answer", json={"annotator": "Eve", **ANSWER}),
        client.delete(path, params={"annotator": "Eve"}),
    ):
        assert answer.status_code == 404, answer.request.url
        assert "Eve" in answer.json()["error"]
    assert client.get("/api/pictures").status_code == 400


def test_the_next_is_told_until_all_is_done(client, person):
    name = client.post("/api/annotators", json={"name": "Cleo / C"}).json()["name"]
    path = f"/api/annotators/{name.replace('/', '%2F')}/next"
    assert client.get(path).json() == {"picture": 1, "person": person["id"]}
    after = client.get(path, params={"after": person["id"]}).json()
    assert after == {"picture": 2, "person": None}
    client.put(f"/api/people/{person['id']}/answer", json={"annotator": name, "skip": ""})
    for picture in (2, 4):
        assert client.get(path).json() == {"picture": picture, "person": None}
        client.put(f"/api/pictures/{picture}/nobody", json={"annotator": name})
    assert client.get(path).json() is None
    listed = client.get("/api/pictures", params={"annotator": name}).json()
    names = ["1_turned.jpg", "2_long.png", "3_broken.jpg", "4_below/day 1.png"]
    assert [one["path"] for one in listed] == names
    assert [(one["people"], one["answered"]) for one in listed] == [(1, 1), (0, 0), (0, 0), (0, 0)]
    assert all(one["done"] for one in listed)


def test_a_picture_is_shown_upright_and_without_what_else_its_file_tells(client, ada):
    told = client.get("/api/pictures/1", params={"annotator": ada}).json()
    assert (told["width"], told["height"], told["error"]) == (48, 64, None)
    answer = client.get("/api/pictures/1/image")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, no-store"
    image = Image.open(io.BytesIO(answer.content))
    assert image.size == (48, 64)
    assert not image.getexif()


def test_a_large_picture_is_shown_smaller_and_a_png_as_one(client):
    answer = client.get("/api/pictures/2/image")
    assert answer.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (2048, 5)


def test_a_picture_that_cannot_be_read_says_why(client, ada):
    told = client.get("/api/pictures/3", params={"annotator": ada}).json()
    assert "3_broken.jpg" in told["error"]
    answer = client.get("/api/pictures/3/image")
    assert (answer.status_code, answer.json()) == (404, {"error": told["error"]})
    body = {"annotator": ada, "box_xywh": BOX}
    assert client.post("/api/pictures/3/people", json=body).status_code == 400


def test_agreement_is_told_once_two_have_labelled_somebody(client, ada, ben, person):
    assert "two annotators" in client.get("/api/agreement").json()["error"]
    for name in (ada, ben):
        client.put(f"/api/people/{person['id']}/answer", json={"annotator": name, **ANSWER})
    figures = client.get("/api/agreement").json()
    assert figures["compared"] == 1
    assert figures["categories"]["Happiness"]["agreement"] == 1


def test_wrong_paths_and_methods_are_answered_by_a_sentence(client):
    answer = client.get("/api/nothing")
    assert answer.status_code == 404
    assert "path: expected" in answer.json()["error"]
    answer = client.delete("/api/project")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert "method: expected GET, HEAD" in answer.json()["error"]


def test_head_tells_what_get_would_without_its_body(client):
    asked, got = client.head("/api/project"), client.get("/api/project")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-length"] == got.headers["content-length"]
