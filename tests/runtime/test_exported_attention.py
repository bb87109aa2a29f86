"""An attention model from its file: a photograph judged as Keras judges its faces."""

import keras
import numpy as np
import pytest

from emo_tf.models.keras_file import load_model
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.face_align import crop_face
from emo_tf.runtime.resizing import resize
from tests.context_exports import export_quickly
from tests.crowds import crowd
from tests.group_exports import FACES, TEMPERATURE, group_run, small_group_model

pytestmark = pytest.mark.slow

BLANK = np.full((90, 120, 3), (40, 90, 160), np.uint8)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """An analyzer with the exported model, and the model."""
    folder = tmp_path_factory.mktemp("attention")
    run = group_run(folder / "run", small_group_model("attention C"))
    export_quickly(run, folder / "export", precisions=["float16"])
    file = folder / "export" / "model_float16.tflite"
    return Analyzer(group_models=[file], threads=1), load_model(run / "model.keras")[0]


def keras_says(model: keras.Model, picture: np.ndarray, faces) -> tuple[np.ndarray, np.ndarray]:
    """Returns probabilities (3,) and the weights of the faces (F,), the largest first."""
    _, height, width, _ = model.input["image"].shape
    places = np.zeros((1, *model.input["faces"].shape[1:]), np.float32)
    size = places.shape[2:4]
    for place, face in zip(places[0], faces, strict=False):
        place[:] = crop_face(picture, face, {"preset": "box"}, size=size, colour="rgb")
    inputs = {
        "image": resize(picture, (height, width))[None].astype(np.float32),
        "faces": places,
        "face_mask": (np.arange(FACES) < len(faces))[None].astype(np.float32),
    }
    outputs = model(inputs, training=False)
    probabilities = keras.ops.softmax(outputs["logits"] / TEMPERATURE)
    return probabilities.numpy()[0], outputs["face_weights"].numpy()[0, : len(faces)]


@pytest.mark.parametrize("count", [0, 1, 6, FACES, FACES + 5])
def test_a_picture_of_any_number_of_faces_is_judged_as_in_keras(exported, astronaut, count):
    analyzer, model = exported
    picture = crowd(astronaut, count) if count else BLANK
    result = analyzer.analyze(picture)
    assert len(result.faces) == count
    areas = np.array([face.box_xywh[2] * face.box_xywh[3] for face in result.faces])
    looked_at = np.argsort(-areas, kind="stable")[:FACES]
    verdict, weights = keras_says(model, picture, [result.faces[index] for index in looked_at])
    assert result.group.source == "small_group"
    np.testing.assert_allclose([*result.group.probabilities.values()], verdict, atol=1e-3)
    found = np.array(result.group.face_weights)
    np.testing.assert_allclose(found[looked_at], weights, atol=1e-3)
    assert found.sum() == pytest.approx(1 if count else 0, abs=1e-6)
    assert (result.group.note is not None) == (count > FACES)
