"""The web page in Debian's Chromium, against a running server."""

import json

import numpy as np
import pytest
from PIL import Image

from emo_tf.labels import EXPRESSIONS
from tests.serve.page.watched_page import answer_of


@pytest.fixture
def turned(tmp_path, astronaut, make_jpeg):
    """The portrait lying on its side, with the EXIF orientation that puts it upright."""
    path = tmp_path / "turned.jpg"
    upright = np.asarray(Image.open(astronaut).convert("RGB"))[:, 60:440]
    path.write_bytes(make_jpeg(np.rot90(upright), orientation=6))
    return path


@pytest.mark.parametrize("way", ["choose", "drop", pytest.param("paste", marks=pytest.mark.slow)])
def test_a_photo_gives_boxes_bars_and_a_verdict(visit, server, astronaut, way):
    watched = visit(server)
    getattr(watched, way)(astronaut)
    answer = answer_of(server, astronaut)
    (face,) = answer["faces"]
    assert watched.box("face-0") == pytest.approx(
        [value / 512 for value in face["box_xywh"]], abs=0.01
    )
    assert watched.text("#details h3") == "Face 1 looks happy"
    bars = watched.page.locator("#details .bars li").all_inner_texts()
    probabilities = face["expression"]["probabilities"]
    assert [bar.split() for bar in bars] == [
        [name, f"{probabilities[name]:.0%}"[:-1], "%"] for name in EXPRESSIONS
    ]
    share = answer["group"]["probabilities"]["positive"]
    assert f"Appears positive {100 * share:.0f} % by the faces" in watched.text("#verdict")


@pytest.mark.slow
def test_the_download_is_the_answer_as_the_server_gave_it(visit, server, astronaut):
    watched = visit(server)
    with watched.page.expect_response("**/v1/analyze") as response:
        watched.choose(astronaut)
    with watched.page.expect_download() as download:
        watched.page.click("#download")
    assert download.value.suggested_filename == "astronaut.json"
    content = download.value.path().read_bytes()
    assert content == response.value.body()
    result = json.loads(content)
    timeless = {"timings_ms": None}
    assert result | timeless == answer_of(server, astronaut) | timeless


def test_the_keyboard_alone_is_enough(visit, server, two_faces):
    page = (watched := visit(server)).page

    def tab_to(name):
        for _ in range(8):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == name:
                return
        pytest.fail(f"Tab does not lead to {name}")

    with page.expect_file_chooser() as chooser:
        tab_to("file")
        page.keyboard.press("Enter")
    chooser.value.set_files(two_faces)
    watched.wait()
    tab_to("download")
    with page.expect_download():
        page.keyboard.press("Enter")
    tab_to("choice-face-0")
    page.keyboard.press("ArrowRight")
    assert watched.text("#details h3") == "Face 2 looks happy"
    assert page.locator(".box.selected").get_attribute("data-key") == "face-1"
    assert watched.text("#status").startswith("Face 2 looks happy, ")


@pytest.mark.slow
def test_a_box_is_selected_by_a_click(visit, server, two_faces):
    watched = visit(server)
    watched.choose(two_faces)
    assert watched.text("#verdict h3").startswith("The group appears positive")
    assert watched.page.is_checked("#choice-face-0")
    watched.page.locator("[data-key=face-1]").click()
    assert watched.page.is_checked("#choice-face-1")
    assert watched.text("#details h3") == "Face 2 looks happy"
    assert "of the group's verdict" in watched.text("#details")


@pytest.mark.slow
def test_the_camera_takes_a_picture_and_stops(visit, server):
    watched = visit(server, permissions=["camera"])
    watched.page.click("#open-camera")
    watched.page.wait_for_selector("#take:enabled")
    watched.page.evaluate(
        "window.track = document.getElementById('video').srcObject.getTracks()[0]"
    )
    watched.page.click("#take")
    watched.wait()
    assert "Nobody was found" in watched.text("#verdict")
    assert watched.page.is_hidden("#camera")
    assert watched.page.evaluate("window.track.readyState") == "ended"


@pytest.mark.slow
def test_nobody_found_says_why(visit, server, photo, tmp_path):
    Image.fromarray(photo).save(tmp_path / "colours.png")
    watched = visit(server)
    watched.choose(tmp_path / "colours.png")
    assert "Nobody was found No face of at least 40 pixels found." in watched.text("#verdict")
    assert watched.page.is_hidden("#who")


