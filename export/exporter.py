"""From a trained model to the folder of its export: every file made, run and measured."""

import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import emo_tf
from emo_tf.errors import EmoError, unknown_name
from emo_tf.export import folder as layout
from emo_tf.export.comparison import Comparison
from emo_tf.export.differences import check_differences, differences, made_up_inputs
from emo_tf.export.exportable import Arrays, Exportable, Measured
from emo_tf.export.formats import check_formats, export_formats
from emo_tf.export.infrastructure import TOLERANCES
from emo_tf.export.latency import THREADS, latency_ms
from emo_tf.export.metadata import embed_metadata
from emo_tf.export.model_card import model_card, taken_first
from emo_tf.export.operations import check_built_in, operations
from emo_tf.export.saved_model import Signature, serving_model, write_saved_model
from emo_tf.export.streaming import one_call
from emo_tf.export.tflite import convert_tflite
from emo_tf.export.warmup import EXTRA_FOLDER, write_warmup
from emo_tf.model_metadata import FILE_NAME
from emo_tf.runtime.litert import INTERPRETER_MODULES, SIGNATURE, LiteRTModel
from emo_tf.runtime.picture_requests import BYTES_SIGNATURE

INTERPRETERS = {"ai_edge_litert": INTERPRETER_MODULES[0], "tf.lite": INTERPRETER_MODULES[2]}
AT_MOST_IN_TF_LITE = 500
"""Examples that the second interpreter runs on, which is there for comparison alone."""

Progress = Callable[[str, int], AbstractContextManager[Callable[[], None]]]
"""Opens the display of a stage, of so many batches, and gives what to call after each."""


def export_model(
    exportable: Exportable,
    out: Path,
    *,
    precisions: Sequence[str] = (),
    formats: Sequence[str] = (),
    note: str = "",
    progress: Progress = lambda title, batches: nullcontext(lambda: None),
) -> dict:
    """Writes a model as SavedModel and `.tflite` files, with their report and model card.

    Every file is run on the examples beside Keras. The folder appears whole, or stays as it was.

    Args:
        exportable: The model and what it is measured on.
        out: Folder to write; an earlier export there is replaced.
        precisions: Those of the `.tflite` files; by default all that the model can be had in.
        formats: Further formats: `onnx`, `openvino`.
        note: A remark for the model card.
        progress: Opens the display of a stage, of so many batches, and gives what to call after
            each.

    Returns:
        What `report.json` holds.

    Raises:
        EmoError: A precision or format is unknown or cannot be had, `out` holds something else, or
            a file differs from Keras.
    """
    precisions = _chosen(exportable, precisions)
    check_formats(formats)
    metadata = exportable.metadata
    with layout.export_folder(out) as folder:
        serving = serving_model(
            exportable.model,
            inputs=metadata.inputs,
            arrays=metadata.arrays,
            outputs=exportable.outputs,
        )
        examples = exportable.examples
        title = f"Keras on {examples.count:,} examples: {examples.source}"
        with progress(title, examples.steps) as advance:
            comparison = Comparison(exportable, serving, advance=advance)
        measured = {"keras": _measured(exportable, comparison.expected)}
        files = {}
        with progress(layout.SAVED_MODEL, examples.steps) as advance:
            files["saved_model"], measured["saved_model"] = _export_saved_model(
                exportable, serving, folder, comparison=comparison, advance=advance
            )
        # The other precisions are made by it too.
        floats = convert_tflite(folder / layout.SAVED_MODEL)
        for precision in precisions:
            with progress(layout.tflite_name(precision), examples.steps) as advance:
                files[precision], measured[precision] = _export_tflite(
                    exportable,
                    folder,
                    precision=precision,
                    floats=floats,
                    comparison=comparison,
                    advance=advance,
                )
        if formats:
            with progress(", ".join(formats), 1):
                export_formats(serving, folder, formats=formats)
        report = _without_nan(_report(exportable, files, measured, note=note))
        card = model_card(report, exportable.metadata)
        (folder / layout.CARD).write_text(card, encoding="utf-8")
        text = json.dumps(report, indent=1, allow_nan=False) + "\n"
        (folder / layout.REPORT).write_text(text, encoding="utf-8")
    return report


def _chosen(exportable: Exportable, precisions: Sequence[str]) -> tuple[str, ...]:
    possible = exportable.precisions
    if exportable.calibration is None:
        possible = tuple(precision for precision in possible if precision != "int8")
    for precision in precisions:
        if precision not in exportable.precisions:
            raise unknown_name("precision", precision, exportable.precisions)
        if precision not in possible:
            raise EmoError(
                "precision: expected float32 or float16, as int8 needs examples of the data set "
                f"to set its ranges by, and none was found. Received: {precision}"
            )
    return tuple(precision for precision in possible if precision in (precisions or possible))


