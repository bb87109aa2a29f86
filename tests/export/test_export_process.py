"""How an export comes about: what is chosen, what is refused, and what a failure leaves."""

import json
import math
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.export import folder as layout
from emo_tf.export.differences import made_up_examples
from emo_tf.export.exportable import CardText, Exportable, Labels, Measured
from emo_tf.export.exporter import export_model
from emo_tf.export.folder import read_report
from emo_tf.export.latency import latency_ms
from emo_tf.model_metadata import ImageInput, ModelMetadata
from tests.small_exports import contents, names
from tests.unknown_operation import Gamma, besides_log

pytestmark = pytest.mark.slow

METADATA = ModelMetadata(
    name="means",
    task="expression",
    description="Means of features.",
    version="1",
    inputs={"image": ImageInput(16, 16)},
    outputs={"means": "one a feature"},
)
CARD = CardText(title="Means", about="", data="", recipe="", works_best="", limits="")
FILES = ["model_card.md", "model_float32.tflite", "report.json", "saved_model"]


def exportable(*behind: keras.layers.Layer, **changes) -> Exportable:
    """Returns what exports in a second: means of a feature map, with layers behind them."""
    image = keras.Input((16, 16, 3), name="image")
    kernel = keras.initializers.GlorotUniform(seed=0)
    x = keras.layers.Conv2D(3, 3, kernel_initializer=kernel)(keras.layers.Rescaling(1 / 255)(image))
    x = keras.layers.GlobalAveragePooling2D()(x)
    for layer in behind:
        x = layer(x)
    return Exportable(
        **{
            "source": "nowhere",
            "model": keras.Model({"image": image}, x, name="means"),
            "metadata": METADATA,
            "outputs": lambda means: {"means": means},
            "card": CARD,
            "examples": made_up_examples(METADATA.inputs),
            **changes,
        }
    )


@pytest.fixture(autouse=True)
def brief_latencies(monkeypatch):
    monkeypatch.setattr(
        "emo_tf.export.exporter.latency_ms", lambda *a, **k: latency_ms(*a, **k, seconds=0)
    )


@pytest.fixture
def earlier(tmp_path) -> Path:
    """An earlier export with its blessing."""
    folder = tmp_path / "export"
    (folder / "saved_model").mkdir(parents=True)
    for name in ("model_int8.tflite", "report.json", "blessing.json"):
        (folder / name).write_text("earlier")
    return folder


def test_an_earlier_export_is_replaced_and_its_blessing_with_it(earlier):
    export_model(exportable(), earlier, precisions=["float32"])
    assert names(earlier) == FILES
    assert names(earlier.parent) == ["export"]
    layout.check_export_folder(earlier)  # and so would this one be


def test_made_up_pictures_are_said_to_be_made_up_and_allow_no_int8(tmp_path):
    returned = export_model(exportable(), tmp_path / "new" / "export", note="A remark.")
    report = read_report(tmp_path / "new" / "export")
    assert report == returned
    assert list(report["files"]) == ["saved_model", "float32", "float16"]
    assert report["examples"] == {"source": "made-up patches of colour", "real": False, "count": 4}
    assert report["evaluation"] is None
    assert report["model"]["sha256"] is None
    for entry in (report["keras"], *report["files"].values()):
        assert (entry["metrics"], entry["slices"]) == ({}, {})
    for name, tolerance in {"float32": 1e-5, "float16": 2e-3}.items():
        libraries = report["files"][name]["difference"]
        assert all(figures["means"]["relative"] < tolerance for figures in libraries.values())
    card = (tmp_path / "new" / "export" / "model_card.md").read_text("utf-8")
    assert "made-up patches of colour" in card
    assert "A remark." in card


@pytest.mark.parametrize(
    ("precision", "message"),
    [
        ("int8", r"precision: expected float32 or float16, as int8 needs examples.*: int8"),
        ("float23", r"Unknown precision: did you mean float32 .* Received: 'float23'"),
    ],
)
def test_a_precision_that_cannot_be_had_is_refused_before_anything_is_written(
    tmp_path, precision, message
):
    with pytest.raises(EmoError, match=message):
        export_model(exportable(), tmp_path / "export", precisions=["float32", precision])
    assert names(tmp_path) == []


def test_a_precision_that_the_model_is_not_had_in_is_unknown(tmp_path):
    with pytest.raises(EmoError, match="precision"):
        export_model(
            exportable(precisions=("float32",)), tmp_path / "export", precisions=["float16"]
        )


