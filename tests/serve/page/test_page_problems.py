"""What the web page says and offers when something goes wrong."""

import httpx
import pytest
from PIL import Image

TOKEN = "correct-horse"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small_server(start_server):
    """A server that takes small pictures only."""
    return start_server("--max-bytes", 300_000, "--max-pixels", 200_000)


@pytest.fixture(scope="module")
def guarded_server(start_server, tmp_path_factory):
    """A server that asks for a token."""
    file = tmp_path_factory.mktemp("token") / "token.txt"
    file.write_text(TOKEN)
    return start_server("--token-file", file)


def test_a_file_that_is_no_picture_gives_the_words_of_the_server(visit, server, tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("hello")
    upload = {"image": (notes.name, notes.read_bytes())}
    error = httpx.post(f"{server.url}/v1/analyze", files=upload).json()["error"]
    watched = visit(server, refused=(400,))
    watched.choose(notes)
    assert watched.text("#problem h3") == "This picture could not be looked at"
    assert watched.text("#problem-text") == error
    assert watched.page.is_hidden("#answer")


@pytest.mark.parametrize("too_many", ["bytes", "pixels"])
def test_what_is_too_large_is_not_sent_but_a_smaller_copy_is(
    visit, small_server, astronaut, tmp_path, too_many
):
    picture = astronaut
    if too_many == "pixels":
        picture = tmp_path / "astronaut.jpg"
        Image.open(astronaut).convert("RGB").save(picture)
    watched = visit(small_server)
    watched.choose(picture)
    assert watched.text("#problem h3") == "This picture is too large"
    expected = {"bytes": "this server takes up to 293 KB", "pixels": "0.3 million pixels"}
    assert expected[too_many] in watched.text("#problem-text")
    assert f"{small_server.url}/v1/analyze" not in watched.addresses
    watched.page.click("text=Send a smaller copy")
    watched.page.wait_for_selector("#answer:not([hidden])")
    assert watched.text("#details h3") == "Face 1 looks happy"
    assert watched.page.is_hidden("#problem")


def test_a_server_that_refuses_a_size_itself_is_quoted(visit, small_server, astronaut):
    watched = visit(small_server, refused=(413,), said_of_models={"models": [], "analysis": {}})
    watched.choose(astronaut)
    assert watched.text("#problem h3") == "This picture is too large"
    assert "expected at most 300000 bytes" in watched.text("#problem-text")


def test_a_picture_that_only_the_browser_can_read_may_be_sent_as_jpeg(visit, server, astronaut):
    watched = visit(server, refused=(400,))
    watched.page.route(
        "**/v1/analyze",
        lambda route: route.fulfill(status=400, body='{"error": "expected a picture"}'),
        times=1,
    )
    watched.choose(astronaut)
    watched.page.click("text=Send it as JPEG")
    watched.page.wait_for_selector("#answer:not([hidden])")
    assert watched.text("#details h3") == "Face 1 looks happy"


def test_the_token_is_asked_for_and_kept_in_memory_alone(visit, guarded_server, astronaut):
    watched = visit(guarded_server, refused=(401,))
    page = watched.page
    assert watched.text("#problem h3") == "This server asks for a token"
    page.fill("#token", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=It did not accept this one.")
    page.keyboard.type(TOKEN)  # the field has the focus
    page.get_by_role("button", name="Use it").click()
    page.wait_for_selector("#parts strong")
    assert page.is_hidden("#problem")
    watched.choose(astronaut)
    assert watched.text("#details h3") == "Face 1 looks happy"
    assert not any(TOKEN in address for address in watched.addresses)
    assert (
        page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    )


def test_a_busy_server_is_asked_again_by_itself(visit, server, astronaut):
    watched = visit(server, refused=(429,))
    body = '{"error": "queue: expected fewer than 64 waiting requests. Received: 64"}'
    watched.page.route(
        "**/v1/analyze",
        lambda route: route.fulfill(status=429, headers={"Retry-After": "1"}, body=body),
        times=1,
    )
    watched.choose(astronaut)
    assert watched.text("#problem h3") == "The server is busy"
    assert "Trying again in" in watched.text("#countdown")
    watched.page.wait_for_selector("#answer:not([hidden])")
    assert watched.page.is_hidden("#problem")


def test_a_server_that_is_gone_can_be_asked_again(visit, server, astronaut):
    watched = visit(server)
    watched.page.route("**/v1/analyze", lambda route: route.abort("connectionrefused"), times=1)
    watched.choose(astronaut)
    assert watched.text("#problem h3") == "The server does not answer"
    watched.complaints[:] = [one for one in watched.complaints if "REFUSED" not in one]
    watched.page.click("text=Try again")
    watched.page.wait_for_selector("#answer:not([hidden])")


def test_waiting_can_be_cancelled_and_taken_up_again(visit, server, astronaut):
    watched = visit(server)
    watched.page.route("**/v1/analyze", lambda route: None, times=1)  # never answered
    watched.page.set_input_files("#file", astronaut)
    watched.page.click("#abort")
    assert watched.text("#problem h3") == "Cancelled"
    watched.page.click("text=Try again")
    watched.page.wait_for_selector("#answer:not([hidden])")


def test_a_newer_photo_takes_the_place_of_one_that_is_waited_for(
    visit, server, astronaut, two_faces
):
    watched = visit(server)
    watched.page.route("**/v1/analyze", lambda route: None, times=1)  # never answered
    watched.page.set_input_files("#file", astronaut)
    watched.page.wait_for_selector("#abort")
    watched.choose(two_faces)
    assert watched.page.locator(".box.face").count() == 2
    assert watched.page.is_hidden("#problem")
