import keras
import numpy as np
import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.models.video_weights import start_video

SMALL = {"stem_filters": 8, "stage_filters": (8, 16), "stage_blocks": (1, 1)}
CLIPS = {"frames": 4, "height": 16, "width": 16}


def network(name: str = "tsm", **arguments) -> keras.Model:
    """A small net whose weights all differ."""
    if name == "tsm":
        arguments = {**CLIPS, "backbone_arguments": SMALL, **arguments}
    else:
        arguments = {"height": 16, "width": 16, **SMALL, **arguments}
    model = models.create(name, **arguments)
    rng = np.random.default_rng(len(arguments))
    model.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in model.get_weights()])
    return model


SOURCES = {
    "stills": {"name": "tsm", "frames": 1, "shift": "none"},
    "a shift between stages": {"name": "tsm", "shift": "stage"},
    "the plain backbone": {"name": "expression_net"},
}


@pytest.mark.parametrize("arguments", SOURCES.values(), ids=SOURCES)
def test_a_network_of_clips_takes_all_weights_of(arguments):
    model, other = network(), network(**arguments)
    filled = start_video(model, other, source="other")
    assert len(filled) == sum(bool(layer.weights) for layer in model.layers)
    for weight, expected in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_a_classifier_of_other_classes_is_left_out():
    model, other = network(), network("expression_net", classes=5)
    before = model.get_layer("logits").get_weights()
    filled = start_video(model, other, source="other")
    assert "stem_conv" in filled
    assert "logits" not in filled
    for weight, expected in zip(model.get_layer("logits").get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, expected)


OTHERS = {
    "wider": ({"stem_filters": 16}, "Received: stem_conv of .*expected"),
    "shorter": (
        {"stage_filters": (8,), "stage_blocks": (1,)},
        "Received: expression_net without stage2_block1_",
    ),
    "deeper": ({"stage_blocks": (1, 2)}, "Received: expression_net with stage2_block2_.* besides"),
}


@pytest.mark.parametrize(("arguments", "said"), OTHERS.values(), ids=OTHERS)
def test_other_layers_are_refused_and_nothing_is_filled(arguments, said):
    model = network()
    before = model.get_weights()
    with pytest.raises(EmoError, match=f"there: expected the layers of tsm_expression_net. {said}"):
        start_video(model, network("expression_net", **arguments), source="there")
    for weight, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, expected)
