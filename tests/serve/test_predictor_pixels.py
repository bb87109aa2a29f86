"""Picture files: the server sees in them what the SavedModel's `serve_bytes` sees."""

import base64
import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf import models
from emo_tf.models.expression_net import expression_metadata
from emo_tf.models.keras_file import save_model
from emo_tf.runtime.image_io import read_image
from emo_tf.serve.predictor import Predictor
from tests.context_exports import export_quickly, small_run
from tests.drawn_weights import draw_weights
from tests.group_exports import group_run, small_group_model
from tests.small_context import small_context_fusion

pytestmark = pytest.mark.slow

TASKS = ("expression", "emotic", "group")
BOXES = [(10.25, 5.5, 30.75, 300), (-50, 20, 400, 1000), (0, 0, 17, 33)]
TOLERANCE = 1e-4


def expression_run(folder: Path) -> Path:
    """Writes a file of a small model of expressions and returns it."""
    folder.mkdir()
    model = draw_weights(
        models.create("expression_net", stem_filters=8, stage_filters=(8, 16), stage_blocks=(1, 1))
    )
    metadata = expression_metadata(model, version="1", temperature=1.3, crop={"preset": "box"})
    save_model(model, folder / "model.keras", metadata=metadata)
    return folder / "model.keras"


def write_run(task: str, folder: Path) -> Path:
    if task == "expression":
        return expression_run(folder)
    if task == "group":
        return group_run(folder, small_group_model("global"))
    return small_run(folder, small_context_fusion(blank_person=True))


@pytest.fixture(scope="module", params=TASKS)
def export(request, tmp_path_factory) -> Path:
    """The export of a small model, whose folder is named by its task."""
    folder = tmp_path_factory.mktemp("served")
    run = write_run(request.param, folder / "run")
    keras.utils.set_random_seed(0)
    export_quickly(run, folder / request.param, precisions=["float32"])
    return folder / request.param


@pytest.fixture(scope="module")
def predictor(export) -> Predictor:
    file = export / "model_float32.tflite"
    return Predictor(file, name=export.name, version=1, workers=1, max_pixels=10**7)


@pytest.fixture(scope="module")
def pictures(astronaut, make_picture) -> list[bytes]:
    """A real picture in the forms that cameras and programs write."""
    pixels = read_image(astronaut)
    face = pixels[60:180, 170:275]
    return [
        astronaut.read_bytes(),
        make_picture(pixels, "JPEG", quality=92),
        make_picture(pixels[:401, :333], "JPEG", quality=60, progressive=True, optimize=True),
        make_picture(face, "JPEG", quality=85, subsampling=0),
        make_picture(face[:48, :48], "PNG"),
        make_picture(face, "PNG", mode="L"),
        make_picture(face, "JPEG", mode="L", quality=90),
        make_picture(pixels, "PNG", mode="P"),
    ]


def rows_of(export: Path, pictures: list[bytes]) -> list[tuple[bytes, tuple | None]]:
    """Returns pictures with the box of a person for a model that needs it."""
    boxes = BOXES if export.name == "emotic" else [None]
    return [(picture, box) for picture in pictures for box in boxes]


def saved_models_answers(export: Path, rows: list[tuple]) -> dict[str, np.ndarray]:
    files, boxes = zip(*rows, strict=True)
    request = {"image_bytes": tf.constant(files)}
    if boxes[0] is not None:
        request["box_xywh"] = tf.constant(boxes, tf.float32)
    loaded = tf.saved_model.load(str(export / "saved_model"))
    answers = loaded.signatures["serve_bytes"](**request)
    return {name: value.numpy() for name, value in answers.items()}


def asked(predictor: Predictor, rows: list[tuple]) -> dict[str, np.ndarray]:
    """Asks for all rows in one request by name, and returns arrays by name."""
    files, boxes = zip(*rows, strict=True)
    inputs = {"image_bytes": [{"b64": base64.b64encode(file).decode()} for file in files]}
    if boxes[0] is not None:
        inputs["box_xywh"] = boxes
    body = json.dumps({"signature_name": "serve_bytes", "inputs": inputs}).encode()
    (answer,) = predictor.answer(0, [body])
    outputs = json.loads(answer)["outputs"]
    if not isinstance(outputs, dict):
        outputs = {"probabilities": outputs}
    return {name: np.array(values) for name, values in outputs.items()}


def test_files_get_the_answers_of_the_saved_model(export, predictor, pictures):
    rows = rows_of(export, pictures)
    expected, found = saved_models_answers(export, rows), asked(predictor, rows)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert np.ptp(values, axis=0).max() > 100 * TOLERANCE
        np.testing.assert_allclose(found[name], values, rtol=0, atol=TOLERANCE)


def test_a_rotation_in_exif_is_obeyed_which_the_saved_model_does_not(
    export, predictor, astronaut, make_jpeg
):
    upright = read_image(astronaut)
    turned = make_jpeg(np.ascontiguousarray(np.rot90(upright)), orientation=6)
    box = BOXES[0] if export.name == "emotic" else None
    straight = asked(predictor, [(make_jpeg(upright), box)])
    found = asked(predictor, [(turned, box)])
    ignored = saved_models_answers(export, [(turned, box)])
    for name, values in straight.items():
        apart = np.abs(found[name] - values).max()
        assert np.abs(ignored[name] - values).max() > 50 * apart
