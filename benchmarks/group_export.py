"""Models of groups as files: what 0 to 15 faces, and places without one, do to their answers.

python -m benchmarks.group_export --shared ../shared --json group_export.json
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import keras

from benchmarks.common import main, row
from benchmarks.made_up_groups import with_noise_for_faces
from emo_tf import models
from emo_tf.export.differences import differences, made_up_inputs
from emo_tf.export.exportable import Examples, Exportable
from emo_tf.export.exporter import export_model
from emo_tf.export.folder import tflite_name
from emo_tf.export.group import group_exportable
from emo_tf.export.run_files import read_run_files
from emo_tf.export.tflite import QUANTISATIONS
from emo_tf.layers.face_attention import SCORES
from emo_tf.models.group_metadata import group_metadata
from emo_tf.models.keras_file import save_model
from emo_tf.runtime.litert import LiteRTModel

DIFFERENCE_BAR = 1e-3
FACES = 15
EXACT = ("float32", "float16")
LIVELINESS = 4
"""What the weights of heads are multiplied by: as they are drawn, all pictures get one answer."""

_IMAGE = {"image_backbone": "small_resnet", "image_size": (96, 128)}
_CROPS = {"face_backbone": "small_resnet", "alignment": "sphereface", "faces": FACES}
_ATTENTION = {
    f"attention {scores}": ("group_attention", _IMAGE | _CROPS | {"scores": scores})
    for scores in SCORES
}
SMALL = {
    **_ATTENTION,
    "local": ("group_local", _CROPS),
    "average": ("group_average", _IMAGE | {"faces": FACES}),
}
"""Builders and arguments of models on small backbones."""

PHONE = {
    "image_backbone": "mobilenet_v3_small",
    "face_backbone": "sphere20a",
    "alignment": "sphereface",
    "faces": FACES,
    "scores": "C",
}
"""Attention C as a phone would have it."""


def measure(shared: Path) -> list[dict]:
    """Exports models of groups and asks their files.

    Args:
        shared: Not looked at.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    del shared
    keras.utils.set_random_seed(0)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        return [*small_rows(folder), *phone_rows(folder)]


def small_rows(folder: Path) -> Iterator[dict]:
    """Compares models on small backbones with Keras, and with themselves on noisy padding."""
    apart, changes = {}, {}
    for name, (builder, arguments) in SMALL.items():
        out = folder / name
        exportable = _exportable(models.create(builder, **arguments), folder / f"{name}.keras")
        report = export_model(exportable, out)
        for precision in QUANTISATIONS:
            apart[f"{name}, {precision}"] = _largest(report["files"][precision]["difference"])
            changes[f"{name}, {precision}"] = _change(out / tflite_name(precision), exportable)
    yield _difference_row(
        f"Models of groups on small backbones, pictures with 0 to {FACES} faces: largest "
        "difference of a probability or of a face's weight from Keras, float32 and float16",
        apart,
    )
    worst = max(changes.values())
    yield row(
        "The same with noise in the places without a face: largest change of an answer, in all "
        "precisions",
        f"{worst:g}",
        bar="= 0",
        met=worst == 0,
        details={name: f"{value:g}" for name, value in changes.items()},
    )


def phone_rows(folder: Path) -> Iterator[dict]:
    """Exports Attention C on MobileNetV3 and SphereFace-20; compares, weighs and times it."""
    model = models.create("group_attention", **PHONE)
    report = export_model(_exportable(model, folder / "phone.keras"), folder / "phone")
    files = {precision: report["files"][precision] for precision in QUANTISATIONS}
    yield _difference_row(
        "Attention C on MobileNetV3-small and SphereFace-20, as above",
        {precision: _largest(file["difference"]) for precision, file in files.items()},
        **{f"{precision}, MB": round(file["bytes"] / 1e6, 1) for precision, file in files.items()},
    )
    for precision, file in files.items():
        speed = file["latency_ms"]
        yield row(
            f"The same, one picture with {FACES} faces, {precision}, 1 thread: ms",
            round(speed["1"]["median"]),
            details={
                f"{name} of the calls in a second": {e: round(v) for e, v in one.items()}
                for name, one in {"1 thread": speed["1"], "2 threads": speed["2"]}.items()
            },
        )


def _exportable(model: keras.Model, path: Path) -> Exportable:
    """Returns a model for export, measured on pictures with all their faces to none."""
    for layer in model.get_layer("head").layers:
        if isinstance(layer, keras.layers.Dense):
            layer.kernel.assign(LIVELINESS * layer.kernel)
    save_model(model, path, metadata=group_metadata(model, name="made_up"))
    exportable = group_exportable(read_run_files(path))
    metadata = exportable.metadata
    pictures = made_up_inputs(metadata.inputs, metadata.arrays, count=FACES + 1)
    one_by_one = [
        {name: values[place : place + 1] for name, values in pictures.items()}
        for place in range(FACES + 1)
    ]
    return replace(
        exportable,
        examples=Examples(
            source=f"made-up pictures of {FACES} faces to none",
            count=len(one_by_one),
            batches=lambda: one_by_one,
            batch_size=1,
            real=False,
        ),
        calibration=lambda: one_by_one,
    )


def _change(path: Path, exportable: Exportable) -> float:
    """Returns how much noise in the places without a face changes the answers of a file."""
    model, changes = LiteRTModel(path), []
    for inputs in exportable.examples.batches():
        found = differences(model(**with_noise_for_faces(inputs)), model(**inputs))
        changes += [figures["largest"] for figures in found.values()]
    return max(changes)


def _largest(by_library: Mapping[str, Mapping]) -> float:
    return max(
        figures["largest"] for outputs in by_library.values() for figures in outputs.values()
    )


def _difference_row(what: str, found: Mapping[str, float], **details: object) -> dict:
    worst = max(value for name, value in found.items() if name.endswith(EXACT))
    return row(
        what,
        f"{worst:.1e}",
        bar=f"≤ {DIFFERENCE_BAR:g}",
        met=worst <= DIFFERENCE_BAR,
        details={name: f"{value:.1e}" for name, value in found.items()} | details,
    )


if __name__ == "__main__":
    main(measure)
