from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from emo_tf.errors import EmoError
from emo_tf.export import infrastructure
from emo_tf.export.checks import Check, all_passed
from emo_tf.export.folder import digest
from emo_tf.export.infrastructure import InfrastructureLimits, judge_infrastructure
from emo_tf.export.measured import read_measured
from emo_tf.runtime.litert import FILE_IDENTIFIER
from tests.blessable_exports import edit_report, paper_export, shipped_export

ANSWER = {"score": np.zeros((1, 2), np.float32)}


@pytest.fixture
def export(tmp_path):
    """An export of one file, the shipped expression model."""
    return shipped_export(tmp_path / "export", names=["int8"])


@pytest.fixture
def on_paper(monkeypatch):
    """Judges an export without loading its files; returns the checks by name."""
    monkeypatch.setattr(infrastructure, "PROBES", ())
    return judge


def judge(export: Path, **limits) -> dict[str, Check]:
    found = judge_infrastructure(read_measured(export), InfrastructureLimits(**limits))
    checks = {check.name: check for check in found}
    assert len(checks) == len(found)
    return checks


def failed(checks: dict[str, Check]) -> list[str]:
    return [name for name, check in checks.items() if check.passed is False]


def test_a_whole_export_passes_and_says_what_was_looked_at(export):
    checks = judge(export)
    assert all_passed(checks.values())
    runtime, command = "int8: serving_default", "int8: emo-tf predict"
    server, asked = "int8: emo-tf serve", "int8: emo-tf serve, serve_bytes"
    malformed = ("garbage", "a truncated JPEG", "an empty file")
    assert list(checks) == [
        "models",
        "int8: SHA-256",
        "int8: probabilities in some_library",
        "int8: operations",
        *(f"{runtime}, batch of {number}" for number in (1, 3)),
        *(f"{runtime}, another {what}" for what in ("shape", "type")),
        *(f"{runtime}, {what}" for what in ("a missing input", "an unknown input")),
        f"{runtime}, the first again",
        "int8: latency",
        *(f"{command}, {what}" for what in ("a picture", *malformed, "stderr")),
        f"{server}, status",
        *(f"{asked} of {batch}" for batch in (1, 3)),
        *(f"{asked}, {what}" for what in ("garbage", "a truncated request", "an empty request")),
        *(f"{asked}, {what} for a picture" for what in malformed),
        f"{asked}, the first again",
        *(f"{server}, analyze, {what}" for what in ("a picture", *malformed, "the first again")),
        *(f"{server}, {what}" for what in ("SIGTERM", "stderr")),
    ]


def test_a_file_other_than_the_one_of_the_report_fails(export, on_paper):
    with (export / "model_int8.tflite").open("ab") as file:
        file.write(b"more")
    assert failed(on_paper(export)) == ["int8: SHA-256"]


def test_a_file_that_is_not_there_fails_and_is_not_loaded(export):
    (export / "model_int8.tflite").unlink()
    checks = judge(export)
    assert failed(checks) == ["int8: SHA-256", "int8: operations"]
    assert checks["int8: SHA-256"].value is None


@pytest.mark.parametrize("name", ["model_float32.tflite", "saved_model"])
def test_a_model_that_the_report_does_not_know_fails(export, on_paper, name):
    (export / name).mkdir()
    checks = on_paper(export)
    assert failed(checks) == ["models"]
    assert checks["models"].value == f"{name} besides"


def test_an_export_of_no_models_fails(export, on_paper):
    edit_report(export, lambda report: report.update(files={}))
    (export / "model_int8.tflite").unlink()
    assert failed(on_paper(export)) == ["models"]


@pytest.mark.parametrize(
    ("name", "relative", "tolerances", "passed"),
    [
        ("float32", 1e-3, {}, True),
        ("float32", 1.1e-3, {}, False),
        ("float32", 1.1e-3, {"float32": 2e-3}, True),
        ("float16", 1e-2, {}, True),
        ("float16", 1.1e-2, {}, False),
        ("float16", float("nan"), {}, False),
        ("float16", None, {}, False),
        ("int8", 0.5, {}, None),
        ("int8", 0.5, {"int8": 0.2}, False),
        ("int8", 0.2, {"int8": 0.2}, True),
    ],
)
def test_each_output_may_differ_from_keras_by_the_tolerance_of_its_file(
    tmp_path, on_paper, name, relative, tolerances, passed
):
    export = paper_export(tmp_path, names=[name])
    difference = {"tf.lite": {"score": {"relative": 0.0}, "vad": {"relative": relative}}}
    edit_report(export, lambda report: report["files"][name].update(difference=difference))
    checks = on_paper(export, tolerances=tolerances)
    assert checks[f"{name}: vad in tf.lite"].passed is passed
    assert checks[f"{name}: score in tf.lite"].passed is (None if passed is None else True)


@pytest.mark.parametrize(("name", "passed"), [("float32", False), ("int8", None)])
def test_a_file_that_was_not_compared_with_keras_has_no_parity(tmp_path, on_paper, name, passed):
    export = paper_export(tmp_path, names=[name])
    edit_report(export, lambda report: report["files"][name].update(difference={"tf.lite": {}}))
    assert on_paper(export)[f"{name}: outputs"].passed is passed


def test_a_tolerance_for_a_file_that_is_not_there_is_refused(export):
    with pytest.raises(EmoError, match="Unknown file of a tolerance: did you mean int8"):
        judge(export, tolerances={"int16": 0.1})


@pytest.mark.parametrize(
    "limits",
    [{"tolerances": {"int8": -1}}, {"latency_ms": 0}, {"time_limit_s": float("nan")}],
    ids=["tolerance", "latency", "time limit"],
)
def test_limits_of_infrastructure_that_make_no_sense_are_refused(limits):
    with pytest.raises(EmoError, match=r"expected .* Received"):
        InfrastructureLimits(**limits)


def test_a_model_with_an_unknown_operation_does_not_pass(export):
    path = export / "model_int8.tflite"
    content = path.read_bytes()
    model = schema.ModelT.InitFromPackedBuf(content)
    operator = model.operatorCodes[0]
    operator.builtinCode = operator.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    operator.customCode = "Mystery"
    builder = schema.flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), FILE_IDENTIFIER)
    zipped = content[content.index(b"PK\x03\x04") :]
    path.write_bytes(bytes(builder.Output()) + zipped)
    edit_report(export, lambda report: report["files"]["int8"].update(sha256=digest(path)))
    checks = judge(export)
    assert checks["int8: operations"].reason == (
        "int8: operations: expected TFLite's own alone. Received: CUSTOM:Mystery"
    )
    loading = checks["int8: loads and answers in a fresh process"]
    assert not loading.passed
    assert "Mystery" in loading.value
    assert not checks["int8: emo-tf predict"].passed
    assert checks["int8: emo-tf serve, status"].value == "END"


def test_a_process_that_hangs_is_killed_and_fails_with_the_reason(export):
    checks = judge(export, time_limit_s=0.05)
    assert failed(checks) == [
        "int8: loads and answers in a fresh process",
        "int8: emo-tf predict",
        "int8: emo-tf serve",
    ]
    for name in failed(checks):
        assert checks[name].value == "killed, no answer within 0.05 s"


def test_models_of_other_tasks_are_not_asked_on_the_command_line(export):
    edit_report(export, lambda report: report["model"].update(task="face_detection"))
    checks = judge(export)
    assert all_passed(checks.values())
    assert not [name for name in checks if "emo-tf predict" in name]
