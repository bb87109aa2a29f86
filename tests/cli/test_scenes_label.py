import json
import re

import numpy as np
import pytest

from emo_tf.runtime.image_io import write_image
from emo_tf.runtime.scene_network import SceneNetwork

COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "white": (255, 255, 255),
}


def draw(path, colour, *, size=(30, 40)):
    return write_image(path, np.full((*size, 3), COLOURS[colour], np.uint8))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    from tests.scene_classifiers import write_other_classifier, write_own_classifier

    folder = tmp_path_factory.mktemp("models")
    write_own_classifier(folder / "own.tflite")
    write_other_classifier(folder / "other.tflite", activation="none")
    (folder / "labels.txt").write_text("/d/desert 0\n/f/forest 1\n/s/Sea/outdoor 2\n")
    return folder


@pytest.fixture
def album(tmp_path):
    folder = tmp_path / "album"
    draw(folder / "red.png", "red")
    draw(folder / "day" / "blue.png", "blue")
    return folder


@pytest.fixture
def label(run_cli, tmp_path, models):
    """Runs `emo-tf scenes label`; returns the run and what stands in labels.json after it."""

    def run(*arguments, model="own", **options):
        words = ["--model", models / f"{model}.tflite"] if model else []
        command = ("scenes", "label", *arguments, *words, "--out", "labels.json")
        done = run_cli(*command, cwd=tmp_path, **options)
        out = tmp_path / "labels.json"
        done.labels = json.loads(out.read_text("utf-8")) if out.exists() else None
        return done

    return run


@pytest.fixture
def refusal(run_here, album, models):
    """Runs `emo-tf scenes label` with what it refuses; returns the line that says why."""
    (album.parent / "two.txt").write_text("a\nb\n")
    (album.parent / "list.json").write_text("[]")

    def run(*arguments, model="own", out="labels.json") -> str:
        def files():
            paths = (path for path in album.parent.rglob("*") if path.is_file())
            return {path: path.read_bytes() for path in paths}

        before = files()
        words = ["--model", models / f"{model}.tflite"] if model else []
        code, printed, told = run_here("scenes", "label", *arguments, *words, "--out", out)
        assert (code, printed) == (2, "")
        assert files() == before
        (line,) = told.splitlines()
        return line

    return run


def test_a_folder_is_labelled_by_a_file_of_ours(label, album):
    done = label("album")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.labels == {"red.png": ["desert"], "day/blue.png": ["sea"]}
    assert done.stdout.splitlines() == ["2 pictures labelled", "wrote labels.json"]


def test_a_model_of_other_tools_takes_a_label_file(label, album, models):
    done = label("album", "--labels", models / "labels.txt", model="other")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.labels == {"red.png": ["desert"], "day/blue.png": ["sea outdoor"]}


def test_settings_of_the_labels_are_obeyed(label, album):
    done = label("album/red.png", "--min-score", 0, "--top", 2)
    assert done.labels == {"red.png": ["desert", "forest"]}


def test_keys_are_file_names_and_paths_below_what_was_given(label, tmp_path, album):
    draw(tmp_path / "other" / "green.png", "green")
    done = label(album / "day" / "blue.png", "other/", "alb*/**/red.png")
    assert list(done.labels) == ["blue.png", "green.png", "album/red.png"]


def test_pictures_with_one_name_go_by_their_paths_as_given(label, tmp_path, album):
    draw(tmp_path / "other" / "red.png", "green")
    done = label("album", "./other", "album/red.png")
    assert done.labels == {
        "album/red.png": ["desert"],
        "day/blue.png": ["sea"],
        "other/red.png": ["forest"],
    }


def test_what_cannot_be_read_is_named_and_the_rest_is_written(label, album):
    (album / "text.jpg").write_text("Not a picture.")
    done = label("album", "gone.jpg", "*.bmp")
    assert done.returncode == 1
    assert done.labels == {"red.png": ["desert"], "day/blue.png": ["sea"]}
    assert done.stdout.splitlines()[0] == "2 pictures labelled, 3 failed"
    assert [line.split(": expected")[0] for line in sorted(done.stderr.splitlines())] == [
        "emo-tf: *.bmp",
        "emo-tf: album/text.jpg",
        "emo-tf: gone.jpg",
    ]


