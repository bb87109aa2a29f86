"""`emo-tf ensemble` at the command line, on made-up outputs and on the published ones."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emo_tf.groups.model_outputs import write_outputs
from emo_tf.runtime.ensemble import Ensemble

HAND_WEIGHTS = "-1,5,10,10,1,5,2.5,5,0,0,0,0,0,0"
NAMES = ("faces", "scenes", "attention")


@pytest.fixture
def outputs(tmp_path):
    """Ninety pictures, of which the faces say nothing in ten; three models with names."""
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    said = rng.dirichlet((1, 1, 1), (90, 3)) + np.eye(3)[labels][:, None]
    said /= said.sum(axis=2, keepdims=True)
    said[:10, 0] = np.nan
    path = tmp_path / "val.npz"
    images = [f"{number}.jpg" for number in range(90)]
    write_outputs(path, probabilities=said, labels=labels, models=NAMES, images=images)
    return path


@pytest.fixture
def published(shared):
    """The folder of the published outputs of 14 models."""
    return shared / "data" / "group_ensemble"


@pytest.fixture
def accuracies(run_here, published):
    """Evaluates an ensemble on the named files and returns the accuracies in per cent."""

    def evaluate(ensemble: str, *names: str) -> list[float]:
        found = []
        for name in names:
            files = ["--ensemble", ensemble, "--outputs", published / f"{name}.npz"]
            code, out, _ = run_here("ensemble", "evaluate", *files, "--json", "-")
            assert code == 0
            found.append(round(100 * json.loads(out)["ensemble"]["accuracy"], 2))
        return found

    return evaluate


@pytest.mark.slow
def test_weights_by_hand_come_to_the_published_figures(run_here, accuracies, published):
    arguments = ["--method", "weights", "--weights", HAND_WEIGHTS, "--out", "hand.json"]
    code, out, err = run_here("ensemble", "fit", "--outputs", published / "val.npz", *arguments)
    assert (code, err) == (0, "")
    assert "weights of 14 models on 3341 pictures" in out
    assert accuracies("hand.json", "val", "eval") == [77.40, 78.7]


@pytest.mark.slow
def test_the_svm_comes_to_the_published_figures(run_here, accuracies, published):
    arguments = ["--method", "svm", "--out", "svm.json"]
    code, _, err = run_here("ensemble", "fit", "--outputs", published / "train.npz", *arguments)
    assert (code, err) == (0, "")
    assert accuracies("svm.json", "val", "eval") == [77.40, 79.5]


def test_the_mean_of_the_fully_trained_comes_to_the_published_figure(
    run_here, accuracies, published
):
    arguments = ["--method", "mean", "--out", "mean.json"]
    code, _, err = run_here("ensemble", "fit", "--outputs", published / "val.npz", *arguments)
    assert (code, err) == (0, "")
    assert accuracies("mean.json", "eval_fulltrained") == [80.6]


@pytest.mark.slow
def test_a_stack_fitted_on_val_has_a_smaller_log_loss_than_the_mean_there_and_on_eval(
    run_here, published
):
    arguments = ["--method", "stack", "--out", "stack.json"]
    code, out, err = run_here("ensemble", "fit", "--outputs", published / "val.npz", *arguments)
    assert (code, err) == (0, "")
    assert "cross-validated over five folds, by whose log loss C = 0.003 was chosen" in out
    for name in ("eval", "eval_fulltrained"):
        files = ["--ensemble", "stack.json", "--outputs", published / f"{name}.npz"]
        code, out, _ = run_here("ensemble", "evaluate", *files, "--json", "-")
        figures = json.loads(out)
        assert figures["ensemble"]["log_loss"] < figures["mean"]["log_loss"] - 0.01
        assert figures["ensemble"]["ece"] < figures["mean"]["ece"]


def test_fit_says_what_it_did_on_which_pictures(run_here, outputs):
    arguments = ["--outputs", outputs, "--method", "weights", "--weights", "1,2.5,-0.5"]
    code, out, err = run_here("ensemble", "fit", *arguments, "--out", "made/joint.json")
    assert (code, err) == (0, "")
    assert "Left out 10 pictures of 90 on which not every model gave a verdict" in out
    assert "weights of 3 models on 80 pictures" in out
    assert "the pictures it was fitted on: others are harder" in out
    assert "is the best of the 3 models on these very pictures" in out
    assert out.endswith("Wrote made/joint.json\n")
    ensemble = Ensemble.read("made/joint.json")
    assert ensemble.models == NAMES
    assert ensemble.coefficients["weights"].tolist() == [1, 2.5, -0.5]
    assert ensemble.fit == {"file": "val.npz", "pictures": 80}


def test_a_stack_prints_figures_out_of_fold(run_here, outputs):
    arguments = ["--outputs", outputs, "--method", "stack", "--out", "joint.json"]
    code, out, _ = run_here("ensemble", "fit", *arguments)
    assert code == 0
    assert "stack of 3 models on 80 pictures" in out
    assert "cross-validated over five folds" in out


def test_models_are_chosen_by_name_in_the_order_given(run_here, outputs):
    arguments = ["--outputs", outputs, "--method", "mean", "--models", "attention, scenes"]
    code, out, _ = run_here("ensemble", "fit", *arguments, "--out", "joint.json")
    assert code == 0
    assert "mean of 2 models on 90 pictures" in out
    assert Ensemble.read("joint.json").models == ("attention", "scenes")
    files = ["--ensemble", "joint.json", "--outputs", outputs]
    code, _, err = run_here("ensemble", "evaluate", *files)
    assert code == 2
    assert "expected the models of the ensemble, attention, scenes. Received: faces, scenes" in err
    code, out, _ = run_here("ensemble", "evaluate", *files, "--models", "scenes,attention")
    assert code == 0
    assert "joint.json, mean of 2 models, on 90 pictures" in out


def test_evaluate_writes_figures_beside_those_of_the_mean_and_the_best_model(run_here, outputs):
    Ensemble(NAMES[::-1], "mean").save("mean.json")
    files = ["--ensemble", "mean.json", "--outputs", outputs]
    code, out, err = run_here("ensemble", "evaluate", *files, "--json", "made/figures.json")
    assert (code, err) == (0, "")
    assert "Left out 10 pictures" in out
    assert "taken for positive" in out
    assert out.endswith("Wrote made/figures.json\n")
    figures = json.loads(Path("made/figures.json").read_text("utf-8"))
    assert figures["models"] == ["attention", "scenes", "faces"]
    assert (figures["pictures"], figures["left_out"], figures["method"]) == (80, 10, "mean")
    assert figures["ensemble"] == figures["mean"]
    assert figures["best_single"]["model"] in NAMES
    for kind in ("ensemble", "mean", "best_single"):
        for name in ("accuracy", "balanced_accuracy", "log_loss", "ece"):
            low, high = figures[kind]["intervals"][name]
            assert low <= high
            assert figures[kind][name] > 0
        assert np.sum(figures[kind]["confusion"]) == 80


def test_json_on_standard_output_stands_alone(run_here, outputs):
    Ensemble(NAMES, "mean").save("mean.json")
    files = ["--ensemble", "mean.json", "--outputs", outputs]
    code, out, err = run_here("ensemble", "evaluate", *files, "--json", "-")
    assert code == 0
    assert json.loads(out)["pictures"] == 80
    assert "balanced accuracy" in err


def test_the_ensemble_of_another_number_of_models_is_refused(run_here, published):
    Ensemble(tuple("abcdefghijklm"), "mean").save("mean.json")
    files = ["--ensemble", "mean.json", "--outputs", published / "eval.npz"]
    code, _, err = run_here("ensemble", "evaluate", *files)
    assert code == 2
    assert "expected the 13 models of the ensemble, a, b, c" in err
    assert "Received: 14 without names" in err


def test_the_ensemble_of_another_order_of_classes_is_refused(run_here, outputs, tmp_path):
    Ensemble(NAMES, "mean").save("mean.json")
    path = tmp_path / "mean.json"
    text = path.read_text("utf-8").replace("negative", "other").replace("positive", "negative")
    path.write_text(text, "utf-8")
    files = ["--ensemble", path, "--outputs", outputs]
    code, _, err = run_here("ensemble", "evaluate", *files)
    assert code == 2
    assert "mean.json: expected the classes negative, neutral, positive in this order" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--method vote --out joint.json", "Unknown method"),
        ("--method weights --out joint.json", "weights: expected with the method weights alone"),
        ("--method weights --weights 1,two,3 --out joint.json", "--weights: expected numbers sep"),
        ("--method weights --weights 1,2 --out joint.json", "one for each of 3 models"),
        ("--method mean --models faces,body --out joint.json", "val.npz: Unknown model"),
        ("--method stack --regularisation 1 --out joint.json", "with the method svm alone"),
        ("--method svm --regularisation -1 --out joint.json", "expected above 0"),
        ("--method mean --out val.npz", "--out: expected a file other than the sources"),
        ("--method mean --out .", "--out: expected a file or -"),
        ("--method mean", "--out"),
    ],
    ids=[
        "unknown method",
        "no weights",
        "a word for a weight",
        "a weight too few",
        "unknown model",
        "regularisation of a stack",
        "negative regularisation",
        "over the outputs",
        "a folder",
        "no target",
    ],
)
def test_bad_arguments_end_in_one_line_and_write_nothing(
    run_here, outputs, tmp_path, arguments, message
):
    before = outputs.read_bytes()
    code, out, err = run_here("ensemble", "fit", "--outputs", outputs, *shlex.split(arguments))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert message in err
    assert [path.name for path in tmp_path.iterdir()] == ["val.npz"]
    assert outputs.read_bytes() == before


@pytest.mark.parametrize("verb", ["fit", "evaluate"])
def test_help_has_examples(run_here, verb):
    code, out, _ = run_here("ensemble", verb, "--help")
    assert code == 0
    assert out.count(f"emo-tf ensemble {verb} --") == 3


def test_an_average_is_fitted_without_tensorflow_and_scikit_learn(outputs):
    code = f"""
import sys
from emo_tf.cli import main
try:
    main(["ensemble", "fit", "--outputs", {str(outputs)!r}, "--method", "mean",
          "--out", {str(outputs.with_name("mean.json"))!r}])
except SystemExit as end:
    assert end.code == 0, end.code
assert not {{"tensorflow", "keras", "sklearn", "matplotlib"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert Ensemble.read(outputs.with_name("mean.json")).method == "mean"
