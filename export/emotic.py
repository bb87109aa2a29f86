"""Exports a model of people in context to `.tflite` files."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import keras

from emo_tf.errors import EmoError
from emo_tf.export.full_precision import full_precision
from emo_tf.export.metadata import LABEL_FILE, embed_metadata
from emo_tf.export.parity import largest_difference
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.files import replace_whole
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.keras_file import load_model

MODEL_FILE = "model.keras"
TOLERANCES = {"float32": 1e-4, "float16": 1e-2}
"""How far a file may be from Keras, as a share of an output's largest value, by precision."""

Report = Callable[[Path, float], None]


def export_emotic(run: Path, *, out: Path, report: Report | None = None) -> dict[str, Path]:
    """Writes `model_float32.tflite`, `model_float16.tflite` and `labels.txt`.

    The files take uint8 pixels and return `score` and `vad`; they carry the model's own metadata:
    thresholds, licence, provenance. They compute in float32 whatever the model was trained in.
    Nothing is written before both answer as Keras does.

    Args:
        run: Folder of a finished run, or a `.keras` file as `emo-tf weights import` writes it.
        out: Folder to write to.
        report: Called with each model file and its largest difference from Keras, as a share of
            an output's largest value.

    Returns:
        The files: `float32`, `float16` and `labels`.

    Raises:
        EmoError: There is no such run, it has not ended, its model is damaged, is none of people
            in context or takes a box, `out` is a file, or a file differs from Keras.
    """
    path, out = _model_path(Path(run)), Path(out)
    _check_folder(out)
    model, metadata = load_model(path)
    _check_model(path, model, metadata)
    model = full_precision(model)
    files = {precision: out / f"model_{precision}.tflite" for precision in TOLERANCES}
    contents, differences = {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        saved_model = export_saved_model(
            model, Path(scratch) / "saved_model", inputs=metadata.inputs, outputs=dict
        )
        for precision, file in files.items():
            content = convert_tflite(saved_model, quantisation=precision)
            contents[file] = embed_metadata(content, metadata, source=str(file))
            draft = Path(scratch) / file.name
            draft.write_bytes(contents[file])
            differences[file] = _checked_difference(
                file, largest_difference(draft, model), tolerance=TOLERANCES[precision]
            )
    files["labels"] = out / LABEL_FILE
    contents[files["labels"]] = "".join(f"{label}\n" for label in metadata.labels).encode()
    for file, content in contents.items():
        with replace_whole(file) as temporary:
            temporary.write_bytes(content)
        if report and file in differences:
            report(file, differences[file])
    return files


def _checked_difference(file: Path, difference: float, *, tolerance: float) -> float:
    if not difference <= tolerance:  # nor where it is not a number
        raise EmoError(
            f"{file}: expected outputs within {tolerance:g} of those of Keras. "
            f"Received: a difference of {difference:.1e}"
        )
    return difference


def _check_folder(out: Path) -> None:
    standing = next(path for path in (out, *out.parents) if path.exists())
    if not standing.is_dir():
        raise EmoError(f"{out}: expected a folder to write to. Received: {standing}, a file")


def _model_path(run: Path) -> Path:
    if not run.is_dir():
        return run
    if not (run / MODEL_FILE).is_file():
        raise EmoError(f"{run}: expected a finished run. Received: no {MODEL_FILE}")
    return run / MODEL_FILE


def _check_model(path: Path, model: keras.Model, metadata: ModelMetadata) -> None:
    if metadata.task != "emotic":
        raise EmoError(
            f"{path}: expected a model of people in context, task emotic. "
            f"Received: {metadata.name}, task {metadata.task}"
        )
    if "box" in model.input:
        raise EmoError(
            f"{path}: expected a model that takes pictures alone; one that paints the person out "
            "of the scene needs the box, and cannot be exported yet. "
            f"Received: inputs {', '.join(model.input)}"
        )
