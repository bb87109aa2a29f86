"""`emo-tf scenes` on the published labels of the Group Affect Database 3.0."""

import csv
import json

import pytest

CONFUSION = """actual,positive,negative,neutral
positive,2735,210,430
negative,330,791,552
neutral,374,387,1097
"""
"""The face network's counts on training data, as published."""

FACES = "val_predictions.csv"


@pytest.fixture
def evaluated(run_cli, shared, tmp_path):
    """Fits a network with options, evaluates it and returns the figures."""
    data = shared / "data" / "group_scene_labels"
    (tmp_path / "confusion.csv").write_text(CONFUSION)

    def run(*options) -> dict:
        tables = "--counts", data / "label_counts.csv", "--confusion", "confusion.csv"
        fitted = run_cli("scenes", "fit", *tables, "--out", "net.json", *options, cwd=tmp_path)
        assert fitted.returncode == 0, fitted.stderr
        pictures = "--labels", data / "val_scene_labels.json", "--faces", data / FACES
        outputs = "--json", "figures.json", "--csv", "verdicts.csv"
        files = "--network", "net.json", *pictures, *outputs
        done = run_cli("scenes", "evaluate", *files, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return json.loads((tmp_path / "figures.json").read_text("utf-8"))

    return run


def rows(path) -> list[dict]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_published_network_gives_the_published_verdicts(evaluated, shared, tmp_path):
    figures = evaluated("--published")
    assert figures["pictures"] == 2146
    assert figures["scenes"]["accuracy"] == pytest.approx(0.610, abs=0.025)
    assert figures["hybrid"]["accuracy"] == pytest.approx(0.651, abs=0.025)
    published = rows(shared / "data" / "group_scene_labels" / FACES)
    ours = rows(tmp_path / "verdicts.csv")
    assert [row["image"] for row in ours] == [row["image"] for row in published]
    for kind, column in (("scenes", "published_bayesian"), ("hybrid", "published_hybrid")):
        pairs = zip(ours, published, strict=True)
        agree = [mine[kind] == theirs[column] for mine, theirs in pairs]
        assert sum(agree) / len(agree) >= 0.975


def test_the_usual_settings_do_better_and_know_how_sure_they_are(evaluated):
    figures = evaluated()
    assert figures["hybrid"]["accuracy"] >= 0.70
    assert figures["hybrid"]["ece"] <= 0.08
    assert figures["hybrid"]["log_loss"] < figures["faces"]["log_loss"]
    assert figures["without_face"] == 119
