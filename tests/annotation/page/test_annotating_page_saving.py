"""The page of `emo-tf annotate` never loses an answer: restarts, refusals, others at work."""

import signal

import httpx
import pytest

from tests.annotating_server import annotating
from tests.annotation.page.annotating_page import LABEL_KEYS, LABELS

pytestmark = pytest.mark.slow
TOKEN = "correct-horse"


def test_an_answer_waits_for_the_server_and_then_work_resumes_where_it_was(visit, folder):
    with annotating(folder, "--no-detect") as (server, _):
        watched = visit(server, name="Ada")
        watched.new_box()
        watched.press(*LABEL_KEYS)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    watched.expected.append("net::ERR_CONNECTION_REFUSED")
    watched.press("Enter")
    watched.page.wait_for_selector("#saved.alarm:has-text('Not saved yet')")
    assert "The server does not answer" in watched.text("#problem")
    assert watched.text("#state") == "Draft, not saved"
    assert watched.text("#picture-title") == "01.jpg"
    with annotating(folder, "--no-detect", "--port", server.port):
        watched.page.wait_for_selector("#saved.good")
        watched.page.wait_for_selector("#picture-title:text('02.jpg')")
        assert watched.page.is_hidden("#problem")
        watched.press("PageUp")
        watched.page.wait_for_selector("#state:text('Saved')")
        assert [one["answer"] for one in watched.people("Ada")] == [LABELS]
        watched.page.goto("about:blank")
        watched.page.goto(server.url)
        watched.wait_for_person()  # the name is remembered
        assert watched.text("#picture-title") == "02.jpg"
        assert watched.text("#progress-text") == "1 of 1 person, 1 of 2 pictures"


def test_when_all_is_done_it_says_how_to_go_on(visit, folder):
    with annotating(folder, "--no-detect") as (server, _):
        watched = visit(server, name="Cy", refused=(400,))
        watched.new_box()
        watched.press(*LABEL_KEYS)
        watched.save()
        watched.press("Enter")  # nobody in the second
        watched.page.wait_for_selector("#done:not([hidden])")
        assert watched.text("#progress-text") == "1 of 1 person, 2 of 2 pictures"
        assert "emo-tf annotate DIR --export FOLDER --out FILE" in watched.text("#commands")
        watched.page.click("#open-agreement")
        watched.page.wait_for_selector("#figures:has-text('labelled by one')")
        watched.page.click("#switch-annotator")
        watched.sign_in("Di")
        watched.press(*LABEL_KEYS)
        watched.press("z")
        watched.save()
        watched.page.click("#open-agreement")
        watched.page.wait_for_selector("#figures .bars")
        assert "1 person was labelled by two annotators or more" in watched.text("#figures")
        assert "valence 0.00, two differ by 0.00" in watched.text("#figures")


def test_what_another_has_labelled_or_deleted_meanwhile_is_said(visit, server, next_picture):
    watched = visit(server, name="Ed", picture=next_picture, refused=(404, 409))
    watched.new_box()
    (person,) = watched.people("Ed")
    httpx.post(f"{server.url}/api/annotators", json={"name": "Flo"})
    answer = {"annotator": "Flo", **LABELS}
    httpx.put(f"{server.url}/api/people/{person['id']}/answer", json=answer)
    corner = watched.middle(".handle.se")
    watched.drag(corner, (corner[0] + 30, corner[1] + 30))
    watched.page.wait_for_selector("#problem:has-text('Somebody else has labelled')")
    assert "Others have labelled this person" in watched.text("#box-note")
    assert watched.people("Ed")[0]["box_xywh"] == person["box_xywh"]
    watched.new_box()
    other = watched.people("Ed")[1]
    httpx.delete(f"{server.url}/api/people/{other['id']}", params={"annotator": "Flo"})
    watched.press(*LABEL_KEYS, "Enter")
    watched.page.wait_for_selector("#problem:has-text('does not know this any more')")
    assert watched.text("#saved") == "Not saved."


def test_a_full_disk_is_said_and_waited_for(visit, server, next_picture):
    watched = visit(server, name="Gus", picture=next_picture, refused=(507,))
    watched.new_box()
    watched.page.route(
        "**/answer",
        lambda route: route.fulfill(status=507, body='{"error": "disk is full"}'),
        times=1,
    )
    watched.press(*LABEL_KEYS, "Enter")
    watched.page.wait_for_selector("#problem:has-text('cannot be written')")
    watched.page.wait_for_selector("#saved.good")
    assert watched.text("#saved") == f"✓ Saved: person 1 of {next_picture:02d}.jpg"


def test_the_token_is_asked_for_and_kept_in_memory_alone(visit, folder):
    (folder / "token.txt").write_text(TOKEN)
    arguments = ("--no-detect", "--token-file", folder / "token.txt")
    with annotating(folder, *arguments) as (server, _):
        watched = visit(server, refused=(401,))
        assert watched.text("#problem h2") == "This server asks for a token"
        for token in ("wrong", TOKEN):
            watched.page.keyboard.type(token)  # the field has the focus
            watched.press("Enter")
            wanted = "#start:not([hidden])" if token == TOKEN else "text=It did not accept this one"
            watched.page.wait_for_selector(wanted)
        watched.sign_in("Hal")
        assert watched.page.evaluate("document.getElementById('image').naturalWidth") > 0
        assert TOKEN not in watched.page.evaluate("JSON.stringify({...localStorage})")
        assert httpx.get(f"{server.url}/api/project").status_code == 401


def test_people_are_found_when_a_picture_is_opened_first(visit, folder, astronaut):
    (folder / "album" / "00.png").write_bytes(astronaut.read_bytes())
    with annotating(folder) as (server, _):
        watched = visit(server, name="Ida")
        assert watched.text("#person-title") == "Person 1 of 1"
        assert watched.people("Ida")[0]["origin"] == "detected"


def test_a_finger_draws_where_it_is_told_to(visit, server, next_picture):
    watched = visit(
        server,
        name="Jo",
        picture=next_picture,
        has_touch=True,
        viewport={"width": 390, "height": 800},
    )
    frame = watched.page.locator("#boxes").bounding_box()
    session = watched.page.context.new_cdp_session(watched.page)

    def swipe():
        points = [(frame["x"] + 40, frame["y"] + 30), (frame["x"] + 200, frame["y"] + 150)]
        for kind, (x, y) in zip(("touchStart", "touchMove"), points, strict=True):
            touch = [{"x": x, "y": y}]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touch})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe()
    assert watched.people("Jo") == []
    watched.page.tap("#draw")
    frame = watched.page.locator("#boxes").bounding_box()
    swipe()
    watched.page.wait_for_selector(".person-button")
    scale = 2400 / frame["width"]
    (person,) = watched.people("Jo")
    expected = [40 * scale, 30 * scale, 160 * scale, 120 * scale]
    assert person["box_xywh"] == pytest.approx(expected, abs=1)
