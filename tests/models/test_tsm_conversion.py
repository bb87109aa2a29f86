import keras
import numpy as np
import pytest
from keras import ops

from emo_tf.export.metadata import embed_metadata
from emo_tf.export.operations import check_built_in
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.models.golden import relative_error
from emo_tf.models.tsm_metadata import states_of, video_metadata
from emo_tf.runtime.litert import LiteRTModel
from tests.tsm_models import moving_clips, small_tsm

SETTINGS = {
    "a clip, one way": ("tsm", {}),
    "a clip, two ways": ("tsm", {"two_way": True}),
    "a clip, between stages": ("tsm", {"shift": "stage"}),
    "a stream": ("tsm_stream", {}),
    "a stream, between stages": ("tsm_stream", {"shift": "stage"}),
}

pytestmark = pytest.mark.slow


def probabilities(outputs: dict) -> dict:
    """Returns what a file returns, from what a model does: states as they are."""
    found = {name: value for name, value in outputs.items() if name.startswith("state_")}
    found["probabilities"] = ops.softmax(outputs["logits"])
    if "frame_logits" in outputs:
        found["frame_probabilities"] = ops.softmax(outputs["frame_logits"])
    return found


def drawn_inputs(model: keras.Model) -> dict[str, np.ndarray]:
    """Returns pixels for a model, two examples, and states that are not zero."""
    clips = moving_clips(model, frames=8)
    given = {"clip": clips} if "clip" in model.input else {"frame": clips[:, 0]}
    rng = np.random.default_rng(2)
    for name in states_of(model):
        given[name] = rng.uniform(0, 2, (2, *model.input[name].shape[1:])).astype(np.float32)
    return given


@pytest.mark.parametrize("backbone", ["expression_net", "resnet18"])
@pytest.mark.parametrize(("form", "settings"), list(SETTINGS.values()), ids=list(SETTINGS))
def test_a_network_is_built_in_operations_alone_and_answers_as_keras_does(
    backbone, form, settings, tmp_path
):
    model = small_tsm(form, backbone, **settings)
    metadata = video_metadata(model, name="small", version="1", temperature=1.0, crop={})
    folder = export_saved_model(
        model,
        tmp_path / "saved_model",
        inputs=metadata.inputs,
        arrays=metadata.arrays,
        outputs=probabilities,
    )
    path = tmp_path / "model.tflite"
    path.write_bytes(embed_metadata(convert_tflite(folder), metadata))
    check_built_in(path)
    given = drawn_inputs(model)
    expected = probabilities(model.predict(given, verbose=0))
    found = LiteRTModel(path, threads=1)(**given)
    assert found.keys() == expected.keys() == metadata.outputs.keys()
    for name, value in expected.items():
        assert relative_error(found[name], np.asarray(value)) <= 1e-4, name
