"""The page of `emo-tf annotate` in Debian's Chromium, against a running server."""

import pytest

from tests.annotation.page.annotating_page import LABEL_KEYS, LABELS
from tests.annotation.page.conftest import LARGE

WIDTH, HEIGHT = LARGE


def test_the_keyboard_alone_labels_a_person(visit, server, next_picture):
    watched = visit(server, picture=next_picture)
    watched.page.keyboard.type("Ada")  # the field has the focus
    watched.press("Enter")
    watched.wait_for_person()
    assert watched.text("#person-title") == "Nobody to label"
    watched.new_box()
    watched.press("ArrowLeft", "Escape", "Shift+E", "ArrowUp", "Shift+ArrowRight", "Escape")
    watched.press(*LABEL_KEYS)
    assert watched.text("#state") == "Draft, not saved"
    watched.save()
    assert watched.text("#saved") == f"✓ Saved: person 1 of {next_picture:02d}.jpg"
    watched.page.wait_for_selector(f"#picture-title:text('{next_picture + 1:02d}.jpg')")
    watched.press("PageUp")
    watched.page.wait_for_selector("#state:text('Saved')")
    (person,) = watched.people("Ada")
    assert person["answer"] == LABELS
    step = WIDTH / 200
    expected = [0.35 * WIDTH - step, 0.25 * HEIGHT - step, 0.3 * WIDTH + step, 0.5 * HEIGHT]
    assert person["box_xywh"] == pytest.approx(expected, abs=0.01)


def test_the_mouse_draws_a_box_and_labels_a_person(visit, server, next_picture):
    watched = visit(server, name="Bo", picture=next_picture)
    page = watched.page
    frame = page.locator("#boxes").bounding_box()
    assert frame["width"] < WIDTH / 2
    start, end = (frame["x"] + 61, frame["y"] + 43), (frame["x"] + 307, frame["y"] + 290)
    watched.drag(end, start)  # towards the upper left
    page.get_by_role("checkbox", name="Peace").check()
    for name in ("valence 7: ", "arousal 1: calm", "dominance 10: in control"):
        page.get_by_role("radio", name=name.removesuffix(": "), exact=True).check()
    page.get_by_role("radio", name="Apparent gender: cannot tell").check()
    page.get_by_role("radio", name="Apparent age: Kid, 0 to 12").check()
    page.click("#save")
    watched.wait_until_saved()
    page.click("#previous-picture")
    page.wait_for_selector("#state:text('Saved')")
    (person,) = watched.people("Bo")
    scale = WIDTH / frame["width"]
    assert person["box_xywh"] == pytest.approx(
        [61 * scale, 43 * scale, 246 * scale, 247 * scale], abs=1
    )
    assert person["origin"] == "drawn"
    assert person["answer"] == {
        "categories": ["Peace"],
        "none_applies": False,
        "vad": [7, 1, 10],
        "gender": "",
        "age": "Kid",
    }


@pytest.mark.slow
def test_a_box_is_sized_moved_and_deleted(visit, server, next_picture):
    watched = visit(server, name="Cy", picture=next_picture)
    watched.new_box()
    scale = WIDTH / watched.page.locator("#boxes").bounding_box()["width"]
    (before,) = watched.people("Cy")
    x, y, width, height = before["box_xywh"]
    corner, tag = watched.middle(".handle.se"), watched.middle(".selected .tag")
    watched.press("+", "+")
    assert watched.page.locator("#boxes").bounding_box()["width"] > 1.9 * WIDTH / scale
    watched.press(".")
    with watched.page.expect_response("**/box"):
        watched.drag(corner, (corner[0] + 40, corner[1] - 30))
    with watched.page.expect_response("**/box"):
        watched.drag(tag, (tag[0] - 20, tag[1] + 10))
    (after,) = watched.people("Cy")
    expected = [x - 20 * scale, y + 10 * scale, width + 40 * scale, height - 30 * scale]
    assert after["box_xywh"] == pytest.approx(expected, abs=1)
    watched.press("Delete")
    watched.page.wait_for_selector("#person-title:text('Nobody to label')")
    assert watched.people("Cy") == []


@pytest.mark.slow
def test_whoever_cannot_be_judged_is_skipped_with_a_reason(visit, server, next_picture):
    watched = visit(server, name="Di", picture=next_picture)
    watched.new_box()
    watched.press("Shift+S", "q")
    watched.page.fill("#reason", "seen from behind")
    watched.save()
    watched.press("PageUp")
    watched.page.wait_for_selector("#state:text('Saved')")
    assert [one["answer"] for one in watched.people("Di")] == [{"skip": "seen from behind"}]
    assert watched.page.input_value("#reason") == "seen from behind"


