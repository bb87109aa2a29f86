"""The folder of an export: what lies in it and what its report says, held against the files."""

import hashlib
import json
import zipfile

import numpy as np
import pytest

from emo_tf.export import folder as layout
from emo_tf.export.folder import digest, read_report
from emo_tf.export.operations import operations
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.metrics.emotic import emotic_report
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.keras_file import load_model
from emo_tf.runtime.litert import INTERPRETER_MODULES, LiteRTModel
from tests.context_exports import as_taken, everybody
from tests.small_exports import names

PRECISIONS = ("float32", "float16", "int8")
LIBRARIES = {"ai_edge_litert": INTERPRETER_MODULES[0], "tf.lite": INTERPRETER_MODULES[2]}
TOLERANCES = {"float32": 1e-5, "float16": 2e-3, "int8": 1e-2}
INPUTS = ["scene", "body", "box"]


@pytest.fixture(scope="module")
def report(context_export) -> dict:
    return read_report(context_export.folder)


@pytest.fixture(scope="module")
def people(context_export) -> dict[str, np.ndarray]:
    return everybody(context_export.data_dir)


@pytest.fixture(scope="module")
def of_keras(context_export, people) -> dict[str, np.ndarray]:
    model, _ = load_model(context_export.run / "model.keras")
    outputs = model({name: people[name] for name in INPUTS}, training=False)
    return {name: value.numpy() for name, value in outputs.items()}


@pytest.fixture(scope="module")
def of_files(context_export, people) -> dict[tuple[str, str], dict[str, np.ndarray]]:
    """Outputs of each `.tflite` file in each library."""
    return {
        (precision, library): LiteRTModel(
            context_export.folder / f"model_{precision}.tflite", interpreter=module
        )(**as_taken(people, INPUTS))
        for precision in PRECISIONS
        for library, module in LIBRARIES.items()
    }


def test_all_files_are_there_and_none_besides(context_export):
    tflite = [f"model_{precision}.tflite" for precision in sorted(PRECISIONS)]
    expected = ["labels.txt", "model_card.md", *tflite, "report.json", "saved_model"]
    assert names(context_export.folder) == sorted(expected)
    labels = (context_export.folder / "labels.txt").read_text("utf-8").splitlines()
    assert tuple(labels) == EMOTIC_CATEGORIES


def test_the_report_returned_is_the_one_written_and_all_of_it_is_json(context_export, report):
    assert report == context_export.report

    def refuse(constant: str):
        raise AssertionError(f"{constant} is no JSON")

    text = (context_export.folder / layout.REPORT).read_text("utf-8")
    json.loads(text, parse_constant=refuse)


def test_the_report_says_what_was_exported_and_on_what_it_was_measured(context_export, report):
    source = context_export.run / "model.keras"
    assert report["model"] == {
        "name": "context_fusion",
        "task": "emotic",
        "version": "3",
        "parameters": load_model(source)[0].count_params(),
        "source": str(source),
        "sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
    }
    assert report["examples"]["real"] is True
    assert report["examples"]["count"] == 6
    assert report["evaluation"] == {
        "dataset": "emotic",
        "split": "test",
        "examples": 6,
        "use": "for reporting only",
        "primary": "mean_average_precision",
        "better": {"mean_average_precision": "higher", "vad_mean_absolute_error": "lower"},
    }


def test_each_file_is_named_with_its_size_and_sha256(context_export, report):
    assert list(report["files"]) == ["saved_model", *PRECISIONS]
    for name, file in report["files"].items():
        path = context_export.folder / file["path"]
        assert file["sha256"] == digest(path)
        files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
        assert file["bytes"] == sum(one.stat().st_size for one in files) > 0
        assert file["path"] == (name if name == "saved_model" else f"model_{name}.tflite")


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_differences_from_keras_are_those_one_computes(
    report, of_keras, of_files, precision, library
):
    said = report["files"][precision]["difference"]
    assert list(said) == list(LIBRARIES)
    assert said[library].keys() == of_keras.keys()
    for name, wanted in of_keras.items():
        difference = np.abs(of_files[precision, library][name] - wanted)
        figures = said[library][name]
        # Keras' own sums come in another order, whose rounding is of float32's size.
        near = {"rel": 1e-3, "abs": 1e-6 * float(np.abs(wanted).max())}
        assert figures["largest"] == pytest.approx(difference.max(), **near)
        assert figures["mean"] == pytest.approx(difference.mean(), **near)
        assert figures["relative"] == pytest.approx(figures["largest"] / np.abs(wanted).max())
        assert figures["relative"] < TOLERANCES[precision]
        assert np.ptp(wanted, axis=0).max() > 3 * figures["largest"]


