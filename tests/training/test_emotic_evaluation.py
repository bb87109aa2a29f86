import csv
import hashlib
import json
from io import BytesIO

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image
from scipy.io import loadmat

from emo_tf.data import builders
from emo_tf.data.emotic import person_inputs
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.metrics.emotic import emotic_report
from emo_tf.metrics.thresholds import break_even_thresholds
from emo_tf.training import emotic_run
from emo_tf.training.emotic_evaluation import evaluate_run
from tests.training.emotic_runs import (
    SIDES,
    mean_colour_model,
    outputs_by_hand,
    with_empty_figures,
    write_run,
)

FILES = {
    "metrics.json",
    "categories.csv",
    "thresholds.json",
    "val_thresholds.npy",
    *(f"test_{kind}_{what}.mat" for kind in ("cat", "cont") for what in ("preds", "labels")),
    "plots",
}
PLOTS = {"precision_recall.png", "confusion.png", "calibration.png", "ablation.png"}


@pytest.fixture(scope="module")
def data_dir(emotic_twin):
    return emotic_twin


@pytest.fixture(scope="module")
def by_hand(data_dir):
    """Labels, scores, VAD labels and VAD of a split, by a model, worked out in numpy."""
    dataset = builders.builder("emotic", data_dir=data_dir)

    def work_out(model, split: str) -> tuple[np.ndarray, ...]:
        encoded = {"image": tfds.decode.SkipDecoding()}
        people = list(builders.read(dataset, split=split, decoders=encoded).as_numpy_iterator())
        sizes = {f"{name}_size": size for name, size in SIDES.items()}
        inputs = [
            person_inputs(np.array(Image.open(BytesIO(each["image"]))), each["box_xywh"], **sizes)
            for each in people
        ]
        score, vad = outputs_by_hand(
            model, {name: np.stack([each[name] for each in inputs]) for name in SIDES}
        )
        labels = [np.isin(np.arange(26), each["categories"]) for each in people]
        return np.stack(labels), score, np.stack([each["vad"] for each in people]), vad

    return work_out


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory, data_dir):
    """An evaluation with all its figures."""
    folder = tmp_path_factory.mktemp("evaluated") / "run"
    return evaluate_run(write_run(folder, mean_colour_model(), data_dir=data_dir), ablate=True)


@pytest.fixture
def run(tmp_path, data_dir, monkeypatch):
    with_empty_figures(monkeypatch)
    return write_run(tmp_path / "run", mean_colour_model(), data_dir=data_dir)


def contents(folder) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_figures_are_those_worked_out_by_hand(run, by_hand):
    model = mean_colour_model()
    labels, score, vad_labels, vad = by_hand(model, "test")
    validation_labels, validation_score, *_ = by_hand(model, "val")
    thresholds = break_even_thresholds(validation_labels, validation_score)
    expected = emotic_report(labels, score, vad_labels, vad, thresholds=thresholds)

    evaluation = evaluate_run(run)

    folder = run / "evaluation" / "test"
    assert evaluation.folder == folder
    assert {path.name for path in folder.iterdir()} == FILES
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics == evaluation.metrics
    assert metrics["people"] == len(labels) == 6
    for name in ("average_precision", "average_precision_interpolated", "f1", "positives"):
        assert metrics[name] == pytest.approx(expected[name], abs=1e-5), name
    for name in ("thresholds", "vad_mean_absolute_error", "vad_concordance"):
        assert metrics[name] == pytest.approx(expected[name], abs=1e-3), name
    assert metrics["mean_average_precision"] == expected["mean_average_precision"]
    prevalence = dict(zip(EMOTIC_CATEGORIES, labels.mean(axis=0).tolist(), strict=True))
    assert metrics["prevalence"] == pytest.approx(prevalence, abs=1e-5)
    assert (metrics["run"], metrics["split"], metrics["dataset"]) == (
        "mean_colours",
        "test",
        "emotic",
    )
    assert metrics["thresholds_from"] == {"split": "val", "people": 3}
    digest = hashlib.sha256((run / "model.keras").read_bytes()).hexdigest()
    file = str((run / "model.keras").resolve())
    assert metrics["model"] == {"branches": "B+I", "file": file, "sha256": digest}
    assert evaluation.comparisons == {}