def test_nothing_is_written_where_nothing_can_be_read(label):
    done = label("gone.jpg")
    assert (done.returncode, done.labels) == (1, None)
    assert done.stdout.splitlines() == ["0 pictures labelled, 1 failed"]


def test_pictures_without_a_label_are_counted(label, album):
    draw(album / "grey.png", "white")
    done = label("album", "--min-score", 0.9)
    assert done.labels["grey.png"] == []
    assert done.stdout.splitlines()[0] == "3 pictures labelled, 1 without a label"
    assert done.stderr == ""


def test_where_no_picture_has_a_label_the_setting_is_named(label, album):
    done = label("album", "--min-score", 1)
    assert done.returncode == 0
    assert done.labels == {"red.png": [], "day/blue.png": []}
    assert done.stderr.startswith("emo-tf: warning: no picture has a label; a smaller --min-score")


def test_pictures_that_were_labelled_before_are_passed_over(label, album, tmp_path):
    before = {"red.png": ["Kept"], "elsewhere.jpg": []}
    (tmp_path / "labels.json").write_text(json.dumps(before))
    done = label("album")
    assert done.labels == {"red.png": ["kept"], "elsewhere.jpg": [], "day/blue.png": ["sea"]}
    assert done.stdout.splitlines()[0] == "1 picture labelled, 1 labelled before"
    done = label("album")
    assert done.stdout.splitlines() == ["0 pictures labelled, 2 labelled before"]
    done = label("album", "--again")
    assert done.labels == {"red.png": ["desert"], "elsewhere.jpg": [], "day/blue.png": ["sea"]}


def write_network(path, labels):
    return SceneNetwork(labels, np.full((len(labels), 3), 0.5), np.full((3, 3), 1 / 3)).save(path)


def test_a_network_that_knows_the_labels_lets_them_be_made(label, album, tmp_path):
    write_network(tmp_path / "net.json", ("sea", "beach"))
    assert label("album", "--network", "net.json").returncode == 0


def test_a_network_that_does_not_know_the_labels_is_refused_first(refusal, tmp_path):
    write_network(tmp_path / "net.json", ("team", "trophy"))
    line = refusal("album", "--network", "net.json")
    assert "own.tflite: expected labels of the labeller" in line
    assert line.endswith("Received: 0 of 3 known")


@pytest.mark.parametrize(
    ("words", "model", "message"),
    [
        pytest.param(["album"], None, "--model, --google: expected one.*neither", id="neither"),
        pytest.param(["album", "--google"], "own", "--model, --google.*both", id="both"),
        pytest.param(
            ["album", "--google", "--network", "x"], None, "--network: expected only", id="google"
        ),
        pytest.param(["album"], "gone", "gone.tflite: no such model file", id="no model"),
        pytest.param(["album"], "other", "expected 3 labels.*--labels FILE.txt", id="no labels"),
        pytest.param(
            ["album", "--labels", "two.txt"],
            "other",
            "two.txt: expected 3 labels, one a line.*Received: 2",
            id="two labels",
        ),
        pytest.param(
            ["album", "--pixels", "-1..1"], "other", "pixels: expected.*takes uint8", id="pixels"
        ),
        pytest.param(
            ["album", "--min-score", "2"], "own", "min_score: expected 0 to 1", id="score"
        ),
        pytest.param(["album", "--top", "0"], "own", "Invalid value for '--top'", id="top"),
        pytest.param(["-"], "own", "SOURCE: expected pictures.*Received: -", id="stdin"),
        pytest.param(["two.txt"], "own", "SOURCE: expected pictures.*two.txt", id="list"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(words, model, message, refusal):
    assert re.search(f"^emo-tf: error: .*{message}", refusal(*words, model=model))


@pytest.mark.parametrize(
    ("out", "message"),
    [
        pytest.param("-", "--out: expected a file. Received: -", id="standard output"),
        pytest.param("album", "which is a folder", id="folder"),
        pytest.param("album/red.png", "a file other than the sources", id="source"),
        pytest.param("album/red.png/x.json", "a place that can be written to", id="below a file"),
        pytest.param("list.json", "list.json: expected an object of JSON", id="no labels"),
    ],
)
def test_places_that_labels_cannot_go_to_are_refused(out, message, refusal):
    assert message in refusal("album", out=out)