@pytest.mark.slow
def test_what_is_not_said_yet_is_named_and_nothing_is_saved(visit, server, next_picture):
    watched = visit(server, name="Ed", picture=next_picture)
    watched.new_box()
    watched.press("q", "5", "Shift+K", "Enter")
    assert watched.text("#saved") == "Not saved, still to say: arousal, dominance, gender."
    assert watched.page.evaluate("document.activeElement.name") == "vad-1"
    assert [one["answer"] for one in watched.people("Ed")] == [None]


@pytest.mark.slow
def test_none_of_the_26_takes_the_others_back(visit, server, next_picture):
    watched = visit(server, name="Flo", picture=next_picture)
    watched.new_box()
    watched.press("q", "Shift+N")
    assert watched.page.locator("#categories :checked").count() == 1
    watched.press("z")
    assert watched.page.is_checked("#category-25")
    assert not watched.page.is_checked("#none-applies")


@pytest.mark.slow
def test_single_keys_can_be_switched_off(visit, server, next_picture):
    watched = visit(server, name="Gus", picture=next_picture)
    watched.new_box()
    watched.press("?")
    watched.page.uncheck("#single-keys")
    watched.press("Escape", "q", "5", "Shift+F")
    assert watched.page.locator("#labels :checked").count() == 0
    watched.page.reload()
    watched.wait_for_person()
    watched.press("q")
    assert watched.page.locator("#labels :checked").count() == 0


def test_drafts_come_back_after_a_reload_and_stay_with_their_person(visit, server, next_picture):
    watched = visit(server, name="Hal", picture=next_picture)
    asked = []
    watched.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    watched.new_box()
    watched.press("a", "3")
    watched.new_box()
    assert watched.page.locator("#labels :checked").count() == 0
    watched.press("b", "9")
    watched.page.reload()
    assert asked == ["beforeunload"]
    watched.wait_for_person()
    assert watched.text("#state") == "Draft, not saved"
    assert watched.page.is_checked("#category-1")
    assert watched.page.is_checked("#vad-0-9")
    watched.press("ArrowLeft")
    assert watched.text("#person-title") == "Person 1 of 2"
    assert watched.page.is_checked("#category-0")
    assert watched.page.is_checked("#vad-0-3")
    watched.page.click("#discard")
    assert watched.text("#state") == "Not labelled yet"
    assert watched.page.locator("#labels :checked").count() == 0


@pytest.mark.slow
def test_annotators_see_each_others_boxes_but_not_their_labels(visit, server, next_picture):
    first = visit(server, name="Ida", picture=next_picture)
    first.new_box()
    first.press(*LABEL_KEYS)
    first.save()
    second = visit(server, name="Jo", picture=next_picture)
    assert second.text("#person-title") == "Person 1 of 1"
    assert second.text("#state") == "Not labelled yet"
    assert second.page.locator("#labels :checked").count() == 0
    assert "Others have labelled this person" in second.text("#box-note")
    assert second.page.locator(".handle").count() == 0
    assert second.page.is_disabled("#delete-box")
    assert LABELS["categories"][0] not in second.page.evaluate("JSON.stringify(localStorage)")


@pytest.mark.slow
def test_a_picture_that_cannot_be_read_says_why(visit, server):
    watched = visit(server, name="Kim")
    watched.page.click("#open-pictures")
    watched.page.click("text=99_broken.jpg")
    watched.page.wait_for_selector("#person-title:text('This picture cannot be read')")
    assert "99_broken.jpg" in watched.text("#stage-note")
    assert watched.page.is_disabled("#new-box")
    watched.press("Enter")
    watched.page.wait_for_selector("#picture-title:text('01.jpg')")


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.slow)])
def test_the_page_is_no_wider_than_its_window(visit, server, width):
    watched = visit(server, viewport={"width": width, "height": 740})
    assert watched.overflow() == 0
    watched.sign_in("Lou")
    assert watched.overflow() == 0
    watched.new_box()
    watched.page.click("#definitions")
    assert watched.overflow() == 0


@pytest.mark.slow
def test_everything_that_can_be_used_has_a_name(visit, server, next_picture):
    watched = visit(server, name="Max", picture=next_picture)
    watched.new_box()
    session = watched.page.context.new_cdp_session(watched.page)
    tree = session.send("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "checkbox", "radio", "textbox", "group", "region", "progressbar"}
    controls = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tree
        if not node["ignored"] and node["role"]["value"] in roles
    ]
    assert sum(role == "checkbox" for role, _ in controls) == 28
    assert sum(role == "radio" for role, _ in controls) == 37
    assert [role for role, name in controls if not name.strip()] == []
    assert ("radio", "valence 1: unpleasant") in controls
    assert ("checkbox", "Doubt/Confusion") in controls
