import os
import shutil
from pathlib import Path

import pytest

from emo_tf.export import probe_serve
from emo_tf.export.checks import Check, all_passed
from emo_tf.weights import weight_path

REPOSITORY = Path(__file__).parents[2]
MODEL = weight_path("expression_int8")
PREDICT = "emo-tf serve, serve_bytes"
ANALYZE = "emo-tf serve, analyze"


@pytest.fixture
def probe_with(monkeypatch):
    """Asks a server that gets one thing wrong; returns the checks by name."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))

    def probe(fault: str, *, time_limit_s: float = 30) -> dict[str, Check]:
        command = ("-m", "tests.misbehaving_server", fault)
        monkeypatch.setattr(probe_serve, "COMMAND", command)
        return by_name(probe_serve.probe(MODEL, time_limit_s=time_limit_s))

    return probe


def by_name(found: list[Check]) -> dict[str, Check]:
    checks = {check.name: check for check in found}
    assert len(checks) == len(found)
    return checks


def test_a_model_is_asked_over_http_whatever_token_the_environment_holds(monkeypatch):
    monkeypatch.setenv("EMO_TF_TOKEN", "secret")
    checks = by_name(probe_serve.probe(MODEL, time_limit_s=60))
    assert all_passed(checks.values()), [check.reason for check in checks.values()]
    assert {f"{PREDICT} of 3", f"{ANALYZE}, a picture", "emo-tf serve, SIGTERM"} <= set(checks)


def test_a_server_that_gets_nothing_wrong_passes(probe_with):
    assert all_passed(probe_with("none").values())


@pytest.mark.parametrize(
    ("fault", "failing", "value"),
    [
        ("state", "emo-tf serve, status", "LOADING"),
        ("metadata", "emo-tf serve, metadata", "200, KeyError: 'signature_def'"),
        ("NaN", f"{PREDICT} of 1", "predictions that are not finite"),
        ("one of three", f"{PREDICT} of 3", "1 predictions for 3 examples"),
        ("no reason", f"{PREDICT}, garbage", "400"),
        ("500", f"{PREDICT}, garbage", "500: something went wrong"),
        ("500", "emo-tf serve, stderr", "a traceback"),
        ("changes its mind", f"{PREDICT}, the first again", "another answer"),
        ("changes its mind", f"{ANALYZE}, the first again", "another answer"),
        ("nobody", f"{ANALYZE}, a picture", "nobody found"),
        ("dies", "emo-tf serve, SIGTERM", "exit code 3"),
    ],
    ids=lambda value: value.removeprefix("emo-tf serve, "),
)
def test_a_server_that_gets_something_wrong_does_not_pass(probe_with, fault, failing, value):
    check = probe_with(fault)[failing]
    assert check.passed is False
    assert check.value == value


def test_a_server_that_does_not_start_says_why(probe_with):
    (check,) = probe_with("does not start").values()
    assert check.reason == (
        "emo-tf serve: expected a server that listens. Received: exit code 2: port 0: expected a "
        "port that is free. Received: one that is not"
    )


@pytest.mark.parametrize(
    ("fault", "name", "time_limit_s"),
    [("silent", "emo-tf serve", 1), ("goes on", "emo-tf serve, SIGTERM", 4)],
    ids=["silent", "goes on"],
)
def test_a_server_that_does_not_end_is_killed(probe_with, fault, name, time_limit_s):
    check = probe_with(fault, time_limit_s=time_limit_s)[name]
    assert check.value == f"killed, no answer within {time_limit_s} s"
    assert not check.passed


def test_without_the_extra_the_server_is_not_judged(monkeypatch, tmp_path):
    missing = "raise ModuleNotFoundError('No module named fastapi', name='fastapi')"
    (tmp_path / "fastapi.py").write_text(missing)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(REPOSITORY)]))
    (check,) = probe_serve.probe(MODEL, time_limit_s=60)
    assert check == Check("emo-tf serve", None, "not judged: pip install 'emo_tf[serve]'", None)


def test_a_file_without_metadata_does_not_pass(tmp_path):
    path = tmp_path / "model_int8.tflite"
    path.write_bytes(b"")
    (check,) = probe_serve.probe(path, time_limit_s=60)
    assert check.passed is False


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mtcnn_pnet", "expression_tsm_int8"])
def test_models_that_look_at_no_photographs_are_asked_for_predictions_of_arrays(tmp_path, name):
    path = Path(shutil.copy(weight_path(name), tmp_path))
    checks = by_name(probe_serve.probe(path, time_limit_s=60))
    assert all_passed(checks.values()), [check.reason for check in checks.values()]
    assert "emo-tf serve, serving_default of 1" in checks
    assert not [check for check in checks if "analyze" in check]
