"""`emo-tf scenes evaluate`, as a user meets it."""

import csv
import json

import numpy as np
import pytest

from emo_tf.groups.scene_evaluation import evaluate_network
from emo_tf.groups.scene_tables import FaceVerdicts
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork

FACES = """image,actual,cnn,detector
smiles.jpg,positive,positive,yes
march.jpg,negative,neutral,yes
backs.jpg,neutral,,no
"""
USUAL = "--network", "net.json", "--labels", "labels.json", "--faces", "faces.csv"
LABELS = {"smiles.jpg": ["Team"], "march.jpg": ["war"], "backs.jpg": ["team", "[grass]"]}


@pytest.fixture
def folder(tmp_path):
    """A folder with a network of two labels, and three pictures' labels and faces."""
    SceneNetwork(
        labels=("team", "war"),
        label_probabilities=np.array([[0.1, 0.2, 0.6], [0.7, 0.2, 0.1]]),
        face_probabilities=np.array([[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]]),
    ).save(tmp_path / "net.json")
    (tmp_path / "labels.json").write_text(json.dumps(LABELS))
    (tmp_path / "faces.csv").write_text(FACES)
    return tmp_path


@pytest.fixture
def evaluate(run_cli, folder):
    """Runs the verb in the folder; options that are given last stand in for the usual ones."""

    def run(*options):
        return run_cli("scenes", "evaluate", *USUAL, *options, cwd=folder)

    return run


def test_the_verb_has_help_with_examples(run_cli):
    done = run_cli("scenes", "evaluate", "--help")
    assert done.returncode == 0
    assert done.stdout.count("emo-tf scenes evaluate --network") >= 3


def test_the_three_kinds_stand_side_by_side_on_80_columns(evaluate, folder):
    done = evaluate("--json", "made/figures.json")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "net.json on faces.csv, pictures: 3"
    assert lines[1].split() == ["faces", "scenes", "hybrid"]
    assert max(map(len, lines[1:8])) <= 80
    figures = json.loads((folder / "made" / "figures.json").read_text("utf-8"))
    names = {"accuracy": "accuracy", "balanced accuracy": "balanced_accuracy"}
    names |= {"log loss": "log_loss", "ECE": "ece"}
    for line, (title, name) in zip(lines[2:6], names.items(), strict=True):
        cells = [line.startswith(title), *line[len(title) :].split()]
        expected = [True]
        for kind in ("faces", "scenes", "hybrid"):
            low, high = figures[kind]["intervals"][name]
            expected += [f"{figures[kind][name]:.3f}", f"({low:.3f}-{high:.3f})"]
        assert cells == expected
    assert lines[6].split() == ["with", "evidence", "2", "3", "3"]
    assert lines[7].split() == ["accuracy", "there", "0.500", "0.667", "0.667"]
    assert lines[8:] == [
        "Without a face: 1 of 3; by faces they have the prior, whose ties go to negative.",
        "Labels that the network does not know: 1; their uses: 1; the most common: [grass] (1)",
        "Wrote made/figures.json",
    ]


def test_the_file_holds_what_the_function_returns(evaluate, folder):
    evaluate("--json", "figures.json")
    figures = evaluate_network(
        SceneNetwork.read(folder / "net.json"),
        SceneLabels.read(folder / "labels.json"),
        verdicts=FaceVerdicts.read(folder / "faces.csv"),
    )
    assert json.loads((folder / "figures.json").read_text("utf-8")) == figures


def test_json_on_stdout_stands_alone(evaluate):
    done = evaluate("--json", "-")
    assert done.returncode == 0
    assert json.loads(done.stdout)["hybrid"]["accuracy"] == round(2 / 3, 5)
    assert "balanced accuracy" in done.stderr


def test_a_row_a_picture_tells_the_three_verdicts(evaluate, folder):
    evaluate("--csv", "verdicts.csv")
    with (folder / "verdicts.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["image"] for row in rows] == ["smiles.jpg", "march.jpg", "backs.jpg"]
    march = rows[1]
    assert march["actual"] == "negative"
    assert [march[kind] for kind in ("faces", "scenes", "hybrid")] == [
        "neutral",
        "negative",
        "negative",
    ]
    hybrid = [float(march[name]) for name in ("negative", "neutral", "positive")]
    np.testing.assert_allclose(hybrid, [0.5, 0.42857, 0.07143], atol=1e-5)


def test_pictures_that_have_no_entry_are_told_of(evaluate, folder):
    (folder / "few.json").write_text('{"smiles.jpg": ["team"], "march.jpg": []}')
    done = evaluate("--labels", "few.json")
    assert "Without labels: 2 of 3, without even an entry: 1" in done.stdout.splitlines()


def edited(folder, **changes) -> str:
    """Returns the text of the network with other values."""
    return json.dumps(json.loads((folder / "net.json").read_text("utf-8")) | changes)


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("--labels", '{"smiles.jpg": "team"}', "smiles.jpg: expected a list of labels"),
        ("--labels", '{"smiles.jpg": [1]}', "smiles.jpg: expected a list of labels"),
        ("--labels", '["team"]', "expected an object of JSON. Received: list"),
        ("--labels", '{"other.jpg": ["team"]}', "expected an entry for one of 3 pictures"),
        (
            "--labels",
            json.dumps({"smiles.jpg": ["war", *map(str, range(20))]}),
            "at least a tenth of them known to it. Received: 1 of 21 known",
        ),
        ("--labels", None, "expected scene labels, a JSON object of lists. Received: no such"),
        ("--faces", "image,actual\nx.jpg,positive\n", "cnn"),
        ("--faces", "image,actual,cnn\nx.jpg,positiv,neutral\n", "did you mean positive"),
        ("--faces", None, "expected a file that can be read"),
        ("--network", {"classes": ["positive", "neutral", "negative"]}, "in this order"),
        ("--network", {"label_probabilities": {"team": [0.1, 0.2]}}, "expected "),
        ("--network", {"temper": "hot"}, "expected the tables of a network"),
        ("--network", {"version": 2}, "expected a file of format 'emo_tf scene network'"),
        ("--network", '{"format": "emo_tf', "expected JSON"),
        ("--network", None, "expected a network that `emo-tf scenes fit` wrote. Received: no such"),
    ],
    ids=[
        *("labels no list", "labels no text", "labels no object", "labels of others"),
        *("labels of another labeller", "no labels"),
        *("faces without a column", "faces of another class", "no faces"),
        *("network of another order", "network of another shape", "network of another type"),
        *("network of another version", "network damaged", "no network"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(run_here, folder, option, text, message):
    if isinstance(text, dict):
        text = edited(folder, **text)
    if text is not None:
        (folder / "bad").write_text(text)
    outputs = "--json", "out.json", "--csv", "out.csv"
    code, printed, errors = run_here("scenes", "evaluate", *USUAL, option, "bad", *outputs)
    assert (code, printed) == (2, "")
    assert errors.startswith("emo-tf: error: bad")
    assert errors.count("\n") == 1
    assert message in errors
    assert not list(folder.glob("out*"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--json", "."], "--json: expected a file or -. Received: ., which is a folder"),
        (["--json", "labels.json"], "--json: expected a file other than the sources"),
        (["--json", "-", "--csv", "-"], "--csv: expected another place than that of --json"),
        (["--csv", "faces.csv/x.csv"], "faces.csv/x.csv: cannot be written ("),
    ],
    ids=["folder", "input", "both on stdout", "below a file"],
)
def test_a_place_that_cannot_be_written_to_is_one_line(evaluate, options, message):
    done = evaluate(*options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"emo-tf: error: {message}")
    assert done.stderr.count("\n") == 1
