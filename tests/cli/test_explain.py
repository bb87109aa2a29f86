"""`emo-tf explain`, as a user meets it."""

import functools
import json
import re

import numpy as np
import pytest

from emo_tf.models.context_fusion import context_metadata
from emo_tf.models.keras_file import save_model
from emo_tf.runtime.image_io import read_image, write_image
from tests.detection_models import PERSON as PERSON_CLASS
from tests.detection_models import write_post_process
from tests.red_patch_models import RED, THRESHOLDS, grey_picture, red_context_model

PERSON = "32,16,32,64"


@pytest.fixture
def explain(run_here, monkeypatch, tmp_path):
    """Runs `emo-tf explain` in a folder with a run, whose model looks for red, and a red person."""
    monkeypatch.setenv("COLUMNS", "80")
    model = red_context_model()
    (tmp_path / "run").mkdir()
    about = context_metadata(model, version="1", thresholds=THRESHOLDS)
    save_model(model, tmp_path / "run" / "model.keras", metadata=about)
    write_image(tmp_path / "red.png", grey_picture((40, 32, 16, 32)))
    return functools.partial(run_here, "explain")


def test_the_verb_has_help_with_examples(explain):
    code, out, _ = explain("--help")
    assert code == 0
    assert out.count("emo-tf explain") >= 4


def test_a_person_is_explained_drawn_and_written(explain, tmp_path):
    code, out, _ = explain(
        "red.png", "--model", "run", "--box", PERSON, "--draw", "maps", "--json", "maps.jsonl"
    )
    assert code == 0
    assert re.sub(r" +\n", "\n", out) == (
        "red.png  person 0: Happiness 0.93; masked: 0.50\n"
        "           scene: peak 0.047, 100 % in the box\n"
        "             masked: nothing speaks for it\n"
        "           body: peak 0.15\n"
        "             masked: nothing speaks for it\n"
        "wrote maps.jsonl\n"
        "wrote 1 picture to maps\n"
    )
    (line,) = (tmp_path / "maps.jsonl").read_text().splitlines()
    assert json.loads(line)["people"][0]["explained"] == RED
    drawn = read_image(tmp_path / "maps" / "red.png")
    assert drawn.shape[0] > 320
    # The map is drawn over the scene, in colours that the grey picture has none of.
    assert np.ptp(drawn.astype(int), axis=2).max() > 100


def test_other_things_are_explained_when_they_are_asked_for(explain, tmp_path):
    asked = ["red.png", "--model", "run/model.keras", "--box", PERSON, "--no-check"]
    code, out, _ = explain(*asked, "--dimension", "valence", "--method", "hires-cam")
    assert code == 0
    assert "person 0: valence 6.05" in out
    assert "masked" not in out
    code, out, _ = explain(*asked, "--category", "Sadness", "--layer", "pixels", "--json", "-")
    assert code == 0
    (person,) = json.loads(out)["people"]
    assert person["explained"] == "Sadness"
    assert person["branches"]["scene"]["layer"] == "pixels"
    assert np.shape(person["branches"]["scene"]["map"]) == (48, 64)


def test_people_of_a_list_are_explained_beside_what_is_no_use(explain, tmp_path):
    (tmp_path / "broken.png").write_text("no picture")
    rows = ["red.png 32 16 64 80", "red.png 200 0 240 40", "broken.png 0 0 9 9"]
    (tmp_path / "people.txt").write_text("\n".join(rows))
    code, out, err = explain("people.txt", "--model", "run", "--draw", "maps", "--json", "-")
    assert code == 1
    first, outside, broken = map(json.loads, out.splitlines())
    assert [person["box_xywh"] for person in first["people"]] == [[32, 16, 32, 64]]
    assert outside["error"] == (
        "people.txt, line 2: expected a box with an area in the picture of 128 x 96 pixels. "
        "Received: 200 0 240 40"
    )
    assert broken["error"].startswith("broken.png: expected a picture")
    assert [path.name for path in (tmp_path / "maps").iterdir()] == ["red.png"]
    assert "error: expected a picture" in " ".join(err.split())


def test_a_picture_of_nobody_is_told_of_and_not_drawn(explain, tmp_path):
    code, out, _ = explain("red.png", "--model", "run", "--draw", "maps")
    assert code == 0
    assert "no face of at least 40 pixels found" in out
    assert not (tmp_path / "maps").exists()


def test_people_are_found_by_their_faces(explain, astronaut):
    code, out, _ = explain(astronaut, "--model", "run", "--json", "-")
    assert code == 0
    (person,) = json.loads(out)["people"]
    x, _, width, _ = person["box_xywh"]
    assert 0 <= x < 180 < 260 < x + width  # her face is there
    assert person["branches"]["scene"]["share_in_box"] > 0.3  # and so is her orange suit


def test_people_are_found_by_a_detector(explain, tmp_path):
    write_post_process(tmp_path / "seen.tflite", [((0.2, 0.3, 0.9, 0.6), PERSON_CLASS, 1)])
    options = ["--model", "run", "--person-detector", "seen.tflite", "--json", "-"]
    write_image(tmp_path / "white.png", np.full((96, 128, 3), 255, np.uint8))
    write_image(tmp_path / "black.png", np.zeros((96, 128, 3), np.uint8))
    code, out, err = explain("white.png", "black.png", *options)
    assert code == 0
    white, black = map(json.loads, out.splitlines())
    (person,) = white["people"]
    assert person["box_xywh"] == pytest.approx([38.4, 19.2, 38.4, 67.2], abs=0.1)
    assert black["reason"] == "no person found"
    assert "no person found" in err


def test_faces_are_explained_by_the_model_that_comes_with_the_package(
    run_here, astronaut, tmp_path
):
    code, out, err = run_here("explain", astronaut, "--draw", "maps", "--json", "-")
    assert code == 0
    (face,) = json.loads(out)["faces"]
    assert face["explained"] == face["expression"]["label"] == "happy"
    # What the map shows is what the answer hangs on.
    assert face["masked_score"] < 0.5 < face["control_score"]
    assert "face 0: happy 0.88" in err
    assert "strongest quarter masked: 0.3" in err
    drawn = read_image(tmp_path / "maps" / "astronaut.png")
    assert drawn.shape[1] > 4 * 300
    code, out, _ = run_here("explain", astronaut, "--expression", "surprise", "--no-check")
    assert code == 0
    assert "face 0: surprise 0.03; the likeliest is happy" in out
    assert "masked" not in out


def test_a_crowd_is_drawn_in_part_and_said_to_be(explain, tmp_path, monkeypatch):
    for module in ("explanation.panels", "cli.explain_photos"):
        monkeypatch.setattr(f"emo_tf.{module}.MOST_ROWS", 2)
    rows = [f"red.png {place} 16 {place + 9} 80" for place in range(3)]
    (tmp_path / "people.txt").write_text("\n".join(rows))
    code, out, err = explain("people.txt", "--model", "run", "--no-check", "--draw", "maps")
    assert code == 0
    assert "person 2: " in out
    assert "emo-tf: red.png: 2 of 3 people are drawn" in err
    assert 2 * 320 < read_image(tmp_path / "maps" / "red.png").shape[0] < 3 * 320
