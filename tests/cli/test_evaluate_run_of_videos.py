"""`emo-tf evaluate --run` of a run of videos, and `emo-tf train` of one without its data."""

import json

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def evaluated(run_here, monkeypatch, video_smoke_run, tmp_path):
    """A run, what was said of it and where the results lie."""
    monkeypatch.setenv("COLUMNS", "80")
    run, folder = video_smoke_run("video_miniature"), tmp_path / "results"
    code, out, _ = run_here("evaluate", "--run", run.folder, "--out", folder)
    assert code == 0
    return run, out, folder


def test_the_figures_of_the_validation_split_are_those_of_training(evaluated):
    run, _, folder = evaluated
    written = json.loads((folder / "metrics.json").read_text())
    assert [path.name for path in folder.iterdir()] == ["metrics.json"]
    assert (written["split"], written["dataset"]) == ("validation", "vtt_friends/clips8")
    for name in ("examples", "accuracy", "recall", "confusion", "frame_accuracy"):
        assert written[name] == run.metrics["validation"][name]


def test_decision_and_last_frame_are_printed_with_the_confusion_counts(evaluated):
    run, out, folder = evaluated
    count = run.metrics["validation"]["examples"]
    assert f"video_miniature on validation of vtt_friends/clips8: {count} examples" in out
    rows = {line.split("  ")[0].strip() for line in out.splitlines()}
    assert {"decision", "last frame", "angry", "neutral"} <= rows
    assert f"Wrote {folder}: metrics.json" in out


def test_clips_are_told_apart_by_who_is_seen(run_here, video_smoke_run, tmp_path):
    run = video_smoke_run("video_miniature")
    code, out, _ = run_here(
        *("evaluate", "--run", run.folder, "--split", "train", "--out", tmp_path / "out"),
        *("--slices", "character", "--slices", "episode", "--min-slice", "1"),
    )
    assert code == 0
    assert "metrics.json, slices.csv, slices.json, slices_character.png, slices_episode.png" in out
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    for by_column in json.loads((tmp_path / "out" / "slices.json").read_text()):
        assert sum(by_column["counts"].values()) == metrics["examples"]
        hits = sum(
            cell["examples"] * cell["estimate"]
            for cell in by_column["cells"]
            if cell["figure"] == "accuracy"
        )
        assert hits / metrics["examples"] == pytest.approx(metrics["accuracy"], abs=1e-4)


def test_options_of_other_tasks_are_refused(run_here, video_smoke_run):
    run = video_smoke_run("video_miniature").folder
    code, _, said = run_here("evaluate", "--run", run, "--ablate")
    assert code != 0
    assert "--ablate: expected none for a run of videos" in " ".join(said.split())


def test_training_on_data_sets_that_are_not_there_names_what_builds_each(run_here, tmp_path):
    code, _, said = run_here(
        *("train", "video_static", "--manual-dir", tmp_path),
        *("--data-dir", tmp_path / "data", "--run", tmp_path / "run"),
    )
    assert code != 0
    said = " ".join(said.split())
    assert "expected the data sets affectnet, raf_db/basic in it" in said
    assert "emo-tf data build raf_db/basic --manual-dir RAW --data-dir" in said
    assert not (tmp_path / "run").exists()
