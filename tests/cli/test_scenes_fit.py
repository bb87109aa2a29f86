"""`emo-tf scenes fit` from tables, as a user meets it."""

import json

import numpy as np
import pytest

from emo_tf.groups.scene_fit import SMOOTHING, TEMPER, fit_network, published_network
from emo_tf.groups.scene_selection import choose_settings
from emo_tf.groups.scene_tables import FaceVerdicts, SceneCounts, read_confusion
from emo_tf.metrics.probability_figures import probability_figures
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork

COUNTS = """label,positive,negative,neutral
team,30,2,9
war,0,25,5
total,40,41,50
"""
CONFUSION = """actual,positive,negative,neutral
positive,27,2,4
negative,3,8,5
neutral,4,4,11
"""
TABLES = "--counts", "counts.csv", "--confusion", "confusion.csv"
TUNING = "--tune-labels", "tune.json", "--tune-faces", "tune.csv"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with tables of two labels, and with pictures to choose settings on."""
    (tmp_path / "counts.csv").write_text(COUNTS)
    (tmp_path / "confusion.csv").write_text(CONFUSION)
    rows, labels = ["image,actual,cnn"], {}
    for number in range(12):
        actual = ("positive", "negative", "neutral")[number % 3]
        rows.append(f"{number}.jpg,{actual},{'neutral' if number % 4 else actual}")
        labels[f"{number}.jpg"] = [("team", "war", "unheard of")[(number + number // 6) % 3]]
    (tmp_path / "tune.csv").write_text("\n".join(rows))
    (tmp_path / "tune.json").write_text(json.dumps(labels))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def fit(run_cli, folder):
    def run(*options):
        return run_cli("scenes", "fit", "--out", "net.json", *options, cwd=folder)

    return run


def tables(folder) -> tuple[SceneCounts, np.ndarray]:
    return SceneCounts.read(folder / "counts.csv"), read_confusion(folder / "confusion.csv")


def assert_equal(network: SceneNetwork, expected: SceneNetwork) -> None:
    assert network.labels == expected.labels
    np.testing.assert_allclose(network.label_probabilities, expected.label_probabilities)
    np.testing.assert_allclose(network.face_probabilities, expected.face_probabilities)
    for name in ("temper", "absent", "hard_faces", "fit"):
        assert getattr(network, name) == getattr(expected, name)


def test_the_verb_has_help_with_examples(run_cli):
    done = run_cli("scenes", "fit", "--help")
    assert done.returncode == 0
    assert done.stdout.count("emo-tf scenes fit --") >= 4
    words = " ".join(done.stdout.replace("│", " ").split())
    assert f"[default: {SMOOTHING:g}]" in words
    assert f"[default: {TEMPER:g}]" in words


def test_tables_become_a_network_with_the_usual_settings(fit, folder):
    done = fit(*TABLES)
    assert (done.returncode, done.stderr) == (0, "")
    assert_equal(SceneNetwork.read(folder / "net.json"), fit_network(*tables(folder)))
    assert done.stdout.splitlines() == [
        "Labels of counts.csv: 2",
        "Pictures: 41 negative, 50 neutral, 40 positive",
        "Verdicts of faces: 16 negative, 19 neutral, 33 positive",
        f"Settings: smoothing {SMOOTHING:g}, temper {TEMPER:g}, absent labels say nothing",
        "Wrote net.json",
    ]


def test_settings_that_are_given_count(fit, folder):
    done = fit(*TABLES, "--smoothing", 0.5, "--temper", 1, "--absent")
    expected = fit_network(*tables(folder), smoothing=0.5, temper=1.0, absent=True)
    assert_equal(SceneNetwork.read(folder / "net.json"), expected)
    assert "Settings: smoothing 0.5, temper 1, absent labels are evidence" in done.stdout


def test_the_network_as_published(fit, folder):
    done = fit(*TABLES, "--published")
    network = SceneNetwork.read(folder / "net.json")
    assert_equal(network, published_network(*tables(folder)))
    assert network.label_probabilities[network.labels.index("war")][2] == 1e-4
    assert (
        "Settings: zeros as published, temper 1, absent labels are evidence, the top class of the "
        "faces alone"
    ) in done.stdout


def test_settings_are_chosen_on_other_pictures_and_told_out_of_fold(fit, folder):
    done = fit(*TABLES, *TUNING)
    assert (done.returncode, done.stderr) == (0, "")
    verdicts = FaceVerdicts.read(folder / "tune.csv")
    labels = SceneLabels.read(folder / "tune.json")
    selection = choose_settings(
        *tables(folder),
        labels=[labels.of(picture) for picture in verdicts.pictures],
        faces=verdicts.faces,
        actual=verdicts.actual,
    )
    network = SceneNetwork.read(folder / "net.json")
    assert network.temper == selection.temper
    assert network.fit["smoothing"] == selection.smoothing
    figures = probability_figures(selection.out_of_fold, verdicts.actual)
    assert (
        "Smoothing and temper chosen on the 12 pictures of tune.csv. Hybrid, out of fold: "
        f"accuracy {figures['accuracy']:.3f}, "
    ) in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "--counts, --images: expected one of them. Received: neither"),
        ([*TABLES, "--images", "."], "Received: --counts and --images"),
        (["--counts", "counts.csv"], "--counts: expected --confusion too"),
        (["--images", "."], "--images: expected --labels too"),
        ([*TABLES, "--labels", "tune.json"], "--labels: expected --images too"),
        ([*TABLES, *TUNING[:2]], "--tune-labels: expected --tune-faces too"),
        ([*TABLES, *TUNING[2:]], "--tune-faces: expected --tune-labels too"),
        (
            [*TABLES, "--published", "--temper", "1", "--no-absent"],
            "--published: expected no other setting. Received: --temper, --absent",
        ),
        ([*TABLES, "--published", *TUNING], "expected no other setting. Received: --tune-labels"),
        ([*TABLES, *TUNING, "--smoothing", "1"], "to be chosen. Received: --smoothing too"),
        ([*TABLES, "--smoothing", "0"], "smoothing: expected a number above 0. Received: 0.0"),
        ([*TABLES, "--temper", "1.5"], "temper: expected above 0, up to 1. Received: 1.5"),
        ([*TABLES, "--out", "."], "--out: expected a file or -. Received: ., which is a folder"),
        ([*TABLES, "--out", "counts.csv"], "--out: expected a file other than the sources"),
        ([*TABLES, "--out", "counts.csv/net.json"], "counts.csv/net.json: cannot be written ("),
    ],
    ids=[
        *("neither", "both", "no confusion", "no labels", "labels of tables", "no faces"),
        *("no tuning labels", "published with settings", "published with tuning"),
        *("tuned with settings", "smoothing", "temper", "folder", "input", "below a file"),
    ],
)
def test_options_that_do_not_fit_are_one_line(run_here, folder, options, message):
    before = sorted(folder.iterdir())
    out = [] if "--out" in options else ["--out", "net.json"]
    code, printed, errors = run_here("scenes", "fit", *options, *out)
    assert (code, printed) == (2, "")
    assert errors.startswith("emo-tf: error: ")
    assert errors.count("\n") == 1
    assert message in errors
    assert sorted(folder.iterdir()) == before
    assert (folder / "counts.csv").read_text() == COUNTS


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("counts.csv", COUNTS.replace("30", "-30"), "expected a whole number, 0 or more"),
        ("counts.csv", COUNTS.replace("30", "2.5"), "expected a whole number, 0 or more"),
        ("counts.csv", COUNTS.replace("30,2,9", "0,0,0"), "row team: expected a label that was"),
        ("counts.csv", "label,positive,negative,neutral\ntotal,0,0,0\n", "row total, column"),
        ("counts.csv", COUNTS.replace("total", "sum"), "'total' in the last row"),
        ("counts.csv", None, "expected a file that can be read"),
        ("confusion.csv", CONFUSION.replace("neutral", "calm"), "neutral"),
        ("confusion.csv", CONFUSION.replace("neutral,4,4,11", "calm,4,4,11"), "Unknown class"),
        ("confusion.csv", CONFUSION.replace("3,8,5", "0,0,0"), "row negative: expected whole"),
        ("confusion.csv", CONFUSION.replace("27", "-27"), "expected a whole number, 0 or more"),
        ("tune.json", '{"1.jpg": 7}', "1.jpg: expected a list of labels"),
        ("tune.json", '{"1.jpg": ["sea"]}', "Received: 0 of 1 known"),
        ("tune.csv", "image,actual,cnn\n1.jpg,negative,\n", "folds: expected 2 to 1"),
    ],
    ids=[
        *("negative count", "broken count", "label of zeros", "all zero", "no total", "no counts"),
        *("columns of other classes", "row of another class", "class without verdicts"),
        *("negative verdicts", "labels of wrong type", "labels of another labeller", "too few"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(run_here, folder, file, text, message):
    (folder / file).unlink()
    if text is not None:
        (folder / file).write_text(text)
    code, printed, errors = run_here("scenes", "fit", "--out", "net.json", *TABLES, *TUNING)
    assert (code, printed) == (2, "")
    assert errors.startswith(f"emo-tf: error: {file}")
    assert errors.count("\n") == 1
    assert message in errors
    assert not (folder / "net.json").exists()


def test_a_network_that_stood_there_outlives_an_error(fit, folder):
    (folder / "net.json").write_text("mine")
    (folder / "counts.csv").write_text(COUNTS.replace("30", "many"))
    done = fit(*TABLES)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("emo-tf: error: counts.csv, line 2, column positive: expected ")
    assert (folder / "net.json").read_text() == "mine"