def _export_saved_model(
    exportable: Exportable,
    serving: keras.Model,
    folder: Path,
    *,
    comparison: Comparison,
    advance: Callable[[], None],
) -> tuple[dict, Measured]:
    """Writes the SavedModel and runs it; returns its entry and what it reaches."""
    path, metadata = folder / layout.SAVED_MODEL, exportable.metadata
    labels = folder / layout.LABELS
    if metadata.labels:
        lines = "".join(f"{label}\n" for label in metadata.labels)
        labels.write_text(lines, encoding="utf-8")
    signatures, from_bytes = {}, exportable.from_bytes
    if from_bytes is not None:
        signatures[BYTES_SIGNATURE] = Signature(
            inputs=from_bytes.inputs,
            function=lambda tensors: serving(dict(from_bytes.decode(tensors)), training=False),
        )
    write_saved_model(
        serving, path, signatures=signatures, labels=labels if metadata.labels else None
    )
    # Made up: examples of a data set are not to travel with a model.
    made_up = made_up_inputs(metadata.inputs, metadata.arrays)
    requests = {SIGNATURE: one_call(made_up, metadata)}
    if from_bytes is not None:
        requests[BYTES_SIGNATURE] = from_bytes.request
    write_warmup(path, requests, model=metadata.name)
    (path / EXTRA_FOLDER / FILE_NAME).write_text(metadata.to_json(), encoding="utf-8")
    loaded = tf.saved_model.load(str(path))
    serve = loaded.signatures[SIGNATURE]
    found, difference = comparison.compare(
        lambda inputs: serve(**{name: tf.constant(value) for name, value in inputs.items()}),
        advance=advance,
    )
    check_differences(layout.SAVED_MODEL, difference, tolerance=TOLERANCES["saved_model"])
    if from_bytes is not None:
        request = {name: tf.constant(value) for name, value in from_bytes.request.items()}
        wanted = serving.predict_on_batch(dict(from_bytes.decode(request)))
        answered = differences(_arrays(loaded.signatures[BYTES_SIGNATURE](**request)), wanted)
        check_differences(BYTES_SIGNATURE, answered, tolerance=TOLERANCES["saved_model"])
    measured = _measured(exportable, found)
    entry = _entry(path, {"tensorflow": difference}, measured)
    return entry | {"signatures": sorted(loaded.signatures)}, measured


def _arrays(tensors: Mapping[str, tf.Tensor]) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def _export_tflite(
    exportable: Exportable,
    folder: Path,
    *,
    precision: str,
    floats: bytes,
    comparison: Comparison,
    advance: Callable[[], None],
) -> tuple[dict, Measured]:
    """Writes one `.tflite` file and runs it; returns its entry and what it reaches."""
    path = folder / layout.tflite_name(precision)
    content = convert_tflite(
        folder / layout.SAVED_MODEL,
        quantisation=precision,
        representative=exportable.calibration,
        floats=floats,
    )
    path.write_bytes(embed_metadata(content, exportable.metadata, source=path.name))
    check_built_in(path)
    by_interpreter, outputs = {}, {}
    for name, module in INTERPRETERS.items():
        model = LiteRTModel(path, interpreter=module)
        step = (lambda: None) if outputs else advance
        limit = AT_MOST_IN_TF_LITE if outputs else None
        found, by_interpreter[name] = comparison.compare(
            lambda batch, model=model: model(**batch), limit=limit, advance=step
        )
        check_differences(path.name, by_interpreter[name], tolerance=TOLERANCES.get(precision))
        outputs = outputs or found
    measured = _measured(exportable, outputs)
    example = one_call(next(iter(exportable.examples.batches())), exportable.metadata)
    speed = {str(n): latency_ms(path, inputs=example, threads=n) for n in THREADS}
    entry = _entry(path, by_interpreter, measured)
    return entry | {"latency_ms": speed, "operations": operations(path)}, measured


def _measured(exportable: Exportable, outputs: Arrays) -> Measured:
    labels = exportable.examples.labels
    return labels.measure(outputs) if labels else Measured(metrics={})


def _entry(path: Path, difference: Mapping, measured: Measured) -> dict:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return {
        "path": path.name,
        "bytes": sum(file.stat().st_size for file in files),
        "sha256": layout.digest(path),
        "difference": dict(difference),
        **_figures(measured),
    }


def _figures(measured: Measured) -> dict:
    figures = {"metrics": dict(measured.metrics), "slices": dict(measured.slices)}
    return figures | ({"classes": dict(measured.classes)} if measured.classes else {})


def _card(exportable: Exportable, measured: Mapping[str, Measured], *, note: str) -> dict:
    """Returns what the card says besides figures, so that it can be written from the report."""
    from_bytes, streaming = exportable.from_bytes, exportable.streaming
    return {
        **dataclasses.asdict(exportable.card),
        "note": note,
        "request": from_bytes and from_bytes.note,
        "stream_frames": streaming and len(streaming.stream),
        "details": taken_first(measured)[1].details,
    }


def _report(
    exportable: Exportable, files: dict, measured: Mapping[str, Measured], *, note: str
) -> dict:
    examples, labels, metadata = (
        exportable.examples,
        exportable.examples.labels,
        exportable.metadata,
    )
    source = exportable.source
    return {
        "format": layout.FORMAT_VERSION,
        "emo_tf": emo_tf.__version__,
        "model": {
            "name": metadata.name,
            "task": metadata.task,
            "version": metadata.version,
            "parameters": exportable.model.count_params(),
            "source": str(source),
            "sha256": layout.digest(source) if isinstance(source, Path) else None,
        },
        "examples": {"source": examples.source, "real": examples.real, "count": examples.count},
        "evaluation": labels
        and {
            "dataset": labels.dataset,
            "split": labels.split,
            "examples": examples.count,
            "use": labels.use,
            "primary": next(iter(labels.better)),
            "better": dict(labels.better),
        },
        "keras": _figures(measured["keras"]),
        "files": files,
        "card": _card(exportable, measured, note=note),
    }


def _without_nan(values: object) -> object:
    """Returns JSON's values with `None` in place of what is not finite."""
    if isinstance(values, Mapping):
        return {name: _without_nan(value) for name, value in values.items()}
    if isinstance(values, float) and not math.isfinite(values):
        return None
    return values
