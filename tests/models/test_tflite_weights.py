import numpy as np
import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.models.tflite_weights import fill_from_tflite
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.softmax import softmax
from emo_tf.weights import weight_path

FLOAT16 = weight_path("expression_float16")


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (12, 48, 48, 1), np.uint8)


def probabilities(logits, temperature: float) -> np.ndarray:
    return softmax(logits.numpy() / temperature)


def test_the_shipped_file_fills_the_expression_net_to_its_own_probabilities(faces):
    file = LiteRTModel(FLOAT16)
    net = models.create("expression_net")
    filled = fill_from_tflite(net, FLOAT16)
    assert filled[0] == "stem_conv"
    assert len(filled) == 25
    found = probabilities(net(faces), file.metadata.temperature)
    np.testing.assert_allclose(found, file(image=faces)["probabilities"], atol=1e-5)


def test_the_shipped_file_fills_a_network_of_clips_whatever_is_shifted(faces):
    file = LiteRTModel(FLOAT16)
    still = models.create("tsm", frames=1, shift="none")
    fill_from_tflite(still, FLOAT16)
    logits = still({"clip": faces[:, np.newaxis]})["logits"]
    found = probabilities(logits, file.metadata.temperature)
    np.testing.assert_allclose(found, file(image=faces)["probabilities"], atol=1e-5)
    shifted = models.create("tsm", frames=4)
    fill_from_tflite(shifted, FLOAT16)
    for weight, expected in zip(shifted.get_weights(), still.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)


CASES = {
    "whole numbers": (
        "expression_int8",
        {},
        r"expression_int8\.tflite: .*expected weights in float32 or float16",
    ),
    "another size": (
        "expression_float16",
        {"stem_filters": 16},
        r"expected a kernel of \(3, 3, 1, 16\) for stem_conv\. Received: \(3, 3, 1, 32\)",
    ),
    "a layer too many": (
        "expression_float16",
        {"stage_blocks": (1, 2, 3)},
        "expected weights of the layer stage3_block3_first_conv. Received: none",
    ),
}


@pytest.mark.parametrize(("weights", "arguments", "said"), CASES.values(), ids=CASES)
def test_a_file_that_does_not_fit_leaves_the_model_as_it_was(weights, arguments, said):
    net = models.create("expression_net", **arguments)
    before = net.get_weights()
    with pytest.raises(EmoError, match=said):
        fill_from_tflite(net, weight_path(weights))
    for weight, expected in zip(net.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_what_is_no_such_file_is_an_error_that_names_it(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"nothing")
    with pytest.raises(EmoError, match=r"model\.tflite: expected a model"):
        fill_from_tflite(models.create("expression_net"), path)
