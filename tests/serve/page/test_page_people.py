"""What the web page shows of people in their scenes."""

import shutil

import pytest

from emo_tf.labels import EMOTIC_CATEGORIES, VAD
from tests.serve.page.watched_page import answer_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def people_server(start_server, tmp_path_factory, context_tflite):
    """A server that looks at people in their scenes too."""
    root = tmp_path_factory.mktemp("root")
    folder = root / "people" / "3"
    folder.mkdir(parents=True)
    shutil.copy(context_tflite, folder / "people_float32.tflite")
    return start_server("--models", root)


@pytest.fixture
def watched(visit, people_server, astronaut):
    """The page at a phone's width with the person of the portrait selected."""
    watched = visit(people_server, viewport={"width": 360, "height": 740})
    watched.choose(astronaut)
    watched.page.check("#choice-person-0")
    return watched


@pytest.fixture
def person(people_server, astronaut) -> dict:
    """What the server says of that person."""
    (person,) = answer_of(people_server, astronaut)["people"]
    return person


def test_categories_above_their_thresholds_come_first_and_all_on_demand(watched, person):
    above = [one for one in person["categories"] if one["above"]]
    names = watched.page.locator("#categories .name")
    highest_first = [one["label"] for one in sorted(above, key=lambda one: -one["score"])]
    assert names.all_inner_texts() == highest_first
    watched.page.get_by_role("button", name="Show all 26").click()
    assert sorted(names.all_inner_texts()) == sorted(EMOTIC_CATEGORIES)
    assert watched.overflow() == 0


def test_the_dial_points_at_valence_and_arousal(watched, person):
    numbers = watched.page.locator(".vad-numbers .value").all_inner_texts()
    assert numbers == [f"{person['vad'][name]:.1f}" for name in VAD]
    parts = (".rim", ".point")
    rim, point = (watched.page.locator(f".dial {part}").bounding_box() for part in parts)
    radius = rim["width"] / 2
    right = point["x"] + point["width"] / 2 - rim["x"] - radius
    up = rim["y"] + radius - point["y"] - point["height"] / 2
    # The circle's middle is that of the scale of 1 to 10, its rim the scale's ends.
    assert 5.5 + 4.5 * right / radius == pytest.approx(person["vad"]["valence"], abs=0.1)
    assert 5.5 + 4.5 * up / radius == pytest.approx(person["vad"]["arousal"], abs=0.1)


def test_the_person_has_a_box_of_its_own(watched, person):
    shares = [value / 512 for value in person["box_xywh"]]
    assert watched.box("person-0") == pytest.approx(shares, abs=0.01)
    assert watched.page.locator(".box.selected").get_attribute("data-key") == "person-0"


def test_the_page_names_the_models_that_looked(watched):
    parts = watched.text("#parts")
    assert "Model: expression, version 1" in parts
    assert "Model: people, version 3" in parts
