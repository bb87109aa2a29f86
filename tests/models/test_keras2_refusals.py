"""Models of Keras 2 that are refused: what cannot be read, and weights that do not fit."""

import copy

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.models.keras2_graph import keras2_graph
from emo_tf.models.keras2_weights import keras2_model
from tests.keras2_files import (
    branching,
    convolution,
    layer,
    node,
    small_face_net,
    small_face_weights,
)


def changed(change) -> dict:
    net = copy.deepcopy(small_face_net())
    change(net["config"]["layers"])
    return net


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(
            lambda layers: layers.insert(1, layer("Lambda", "code", function="e30=")),
            "layer code: .* Lambda, which is code",
            id="lambda",
        ),
        pytest.param(
            lambda layers: layers.insert(1, layer("MaxPool2D", "pool")),
            "layer pool: Unknown class .* MaxPooling2D",
            id="unknown class",
        ),
        pytest.param(
            lambda layers: layers[1]["config"].update(data_format="channels_first"),
            "layer conv2d_8: data_format: expected channels_last",
            id="channels first",
        ),
        pytest.param(
            lambda layers: layers[1]["config"].update(activation="hard_sigmoid"),
            "layer conv2d_8: Unknown activation",
            id="another function",
        ),
        pytest.param(
            lambda layers: layers[1]["config"].update(spectral=2),
            "layer conv2d_8: expected the settings of Conv2D. Received: spectral=2",
            id="unknown setting",
        ),
        pytest.param(
            lambda layers: layers[1]["config"].update(filters="many"),
            "layer conv2d_8: expected settings that Conv2D takes",
            id="text for a number",
        ),
        pytest.param(
            lambda layers: layers[0]["config"].pop("batch_input_shape"),
            "layer zero_padding2d_8: expected batch_input_shape",
            id="no input",
        ),
        pytest.param(
            lambda layers: layers[0]["config"].update(batch_input_shape=[None, -1, 8, 3]),
            "batch_input_shape: expected lengths",
            id="negative input",
        ),
        pytest.param(
            lambda layers: layers.insert(1, convolution("wide", 4, kernel_size=[99, 99])),
            "layer wide: expected an input that it takes",
            id="too wide",
        ),
        pytest.param(lambda layers: layers.clear(), "expected layers", id="no layers"),
        pytest.param(
            lambda layers: layers[1].pop("config"), "cannot be read .KeyError", id="no settings"
        ),
        pytest.param(
            lambda layers: layers.append(layers[-1]), "expected layers that make a", id="twice"
        ),
    ],
)
def test_architectures_that_cannot_be_read_are_refused(change, told):
    with pytest.raises(EmoError, match=told):
        keras2_graph(changed(change))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(
            lambda config: config["layers"][2].update(inbound_nodes=node("nowhere")),
            "layer add: expected inputs that layers of the model return.*nowhere",
            id="from nowhere",
        ),
        pytest.param(
            lambda config: config.update(output_layers=[["nowhere", 0, 0]]),
            "model model_1: expected a layer of the model",
            id="to nowhere",
        ),
        pytest.param(
            lambda config: config["layers"][3]["inbound_nodes"][0][0].__setitem__(3, {"mask": 1}),
            "layer leaky: expected a call without arguments",
            id="arguments",
        ),
    ],
)
def test_graphs_that_do_not_hold_together_are_refused(change, told):
    net = branching()
    change(net["config"])
    with pytest.raises(EmoError, match=told):
        keras2_graph(net)


def without(weights: dict, name: str) -> dict:
    return {layer: arrays for layer, arrays in weights.items() if layer != name}


KERNEL = "conv2d_8/kernel:0"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(
            lambda w: without(w, "dense_4"), "1 layers missing, dense_4", id="missing layer"
        ),
        pytest.param(
            lambda w: {**w, "dense_9": w["dense_4"]}, "1 layers unexpected, dense_9", id="one more"
        ),
        pytest.param(
            lambda w: {**w, "dense_4": {"dense_4/bias:0": np.ones(5)}},
            "layer dense_4: expected 2 weights. Received: 1",
            id="missing weight",
        ),
        pytest.param(
            lambda w: {**w, "conv2d_8": w["conv2d_8"] | {KERNEL: np.ones((3, 3, 3, 5))}},
            r"layer conv2d_8: conv2d_8/kernel: expected .*\(3, 3, 3, 4\).*\(3, 3, 3, 5\)",
            id="shape",
        ),
        pytest.param(
            lambda w: {**w, "conv2d_8": w["conv2d_8"] | {KERNEL: np.full((3, 3, 3, 4), np.nan)}},
            "conv2d_8/kernel: expected finite numbers",
            id="no numbers",
        ),
    ],
)
def test_weights_that_do_not_fit_are_refused(change, told):
    with pytest.raises(EmoError, match=rf"model\.h5: .*{told}"):
        keras2_model(small_face_net(), change(small_face_weights()), source="model.h5")
