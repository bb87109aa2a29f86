"""`emo-tf annotate` as a process: how it begins, ends, breaks off and goes on."""

import shutil
import signal
import threading
import time

import httpx
import pytest
from PIL import Image

from tests.annotating_server import ANSWER, annotating
from tests.full_disk import largest_file


def label(client: httpx.Client, name: str, *, picture: int = 1) -> httpx.Response:
    """Draws a person, answers about them and returns what the server said."""
    name = client.post("/api/annotators", json={"name": name}).json()["name"]
    body = {"annotator": name, "box_xywh": [0, 0, 40, 40]}
    person = client.post(f"/api/pictures/{picture}/people", json=body).json()
    return client.put(f"/api/people/{person['id']}/answer", json={"annotator": name, **ANSWER})


def test_it_says_where_it_listens_and_on_ctrl_c_what_the_file_holds(tmp_path):
    with annotating(tmp_path, "--no-detect") as (server, client):
        file = tmp_path / "answers.sqlite"
        assert server.greeting == (
            f"Annotating 4 pictures of {tmp_path / 'album'} on {server.url}, answers go to {file}"
        )
        label(client, "Ada")
        label(client, "Ada")
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0
        assert server.process.stdout.read() == f"{file} holds 2 answers about 2 people\n"
        assert server.log_file.read_text() == ""
    assert [path.name for path in tmp_path.glob("answers*")] == ["answers.sqlite"]


@pytest.mark.slow
def test_killed_while_two_annotators_save_it_has_lost_nothing_that_was_saved(tmp_path):
    saved = []

    def work(url: str, name: str) -> None:
        with httpx.Client(base_url=url) as client:
            try:
                while True:
                    answer = label(client, name)
                    if answer.is_success:
                        saved.append(answer.request.url.path)
            except httpx.TransportError:
                pass

    with annotating(tmp_path, "--no-detect") as (server, _):
        threads = [threading.Thread(target=work, args=(server.url, name)) for name in ("A", "B")]
        for thread in threads:
            thread.start()
        while len(saved) < 40:
            assert all(thread.is_alive() for thread in threads)
            time.sleep(0.01)
        server.process.kill()
        for thread in threads:
            thread.join(20)
    with annotating(tmp_path, "--no-detect") as (_, client):
        held = {
            f"/api/people/{person['id']}/answer"
            for name in ("A", "B")
            for person in client.get("/api/pictures/1", params={"annotator": name}).json()["people"]
            if person["answer"] is not None
        }
    assert len(saved) >= 40
    assert set(saved) <= held


def test_a_full_disk_is_told_and_the_server_goes_on(tmp_path):
    with annotating(tmp_path, "--no-detect") as (server, client):
        assert label(client, "Ada").status_code == 200
        body = {"annotator": "Ada", **ANSWER}
        with largest_file(1024, process=server.process.pid):
            answer = client.put("/api/people/1/answer", json=body)
        assert answer.status_code == 507
        assert f"{tmp_path / 'answers.sqlite'}: expected to save" in answer.json()["error"]
        answer = client.put("/api/people/1/answer", json=body)
        assert (answer.status_code, answer.json()["revision"]) == (200, 2)
        assert server.stop() == 0  # by SIGTERM


@pytest.fixture(scope="module")
def portraits(tmp_path_factory, astronaut):
    """A server of two portraits, one broken behind its head, and a client of it."""
    folder = tmp_path_factory.mktemp("portraits")
    (folder / "album").mkdir()
    shutil.copy(astronaut, folder / "album" / "a.png")
    Image.open(astronaut).convert("RGB").save(folder / "album" / "b.jpg")
    whole = (folder / "album" / "b.jpg").read_bytes()
    (folder / "album" / "c.jpg").write_bytes(whole[: len(whole) // 2])
    with annotating(folder) as (_, client):
        client.post("/api/annotators", json={"name": "Ada"})
        yield client


def test_people_are_looked_for_once_when_a_picture_is_opened(portraits):
    ada = {"annotator": "Ada"}
    (person,) = portraits.get("/api/pictures/1", params=ada).json()["people"]
    assert (person["origin"], person["locked"]) == ("detected", False)
    x, y, width, height = person["box_xywh"]
    assert x < 225 < x + width
    assert y < 110 < y + height
    assert portraits.delete(f"/api/people/{person['id']}", params=ada).status_code == 204
    assert portraits.get("/api/pictures/1", params=ada).json()["people"] == []


def test_two_who_open_a_picture_at_once_find_its_people_once(portraits):
    answers = []

    def open_picture() -> None:
        answers.append(httpx.get(f"{portraits.base_url}/api/pictures/2?annotator=Ada").json())

    threads = [threading.Thread(target=open_picture) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [len(answer["people"]) for answer in answers] == [1, 1, 1, 1]
    assert len({answer["people"][0]["id"] for answer in answers}) == 1


def test_a_picture_whose_pixels_cannot_be_decoded_says_so(portraits):
    told = portraits.get("/api/pictures/3", params={"annotator": "Ada"}).json()
    assert "c.jpg" in told["error"]
    assert told["people"] == []
