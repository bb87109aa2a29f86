import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.weights import weight_names, weight_path


def test_the_face_detector_is_shipped():
    assert {"mtcnn_onet", "mtcnn_pnet", "mtcnn_rnet"} <= set(weight_names())


def test_an_unknown_name_is_met_with_the_known_ones():
    with pytest.raises(EmoError, match=r"shipped model: did you mean .*mtcnn_pnet"):
        weight_path("mtcn_pnet")


def test_every_shipped_model_describes_itself_and_takes_bytes():
    for name in weight_names():
        model = LiteRTModel(weight_path(name))
        assert model.metadata.licence, name
        assert model.metadata.provenance, name
        runner = model._interpreter.get_signature_runner("serving_default")
        inputs, outputs = runner.get_input_details(), runner.get_output_details()
        assert set(inputs) == set(model.metadata.inputs), name
        assert set(outputs) == set(model.metadata.outputs), name
        assert {details["dtype"].__name__ for details in inputs.values()} == {"uint8"}, name
        assert {details["dtype"].__name__ for details in outputs.values()} == {"float32"}, name


def test_every_shipped_model_has_a_card():
    cards = [path.stem for path in weight_path("mtcnn_pnet").parent.glob("*.md")]
    for name in weight_names():
        assert any(name.startswith(card) for card in cards), name
