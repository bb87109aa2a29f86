import csv
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.ensemble import Ensemble
from emo_tf.runtime.image_io import write_image
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork
from tests.group_models import verdict_on_colour, write_group_tflite

NETWORK = SceneNetwork(
    ("ruin", "party"),
    np.array([[0.6, 0.2, 0.1], [0.1, 0.2, 0.6]]),
    np.array([[0.6, 0.2, 0.2], [0.2, 0.6, 0.2], [0.2, 0.2, 0.6]]),
)
GREEN, RED = (0, 200, 0), (200, 0, 0)
SCENES = ["--scene-labels", "labels.json", "--scene-network", "net.json"]
NO_FACE = "no face of at least 40 pixels found"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a network, labels, two models, an ensemble of them, and made-up pictures."""
    folder = tmp_path_factory.mktemp("made")
    NETWORK.save(folder / "net.json")
    entries = {"album/a.png": ("ruin",), "b.png": ("party", "wine", "beer"), "-": ("ruin",)}
    SceneLabels(entries).write(folder / "labels.json")
    (folder / "album").mkdir()
    for name, colour in {"a": GREEN, "b": RED, "c": RED}.items():
        write_image(folder / "album" / f"{name}.png", np.full((50, 70, 3), colour, np.uint8))
    write_group_tflite(folder / "plain.tflite", name="plain", sharpness=1)
    write_group_tflite(folder / "sharp.tflite", name="sharp", sharpness=4)
    Ensemble(("plain", "sharp"), "mean").save(folder / "ensemble.json")
    return folder


@pytest.fixture
def here(made, tmp_path):
    """A copy of that folder for one test."""
    return shutil.copytree(made, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def predicted(here, run_here):
    """Runs `predict` in the folder; gives the objects of its JSON and what it printed."""

    def run(*words):
        code, out, _ = run_here("predict", *words, "--json", "out.jsonl")
        assert code == 0
        lines = (here / "out.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines], " ".join(out.split())

    return run


def shares(verdict: dict) -> list[float]:
    assert tuple(verdict) == GROUP_EMOTIONS
    return [*verdict.values()]


@pytest.fixture(scope="module")
def on_photos(tmp_path_factory, run_cli, shared):
    """One run over photographs: faces with labels, labels alone, faces alone, neither."""
    folder = tmp_path_factory.mktemp("photos")
    for name in ("friends_cast.jpg", "no_faces.jpg", "couple.jpg"):
        shutil.copy(shared / "photos" / name, folder / name)
    write_image(folder / "plain.png", np.full((50, 70, 3), GREEN, np.uint8))
    NETWORK.save(folder / "net.json")
    labels = {"friends_cast.jpg": ("party", "sofa", "wall"), "no_faces.jpg": ("ruin", "wall")}
    SceneLabels(labels).write(folder / "labels.json")
    outputs = ["--json", "out.jsonl", "--csv", "out.csv", "--draw", "drawn"]
    done = run_cli("predict", ".", *SCENES, *outputs, cwd=folder)
    lines = (folder / "out.jsonl").read_text("utf-8").splitlines()
    done.entries = {entry["source"]: entry for entry in map(json.loads, lines)}
    done.folder = folder
    return done


def test_photographs_are_judged_by_what_there_is(on_photos):
    assert (on_photos.returncode, on_photos.stderr) == (0, "")
    groups = {name: entry["group"] for name, entry in on_photos.entries.items()}
    sources = {name: group and group["source"] for name, group in groups.items()}
    assert sources == {
        "couple.jpg": "faces",
        "friends_cast.jpg": "hybrid",
        "no_faces.jpg": "scenes",
        "plain.png": None,
    }
    assert shares(groups["no_faces.jpg"]["probabilities"]) == pytest.approx(
        [6 / 9, 2 / 9, 1 / 9], abs=1e-5
    )
    verdicts = groups["friends_cast.jpg"]["verdicts"]
    faces = np.array([shares(verdicts["faces"])])
    (by_hand,) = NETWORK.infer([["party"]], faces)
    assert shares(verdicts["hybrid"]) == pytest.approx(by_hand, abs=1e-4)
    assert groups["couple.jpg"]["verdicts"]["scenes"] is None


def test_a_photograph_without_verdict_says_why(on_photos):
    entry = on_photos.entries["plain.png"]
    assert entry["reason"] == f"{NO_FACE}, and no scene labels for this picture"
    assert on_photos.entries["no_faces.jpg"]["reason"] == NO_FACE


def test_the_table_says_by_what_and_the_summary_what_was_passed_over(on_photos):
    said = " ".join(on_photos.stdout.split())
    hybrid = on_photos.entries["friends_cast.jpg"]["group"]["verdicts"]["faces"]
    label = max(hybrid, key=hybrid.__getitem__)
    assert f"(hybrid; faces {label} {100 * hybrid[label]:.0f} %, scenes positive 67 %)" in said
    assert "negative 67 %, neutral 22 %, positive 11 % (scenes)" in said
    assert ", 2 without scene labels, 2 unknown labels in 3 uses passed over, " in said


def test_csv_and_drawings_follow_the_same_verdict(on_photos):
    with (on_photos.folder / "out.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["source"]: row for row in csv.DictReader(stream)}
    cells = ["group", "group_probability", "group_source"]
    assert [rows["no_faces.jpg"][name] for name in cells] == ["negative", "0.6667", "scenes"]
    assert [rows["plain.png"][name] for name in cells] == ["", "", ""]
    assert len([*(on_photos.folder / "drawn").iterdir()]) == 4


def test_entries_are_found_by_the_ending_of_a_path(predicted):
    entries, said = predicted("album", *SCENES)
    assert [entry["group"] and entry["group"]["source"] for entry in entries] == [
        *("scenes", "scenes", None)
    ]
    assert [entry["group"] and entry["group"]["label"] for entry in entries] == [
        *("negative", "positive", None)
    ]
    assert "3 pictures, 0 faces, 1 without scene labels, 2 unknown labels in 2 uses" in said


def test_a_picture_on_standard_input_has_the_entry_of_that_name(here, run_cli):
    with (here / "album" / "b.png").open("rb") as stream:
        done = run_cli("predict", "-", *SCENES, "--json", "-", stdin=stream, cwd=here)
    assert json.loads(done.stdout)["group"]["label"] == "negative"


def test_a_list_of_people_goes_by_the_paths_of_its_pictures(here, predicted, context_tflite):
    (here / "people.txt").write_text("album/a.png 0 0 9 9\nalbum/a.png 9 0 20 20\n")
    (entry,), said = predicted("people.txt", "--model", context_tflite, *SCENES)
    assert len(entry["people"]) == 2
    assert entry["group"]["label"] == "negative"
    assert "scene labels," not in said


def test_the_network_has_a_short_name(predicted):
    words = ["album/a.png", "--scene-labels", "labels.json", "--network", "net.json"]
    (entry,), _ = predicted(*words)
    assert entry["group"]["source"] == "scenes"


def test_a_model_of_groups_has_the_word_and_several_are_joined(predicted):
    (entry,), said = predicted("album/a.png", "--model", "sharp.tflite", *SCENES)
    sharp = verdict_on_colour(GREEN)
    assert shares(entry["group"]["probabilities"]) == pytest.approx(sharp, abs=1e-4)
    assert "(sharp; scenes negative 67 %)" in said
    models = ["--model", "sharp.tflite", "--model", "plain.tflite"]
    (entry,), said = predicted("album/a.png", *models, "--ensemble", "ensemble.json")
    mean = (sharp + verdict_on_colour(GREEN, sharpness=1)) / 2
    assert shares(entry["group"]["probabilities"]) == pytest.approx(mean, abs=1e-4)
    assert "(ensemble; sharp neutral " in said


def test_an_entry_for_two_pictures_is_refused_but_not_for_one_that_is_named_twice(
    here, predicted, run_here
):
    shutil.copytree(here / "album", here / "other")
    code, _, err = run_here("predict", "album", "other", *SCENES)
    assert code == 2
    assert "Received: 'b.png' for album/b.png and other/b.png" in err
    entries, _ = predicted("album/b.png", here / "album" / "b.png", *SCENES)
    assert [entry["group"]["label"] for entry in entries] == ["positive"] * 2


WRONG = {
    "labels alone": (
        SCENES[:2],
        "--scene-labels: expected --scene-network NET.json too, a network that "
        "`emo-tf scenes fit` made. Received: labels.json alone",
    ),
    "network alone": (SCENES[2:], "--scene-network: expected --scene-labels FILE.json too"),
    "no verdict": ([*SCENES, "--no-group"], "group: expected a verdict to be asked for with"),
    "labels missing": (
        ["--scene-labels", "gone.json", *SCENES[2:]],
        "gone.json: expected scene labels, a JSON object of lists. Received: no such file",
    ),
    "wrong types": (
        ["--scene-labels", "texts.json", *SCENES[2:]],
        'texts.json: a.png: expected a list of labels, each a text. Received: "ruin"',
    ),
    "another labeller": (
        ["--scene-labels", "odd.json", *SCENES[2:]],
        "odd.json: expected labels of the labeller that the network was fitted to",
    ),
    "no network": ([*SCENES[:2], "--network", "labels.json"], "expected a file of format"),
    "another number of models": (
        ["--model", "sharp.tflite", "--ensemble", "ensemble.json"],
        "ensemble: expected members among faces, sharp, which is what is there. Received: plain",
    ),
    "another order of classes": (
        ["--model", "sharp.tflite", "--model", "plain.tflite", "--ensemble", "turned.json"],
        "turned.json: expected the classes negative, neutral, positive in this order.",
    ),
    "an input as output": (
        [*SCENES, "--csv", "labels.json"],
        "--csv: expected a file other than the sources. Received: labels.json",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_judged_by_ends_in_one_line_and_nothing_is_written(here, run_here, case):
    words, message = WRONG[case]
    (here / "texts.json").write_text('{"a.png": "ruin"}')
    (here / "odd.json").write_text(json.dumps({"a.png": [*"abcdefghijk"]}))
    turned = json.loads((here / "ensemble.json").read_text())
    (here / "turned.json").write_text(json.dumps(turned | {"classes": turned["classes"][::-1]}))
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*")}
    outputs = ["--json", "out.jsonl", "--draw", "drawn"]
    code, out, err = run_here("predict", "album/a.png", *words, *outputs)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert {path: path.stat().st_mtime_ns for path in here.rglob("*")} == before


def test_what_scenes_need_is_not_loaded_before_it_is_asked_for(here):
    code = """
import sys
from emo_tf.cli import main
try:
    main(["predict", "album/a.png"])
except SystemExit as end:
    assert end.code == 0, end.code
loaded = [name for name in sys.modules if "scene" in name or "ensemble" in name]
assert not loaded, loaded
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=here, check=False
    )
    assert done.returncode == 0, done.stderr
