"""B, I and B+I in one evaluation."""

import json

import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.training.emotic_evaluation import evaluate_run
from tests.training.emotic_runs import (
    mean_colour_model,
    with_empty_figures,
    write_run,
)

BRANCHES = {"B": ("body",), "I": ("scene",), "B+I": ("scene", "body")}


@pytest.fixture(scope="module")
def data_dir(emotic_twin):
    return emotic_twin


@pytest.fixture(autouse=True)
def _empty_figures(monkeypatch):
    with_empty_figures(monkeypatch)


@pytest.fixture
def runs(tmp_path, data_dir):
    """The folder of a run of each kind."""
    return {
        name: write_run(tmp_path / name, mean_colour_model(branches), data_dir=data_dir)
        for name, branches in BRANCHES.items()
    }


def test_a_model_with_a_branch_silenced_is_compared_with_the_whole(runs):
    evaluation = evaluate_run(runs["B+I"], ablate=True)
    (kind, comparison) = next(iter(evaluation.comparisons.items()))
    assert kind == "silenced"
    assert list(comparison.reports) == ["B", "I", "B+I"]
    whole = comparison.reports["B+I"]
    assert whole == {name: evaluation.metrics[name] for name in whole}
    assert comparison.reports["B"] != whole != comparison.reports["I"]
    written = json.loads((evaluation.folder / "ablation.json").read_text())
    assert written == {"split": "test", "silenced": comparison.to_dict()}
    assert tuple(written["silenced"]["models"]["I"]["average_precision"]) == EMOTIC_CATEGORIES
    assert (evaluation.folder / "plots" / "ablation.png").is_file()


def test_the_figures_of_a_run_are_the_same_with_the_ablation(runs, tmp_path):
    plain = evaluate_run(runs["B+I"])
    ablated = evaluate_run(runs["B+I"], ablate=True, out=tmp_path / "ablated")
    assert ablated.metrics["average_precision"] == plain.metrics["average_precision"]
    for name in ("thresholds", "vad_mean_absolute_error"):
        assert ablated.metrics[name] == pytest.approx(plain.metrics[name], abs=1e-4)


def test_of_a_model_that_looks_at_the_body_alone_the_scene_adds_nothing(tmp_path, data_dir):
    model = mean_colour_model(looks_at=["body"])
    run = write_run(tmp_path / "run", model, data_dir=data_dir)
    evaluation = evaluate_run(run, ablate=True)
    comparison = evaluation.comparisons["silenced"]
    assert comparison.reports["B"] == comparison.reports["B+I"]
    assert set(comparison.gains.values()) == {0}
    prevalence = evaluation.metrics["prevalence"]
    for category, value in comparison.reports["I"]["average_precision"].items():
        assert value == (pytest.approx(prevalence[category]) if prevalence[category] else None)


def test_runs_of_one_branch_are_put_beside(runs):
    alone = evaluate_run(runs["B"])
    evaluation = evaluate_run(runs["B+I"], beside=[runs["I"], runs["B"]])
    comparison = evaluation.comparisons["trained"]
    assert list(comparison.reports) == ["B", "I", "B+I"]
    for name, metrics in (("B", alone.metrics), ("B+I", evaluation.metrics)):
        report = comparison.reports[name]
        assert report == {key: metrics[key] for key in report}
    written = json.loads((evaluation.folder / "ablation.json").read_text())["trained"]
    assert {name: source["file"] for name, source in written["sources"].items()} == {
        name: str(run.resolve() / "model.keras") for name, run in runs.items()
    }
    assert {name: written[name] for name in comparison.to_dict()} == comparison.to_dict()
    assert (evaluation.folder / "plots" / "ablation_trained.png").is_file()


def test_a_run_of_one_branch_may_have_the_others_beside_it(runs):
    comparison = evaluate_run(runs["B"], beside=[runs["B+I"]]).comparisons["trained"]
    assert list(comparison.reports) == ["B", "B+I"]
    assert comparison.summary is not None


def test_both_comparisons_can_be_had_at_once(runs):
    evaluation = evaluate_run(runs["B+I"], ablate=True, beside=[runs["B"]])
    assert set(evaluation.comparisons) == {"silenced", "trained"}
    written = json.loads((evaluation.folder / "ablation.json").read_text())
    assert set(written) == {"split", "silenced", "trained"}
    names = {path.name for path in (evaluation.folder / "plots").iterdir()}
    assert {"ablation.png", "ablation_trained.png"} <= names


def test_a_model_of_one_branch_has_none_to_silence(runs):
    message = r"B/model\.keras: ablate: expected a model of body and scene, .* body alone"
    with pytest.raises(EmoError, match=message):
        evaluate_run(runs["B"], ablate=True)
    assert not (runs["B"] / "evaluation").exists()


def test_runs_of_the_same_branches_cannot_be_told_apart(runs, tmp_path, data_dir):
    other = write_run(tmp_path / "other", mean_colour_model(["body"], seed=1), data_dir=data_dir)
    with pytest.raises(EmoError, match=r"other: expected a run of other branches than .*B\. .*: B"):
        evaluate_run(runs["B+I"], beside=[runs["B"], other])


def test_a_run_on_other_data_is_an_error_unless_all_are_to_be_read_from_one_place(
    runs, tmp_path, data_dir
):
    other = write_run(
        tmp_path / "other", mean_colour_model(["body"]), data_dir=tmp_path / "elsewhere"
    )
    message = r"other: expected a run on the data set of .* Received: emotic in .*elsewhere"
    with pytest.raises(EmoError, match=message):
        evaluate_run(runs["B+I"], beside=[other])
    comparison = evaluate_run(runs["B+I"], beside=[other], data_dir=data_dir).comparisons
    assert list(comparison["trained"].reports) == ["B", "B+I"]


def test_a_run_on_another_data_set_is_an_error_wherever_it_is_read(runs, tmp_path, data_dir):
    other = write_run(tmp_path / "other", mean_colour_model(["body"]), data_dir=data_dir)
    data = {"dataset": "emotic/other", "data_dir": str(data_dir)}
    (other / "data.json").write_text(json.dumps(data))
    with pytest.raises(EmoError, match=r"other: expected a run on .* Received: emotic/other in"):
        evaluate_run(runs["B+I"], beside=[other], data_dir=data_dir)