def test_thresholds_are_of_validation_and_those_that_there_are_not_are_left_out(evaluated, by_hand):
    validation_labels, validation_score, *_ = by_hand(mean_colour_model(), "val")
    thresholds = break_even_thresholds(validation_labels, validation_score)
    folder = evaluated.folder
    saved = np.load(folder / "val_thresholds.npy")
    np.testing.assert_allclose(saved, thresholds, atol=1e-3)
    assert 0 < np.isnan(saved).sum() < 26  # so few people do not show everything
    by_label = json.loads((folder / "thresholds.json").read_text())
    known = ~np.isnan(saved)
    assert by_label == dict(zip(np.array(EMOTIC_CATEGORIES)[known], saved[known], strict=True))


def test_mat_files_hold_what_was_predicted_and_annotated(evaluated, by_hand):
    labels, score, vad_labels, vad = by_hand(mean_colour_model(), "test")
    for name, expected in {
        "cat_labels": labels,
        "cat_preds": score,
        "cont_labels": vad_labels,
        "cont_preds": vad,
    }.items():
        saved = loadmat(evaluated.folder / f"test_{name}.mat")[name]
        np.testing.assert_allclose(saved, expected.T, atol=1e-3)


def test_the_table_of_categories_says_what_metrics_say(evaluated):
    with (evaluated.folder / "categories.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(row["category"] for row in rows) == EMOTIC_CATEGORIES
    for column, name in (("average_precision", "average_precision"), ("threshold", "thresholds")):
        values = [float(row[column]) if row[column] else None for row in rows]
        assert values == list(evaluated.metrics[name].values())


def test_figures_are_drawn(evaluated):
    plots = evaluated.folder / "plots"
    assert {path.name for path in plots.iterdir()} == PLOTS
    for path in plots.iterdir():
        with Image.open(path) as picture:
            assert min(picture.size) > 200


def test_people_that_fill_no_batch_change_nothing(run, tmp_path, monkeypatch):
    whole = evaluate_run(run, out=tmp_path / "whole")
    monkeypatch.setattr(emotic_run, "PEOPLE_AT_A_TIME", 4)
    parts = evaluate_run(run, out=tmp_path / "parts")
    assert parts.metrics == whole.metrics
    for name in (name for name in FILES if name.endswith("_labels.mat")):
        variable = name.removeprefix("test_").removesuffix(".mat")
        before, after = (loadmat(each.folder / name)[variable] for each in (whole, parts))
        np.testing.assert_array_equal(after, before)


def test_validation_may_be_the_split_that_is_measured(run):
    evaluation = evaluate_run(run, split="val")
    assert evaluation.folder == run / "evaluation" / "val"
    assert (evaluation.metrics["split"], evaluation.metrics["people"]) == ("val", 3)
    assert (evaluation.folder / "val_cat_preds.mat").is_file()


def test_the_training_split_can_be_measured_by_a_model_of_one_branch(
    tmp_path, data_dir, monkeypatch
):
    with_empty_figures(monkeypatch)
    model = mean_colour_model(["body"])
    run = write_run(tmp_path / "run", model, data_dir=data_dir)
    metrics = evaluate_run(run, split="train").metrics
    assert metrics["model"]["branches"] == "B"
    assert metrics["people"] == 21


def test_an_evaluation_is_replaced_whole(run):
    first = evaluate_run(run, ablate=True)
    assert (first.folder / "ablation.json").is_file()
    second = evaluate_run(run)
    assert {path.name for path in second.folder.iterdir()} == FILES
    assert list(second.folder.parent.iterdir()) == [second.folder]


def test_an_error_on_the_way_leaves_the_evaluation_before(run, monkeypatch):
    folder = evaluate_run(run).folder
    before = contents(folder)

    def fail(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr("emo_tf.training.emotic_evaluation.save_figure", fail)
    with pytest.raises(OSError, match="no space left"):
        evaluate_run(run)
    assert contents(folder) == before
    assert list(folder.parent.iterdir()) == [folder]


def test_a_folder_that_holds_something_else_is_refused_before_anything_is_read(run, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "today.txt").touch()

    def progress(_):
        raise AssertionError("people are read")

    with pytest.raises(EmoError, match=r"notes: expected a new .* holds today\.txt"):
        evaluate_run(run, out=tmp_path / "notes", progress=progress)


def test_what_is_not_finite_is_an_error_that_names_the_model(tmp_path, data_dir):
    model = mean_colour_model()
    model.get_layer("head").get_layer("fc_cat").bias.assign(np.full(26, np.nan))
    run = write_run(tmp_path / "run", model, data_dir=data_dir)
    with pytest.raises(EmoError, match=r"run/model\.keras: scores: expected finite .*: nan"):
        evaluate_run(run)
    assert not (run / "evaluation").exists()