def test_figures_that_cannot_be_told_are_null(tmp_path):
    def measure(outputs: dict) -> Measured:
        assert outputs["means"].shape == (4, 3)
        part = {"examples": 4, "accuracy": math.nan}
        return Measured(metrics={"accuracy": math.nan}, slices={"label=happy": part})

    labels = Labels(dataset="d", split="test", better={"accuracy": "higher"}, measure=measure)
    one = exportable()
    one = replace(one, examples=replace(one.examples, labels=labels))
    returned = export_model(one, tmp_path / "export", precisions=["float32"])
    report = read_report(tmp_path / "export")
    assert report == returned
    for entry in (report["keras"], *report["files"].values()):
        assert entry["metrics"] == {"accuracy": None}
        assert entry["slices"] == {"label=happy": {"examples": 4, "accuracy": None}}
    assert "nan" not in (tmp_path / "export" / "model_card.md").read_text("utf-8")


def test_an_unknown_operation_is_named_in_one_error_that_leaves_the_earlier_export(earlier, capfd):
    before = contents(earlier)
    capfd.readouterr()
    with pytest.raises(EmoError, match=r"operations that TFLite knows.* Received: tf\.Igamma$"):
        export_model(exportable(Gamma()), earlier)
    out, err = capfd.readouterr()
    assert (out, besides_log(err)) == ("", [])
    assert contents(earlier) == before
    assert names(earlier.parent) == ["export"]


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        (1e6, r"model_float16\.tflite: expected outputs within 0\.01 of those of Keras"),
        (math.nan, r"saved_model: expected outputs within 0\.001 of those of Keras"),
    ],
    ids=["too large for half a float", "not a number"],
)
def test_a_file_that_differs_from_keras_is_an_error_and_changes_nothing(earlier, scale, message):
    before = contents(earlier)
    weights = keras.initializers.Constant(scale)
    with pytest.raises(EmoError, match=message):
        export_model(exportable(keras.layers.Dense(400, kernel_initializer=weights)), earlier)
    assert contents(earlier) == before
    assert names(earlier.parent) == ["export"]


def test_a_folder_that_holds_something_else_is_refused_first(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(EmoError, match=r"one of an earlier export\. .* holds thesis\.tex"):
        export_model(exportable(), tmp_path)
    assert names(tmp_path) == ["thesis.tex"]


def test_an_unknown_format_is_refused_before_anything_is_computed(tmp_path):
    def fail():
        raise AssertionError("nothing was to be run")

    one = exportable()
    one = replace(one, examples=replace(one.examples, batches=fail))
    with pytest.raises(EmoError, match=r"Unknown format: did you mean onnx.* 'onyx'"):
        export_model(one, tmp_path / "export", formats=["onyx"])
    assert names(tmp_path) == []


def test_every_stage_tells_its_batches_in_an_order_of_its_own(tmp_path):
    stages = []

    @contextmanager
    def stage(title: str, batches: int):
        stages.append([title, batches, 0])

        def advance() -> None:
            stages[-1][2] += 1

        yield advance

    pictures = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), np.uint8)
    one = exportable()
    examples = replace(
        one.examples,
        source="five",
        count=5,
        batch_size=2,
        batches=lambda: ({"image": pictures[i : i + 2]} for i in (0, 2, 4)),
    )
    wanted = {"precisions": ["float16", "float32"], "progress": stage}
    report = export_model(replace(one, examples=examples), tmp_path / "export", **wanted)
    assert stages == [
        ["Keras on 5 examples: five", 3, 3],
        ["saved_model", 3, 3],
        ["model_float32.tflite", 3, 3],
        ["model_float16.tflite", 3, 3],
    ]
    assert list(report["files"]) == ["saved_model", "float32", "float16"]


def test_int8_is_made_where_there_are_examples_for_its_ranges(tmp_path):
    rng = np.random.default_rng(0)
    one = exportable(
        calibration=lambda: (
            {"image": rng.integers(0, 256, (1, 16, 16, 3), np.uint8)} for _ in range(8)
        )
    )
    report = export_model(one, tmp_path / "export", precisions=["int8"])
    assert names(tmp_path / "export") == [
        "model_card.md",
        "model_int8.tflite",
        "report.json",
        "saved_model",
    ]
    json.dumps(report, allow_nan=False)
    figures = report["files"]["int8"]["difference"]["ai_edge_litert"]["means"]
    assert 0 < figures["relative"] < 0.05


def test_too_few_examples_for_int8_leave_the_earlier_export(earlier):
    before = contents(earlier)
    picture = np.zeros((1, 16, 16, 3), np.uint8)
    with pytest.raises(EmoError, match=r"expected 8 examples or more.* Received: 1"):
        export_model(exportable(calibration=lambda: [{"image": picture}]), earlier)
    assert contents(earlier) == before