def test_the_saved_model_differs_from_keras_by_rounding_alone(report):
    (outputs,) = report["files"]["saved_model"]["difference"].values()
    assert outputs.keys() == {"score", "vad"}
    assert all(figures["relative"] < 1e-5 for figures in outputs.values())
    assert report["files"]["saved_model"]["signatures"] == ["serve_bytes", "serving_default"]


def report_of(people: dict, outputs: dict, rows: np.ndarray) -> dict:
    """Returns the figures of some people, with the thresholds of `save_small_run`."""
    thresholds = [{"Peace": 0.25, "Anger": -0.5}.get(label, np.nan) for label in EMOTIC_CATEGORIES]
    return emotic_report(
        people["categories"][rows],
        outputs["score"][rows],
        people["vad"][rows],
        outputs["vad"][rows],
        thresholds=np.array(thresholds),
    )


@pytest.mark.parametrize("name", ["keras", "saved_model", *PRECISIONS])
def test_metrics_of_a_file_are_those_of_its_own_outputs(report, people, of_keras, of_files, name):
    outputs = of_files.get((name, "ai_edge_litert"), of_keras)
    expected = report_of(people, outputs, np.ones(6, bool))
    entry = report["keras"] if name == "keras" else report["files"][name]
    assert entry["metrics"] == pytest.approx(
        {
            "mean_average_precision": expected["mean_average_precision"],
            "vad_mean_absolute_error": expected["vad_mean_absolute_error"]["mean"],
        },
        abs=2e-5,
    )


def test_metrics_of_int8_are_not_those_of_float32(report):
    assert report["files"]["int8"]["metrics"] != report["files"]["float32"]["metrics"]


@pytest.mark.parametrize("name", ["keras", "saved_model", *PRECISIONS])
def test_slices_count_everybody_and_hold_the_primary_metric(
    report, people, of_keras, of_files, name
):
    outputs = of_files.get((name, "ai_edge_litert"), of_keras)
    slices = (report["keras"] if name == "keras" else report["files"][name])["slices"]
    for attribute in ("gender", "age"):
        values = {key.split("=")[1]: s for key, s in slices.items() if key.startswith(attribute)}
        assert set(values) == set(people[attribute])
        assert sum(part["examples"] for part in values.values()) == 6
        for value, part in values.items():
            expected = report_of(people, outputs, people[attribute] == value)
            assert part == {
                "examples": expected["people"],
                "mean_average_precision": pytest.approx(expected["mean_average_precision"]),
            }


@pytest.mark.parametrize("precision", PRECISIONS)
def test_latencies_and_operations_are_those_of_the_file(context_export, report, precision):
    file = report["files"][precision]
    assert list(file["latency_ms"]) == ["1", "2"]
    for speed in file["latency_ms"].values():
        assert 0 < speed["least"] <= speed["median"] <= speed["most"]
    path = context_export.folder / file["path"]
    assert file["operations"] == operations(path)
    assert file["operations"]["CONV_2D"] == 4
    assert not any(name.startswith("CUSTOM") for name in file["operations"])


@pytest.mark.parametrize("precision", PRECISIONS)
def test_each_tflite_file_says_what_the_run_says(context_export, precision):
    path = context_export.folder / f"model_{precision}.tflite"
    assert ModelMetadata.read(path) == ModelMetadata.read(context_export.run / "model.keras")
    with zipfile.ZipFile(path) as archive:
        labels = archive.read("labels.txt").decode().splitlines()
    assert tuple(labels) == EMOTIC_CATEGORIES


def test_the_model_card_names_files_figures_and_limits(context_export, report):
    card = (context_export.folder / layout.CARD).read_text("utf-8")
    for file in report["files"].values():
        assert f"`{file['path']}`" in card
        for value in file["metrics"].values():
            assert f" {value:.4f} " in card
    for name in report["keras"]["slices"]:
        assert f"| {name} |" in card
    assert "21 people in train" in card
    assert "emo-tf train emotic_context" in card
    assert "EXIF" in card
    assert "not what they experience" in card
    assert "Known limits: rare categories are hardly recognised" in card
    assert "CC BY 4.0" in card
    assert all(f"| {category} |" in card for category in EMOTIC_CATEGORIES)