@pytest.mark.slow
def test_boxes_lie_on_the_upright_picture(visit, server, turned):
    watched = visit(server)
    watched.choose(turned)
    canvas = watched.page.locator("#canvas")
    assert canvas.evaluate("(made) => [made.width, made.height]") == [380, 512]
    assert watched.page.is_hidden("#sheet-note")
    x, y, width, height = answer_of(server, turned)["faces"][0]["box_xywh"]
    shares = [x / 380, y / 512, width / 380, height / 512]
    assert watched.box("face-0") == pytest.approx(shares, abs=0.01)


@pytest.mark.slow
def test_a_picture_that_the_browser_cannot_show_has_boxes_on_a_sheet(
    visit, server, astronaut, tmp_path
):
    Image.open(astronaut).convert("RGB").save(tmp_path / "astronaut.tif")
    watched = visit(server)
    watched.choose(tmp_path / "astronaut.tif")
    assert "boxes alone" in watched.text("#sheet-note")
    x, y, width, height = answer_of(server, astronaut)["faces"][0]["box_xywh"]
    shares = [x / 512, y / 512, width / 512, height / 512]
    assert watched.box("face-0") == pytest.approx(shares, abs=0.01)


@pytest.mark.parametrize("width", [pytest.param(320, marks=pytest.mark.slow), 360])
def test_a_phone_is_wide_enough(visit, server, two_faces, tmp_path, width):
    watched = visit(server, viewport={"width": width, "height": 740})
    assert watched.overflow() == 0
    watched.choose(two_faces)
    assert watched.overflow() == 0


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_a_screenshot_shows_something(visit, server, astronaut, tmp_path, scheme):
    watched = visit(server, color_scheme=scheme)
    watched.choose(astronaut)
    watched.page.screenshot(path=tmp_path / "page.png")
    pixels = np.asarray(Image.open(tmp_path / "page.png").convert("L"))
    assert pixels.std() > 20
    assert (np.median(pixels) > 128) == (scheme == "light")


@pytest.mark.slow
def test_whatever_a_server_says_is_shown_as_text(visit, server, astronaut):
    mark = "<img src=x onerror=alert(1)>"
    scores = [{"label": mark, "score": 0.7, "threshold": None, "above": False}]
    person = {
        "box_xywh": [-9.0, 5.0, 900.0, 99.0],
        "score": None,
        "categories": scores,
        "vad": {"valence": 14.0, "arousal": -3.0, "dominance": 11.0},
    }
    face = {"box_xywh": [0.0, 0.0, 50.0, 50.0], "score": 1, "landmarks": [], "expression": None}
    verdict = {mark: 1.0}
    group = {"label": mark, "probabilities": verdict, "source": mark, "note": mark}
    said = {
        "source": mark,
        "width": 512,
        "height": 512,
        "faces": [face],
        "people": [person],
        "group": group | {"verdicts": {"faces": verdict, mark: verdict}, "face_weights": []},
        "reason": mark,
        "timings_ms": {},
    }
    watched = visit(server)
    watched.page.route("**/v1/analyze", lambda route: route.fulfill(json=said))
    watched.choose(astronaut)
    assert watched.text("#verdict").count(mark) >= 4
    assert watched.text("#details h3") == "Face 1"
    watched.page.check("#choice-person-0")
    assert "No category lies above its threshold." in watched.text("#details")
    watched.page.get_by_role("button", name="Show all 1").click()
    assert mark in watched.text("#categories")
    rim, point = (watched.page.locator(f".dial {one}").bounding_box() for one in (".rim", ".point"))
    assert rim["x"] < point["x"] + point["width"] / 2 < rim["x"] + rim["width"]
    assert watched.box("person-0") == pytest.approx([0, 5 / 512, 1, 99 / 512], abs=0.01)
    assert watched.page.locator("img[src=x]").count() == 0


def test_the_page_says_what_it_is_and_what_the_law_asks(visit, server):
    watched = visit(server)
    assert "This is an emotion recognition system." in watched.text(".notice")
    about = watched.text("#about")
    for part in ("apparent", "not stored", "2024/1689", "Article 50(3)", "2016/679", "5(1)(f)"):
        assert part in about
