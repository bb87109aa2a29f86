"""Exports that can be blessed: of shipped files, and of a small model with its SavedModel."""

import copy
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from emo_tf.export.folder import REPORT, digest, tflite_name
from emo_tf.weights import weight_path

SHIPPED = ("float16", "int8")
FIGURES = {
    "metrics": {"accuracy": 0.67, "mean_recall": 0.65, "expected_calibration_error": 0.05},
    "slices": {
        "label=happy": {"examples": 895, "accuracy": 0.88},
        "label=sad": {"examples": 30, "accuracy": 0.5},
        "label=disgust": {"examples": 29, "accuracy": 0.4},
    },
}
EVALUATION = {
    "dataset": "fer2013",
    "split": "public_test",
    "examples": 3589,
    "primary": "accuracy",
    "better": {
        "accuracy": "higher",
        "mean_recall": "higher",
        "expected_calibration_error": "lower",
    },
}


def report_of(folder: Path, names: Iterable[str], *, task: str, output: str) -> dict:
    """Returns a report of files that lie in a folder, all with the same figures."""
    paths = {
        name: folder / (name if name == "saved_model" else tflite_name(name)) for name in names
    }
    return {
        "format": 1,
        "model": {"name": task, "task": task},
        "examples": {"source": "fer2013", "real": True, "count": 3589},
        "evaluation": EVALUATION,
        "keras": FIGURES,
        "files": {
            name: {
                "path": path.name,
                "sha256": digest(path) if path.exists() else "0" * 64,
                "difference": {"some_library": {output: {"relative": 1e-4}}},
                **FIGURES,
            }
            for name, path in paths.items()
        },
    }


def write_report(folder: Path, report: dict) -> None:
    """Writes the report of an export."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / REPORT).write_text(json.dumps(report), encoding="utf-8")


def edit_report(folder: Path, change: Callable[[dict], object]) -> None:
    """Changes the report of an export in place."""
    report = json.loads((folder / REPORT).read_text("utf-8"))
    change(report)
    write_report(folder, report)


def paper_export(folder: Path, *, names: Iterable[str] = ("float32", "int8")) -> Path:
    """Writes an export that is a report alone."""
    report = report_of(folder, names, task="expression", output="probabilities")
    write_report(folder, copy.deepcopy(report))
    return folder


def shipped_export(folder: Path, *, names: Iterable[str] = SHIPPED) -> Path:
    """Writes an export of the shipped expression model, without a SavedModel."""
    folder.mkdir(parents=True)
    for name in names:
        shutil.copy(weight_path(f"expression_{name}"), folder / tflite_name(name))
    write_report(folder, report_of(folder, names, task="expression", output="probabilities"))
    return folder


def small_context_export(folder: Path) -> Path:
    """Writes an export of a small model of people in context: SavedModel and float32."""
    import numpy as np
    import tensorflow as tf

    from emo_tf.export.metadata import embed_metadata
    from emo_tf.export.saved_model import Signature, serving_model, write_saved_model
    from emo_tf.export.tflite import convert_tflite
    from emo_tf.export.warmup import write_warmup
    from emo_tf.models.context_fusion import context_metadata
    from tests.context_models import SIZES, THRESHOLDS, tiny_context_model

    model = tiny_context_model()
    about = context_metadata(model, version="1", thresholds=THRESHOLDS)
    serving = serving_model(model, inputs=about.inputs, outputs=lambda outputs: outputs)

    def decode(content: tf.Tensor) -> tf.Tensor:
        picture = tf.io.decode_image(content, channels=3, expand_animations=False)
        return tf.cast(tf.image.resize(picture, (64, 64)), tf.uint8)

    def from_bytes(tensors: dict) -> dict:
        tf.debugging.assert_greater(tensors["box_xywh"][:, 2:], 1.0, "a box without an area")
        pictures = tf.map_fn(decode, tensors["image_bytes"], fn_output_signature=tf.uint8)
        resized = {
            name: tf.cast(tf.image.resize(pictures, size), tf.uint8) for name, size in SIZES.items()
        }
        return serving(resized, training=False)

    inputs = {
        "image_bytes": tf.TensorSpec((None,), tf.string, "image_bytes"),
        "box_xywh": tf.TensorSpec((None, 4), tf.float32, "box_xywh"),
    }
    signatures = {"serve_bytes": Signature(inputs=inputs, function=from_bytes)}
    saved_model = write_saved_model(serving, folder / "saved_model", signatures=signatures)
    pixels = {name: np.zeros((1, *size, 3), np.uint8) for name, size in SIZES.items()}
    write_warmup(saved_model, {"serving_default": pixels}, model="emotic")
    content = embed_metadata(convert_tflite(saved_model), about)
    (folder / tflite_name("float32")).write_bytes(content)
    names = ("saved_model", "float32")
    write_report(folder, report_of(folder, names, task="emotic", output="score"))
    return folder
