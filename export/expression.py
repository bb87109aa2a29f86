"""Exports a trained expression model to the `.tflite` files that the package ships.

    python -m emo_tf.export.expression --run runs/expression_fer2013 --manual-dir ~/fer2013 \\
        --out emo_tf/weights

Writes `expression_float16.tflite`, `expression_int8.tflite`, and `expression.md`, the model card
with what each file was measured to reach.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from emo_tf.data.fer2013 import Fer2013, load_fer2013
from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.data.photographs import FER2013_CROP
from emo_tf.errors import EmoError
from emo_tf.export.metadata import embed_metadata
from emo_tf.export.model_card import expression_card
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.files import replace_whole
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import classification_report
from emo_tf.model_metadata import ImageInput, ModelMetadata
from emo_tf.runtime.litert import LiteRTModel

QUANTISATIONS = ("float16", "int8")
CALIBRATION_IMAGES = 512
RUN_FILES = ("metrics.json", "model.keras")


def export_expression(run: Path, *, data: Fer2013, out: Path, note: str = "") -> dict[str, dict]:
    """Writes the model of a finished run in both precisions, and its card.

    Args:
        run: Folder of the run, with `model.keras` and `metrics.json`.
        data: FER2013; the held-out part sets the integer ranges, PublicTest measures the files.
        out: Folder to write to.
        note: A remark on the run for the model card.

    Returns:
        What each file reaches on PublicTest, by precision.

    Raises:
        EmoError: The run has not ended.
    """
    for name in RUN_FILES:
        if not (run / name).is_file():
            raise EmoError(f"{run}: expected a finished run. Received: no {name}")
    metrics = json.loads((run / "metrics.json").read_text())
    datasets = ["FER2013"] + ["labelled photographs"] * bool(metrics["photographs"])
    model = keras.models.load_model(run / "model.keras")
    temperature = metrics["temperature"]
    _, height, width, _ = model.input_shape
    metadata = ModelMetadata(
        name="expression",
        task="expression",
        description=f"Apparent expression of a face: one of seven, from {height} x {width} grey"
        " pixels.",
        version="1",
        inputs={"image": ImageInput(height=height, width=width, colour="grey")},
        outputs={"probabilities": "Probability of each expression."},
        labels=EXPRESSIONS,
        score_kind="softmax",
        temperature=temperature,
        crop=FER2013_CROP,
        licence="Apache-2.0; trained on FER2013, whose images are for research use",
        provenance={
            "datasets": datasets,
            "experiments": [stage["name"] for stage in metrics["stages"]],
            "seed": metrics["stages"][-1]["seed"],
        },
    )
    saved_model = export_saved_model(
        model,
        run / "saved_model",
        inputs=metadata.inputs,
        outputs=lambda logits: {"probabilities": ops.softmax(logits / temperature)},
    )
    reports = {}
    for quantisation in QUANTISATIONS:
        content = convert_tflite(
            saved_model,
            quantisation=quantisation,
            representative=lambda: _calibration_images(data.held_out),
        )
        path = out / f"expression_{quantisation}.tflite"
        with replace_whole(path) as temporary:
            temporary.write_bytes(embed_metadata(content, metadata, source=str(path)))
        reports[quantisation] = measure_file(path, data) | {"bytes": path.stat().st_size}
    with replace_whole(out / "expression.md") as temporary:
        temporary.write_text(expression_card(metrics, reports, crop=FER2013_CROP, note=note))
    return reports


def _calibration_images(faces: LabelledFaces):
    for index in range(0, len(faces), max(1, len(faces) // CALIBRATION_IMAGES)):
        yield {"image": faces.images[index : index + 1]}


def predict_file(path: Path, images: np.ndarray, *, batch: int = 64) -> np.ndarray:
    """Returns the probabilities, (N, C), that a model file gives for uint8 images (N, H, W, 1)."""
    model = LiteRTModel(path)
    parts = [
        model(image=images[start : start + batch])["probabilities"]
        for start in range(0, len(images), batch)
    ]
    return np.concatenate(parts)


def measure_file(path: Path, data: Fer2013) -> Mapping[str, dict]:
    """Returns what a model file reaches on PublicTest, whole and without Training's duplicates."""
    probabilities = predict_file(path, data.public_test.images)
    kept = ~data.public_test_duplicates
    labels = data.public_test.labels
    return {
        "public_test": classification_report(probabilities, labels, names=EXPRESSIONS),
        "public_test_without_duplicates": classification_report(
            probabilities[kept], labels[kept], names=EXPRESSIONS
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--run", type=Path, required=True, help="folder of the finished run")
    parser.add_argument("--manual-dir", type=Path, required=True, help="folder with FER2013")
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help="prepared data sets")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--note", default="", help="a remark on the run for the model card")
    arguments = parser.parse_args()
    tf.get_logger().setLevel("ERROR")
    try:
        data = load_fer2013(manual_dir=arguments.manual_dir, data_dir=arguments.data_dir)
        reports = export_expression(
            arguments.run, data=data, out=arguments.out, note=arguments.note
        )
    except EmoError as error:
        parser.error(str(error))
    for name, report in reports.items():
        print(
            f"expression_{name}.tflite: {report['bytes'] / 1e6:.2f} MB, PublicTest accuracy"
            f" {report['public_test']['accuracy']:.2%}, expected calibration error"
            f" {report['public_test']['expected_calibration_error']:.3f}"
        )
    print(f"Wrote {arguments.out / 'expression.md'}")


if __name__ == "__main__":
    main()
