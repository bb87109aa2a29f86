import keras
import numpy as np
import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.layers.temporal_shift import TemporalShift
from emo_tf.models.golden import relative_error
from emo_tf.models.torch_weights import assign
from tests.tsm_models import SMALL, moving_clips, small_tsm

FORMS = {
    "stage_shift": {"shift": "stage"},
    "residual_shift_div8": {"two_way": True},
    "residual_shift_div8_online": {},
}
SHIFTED = {
    ("expression_net", "residual"): (5, "stage1_block1_shift"),
    ("expression_net", "stage"): (2, "stage2_shift"),
    ("mobilenet_v2", "residual"): (10, "features.3.shift"),
    ("mobilenet_v2", "stage"): (3, "stage2.shift"),
    ("resnet18", "residual"): (8, "layer1.0.shift"),
    ("resnet18", "stage"): (3, "layer2.shift"),
    ("resnet50", "residual"): (16, "layer1.0.shift"),
    ("resnet50", "stage"): (3, "layer2.shift"),
}
"""By backbone and shift how often channels move, and where first."""

LARGE = ("mobilenet_v2", "resnet50")

each = pytest.mark.parametrize(
    "backbone",
    [pytest.param(name, marks=pytest.mark.slow if name in LARGE else ()) for name in SMALL],
)


def predict(model: keras.Model, clips: np.ndarray) -> dict[str, np.ndarray]:
    return model.predict({"clip": clips}, verbose=0)


def plain_backbone(name: str) -> keras.Model:
    """Returns the network without time, for any size, with seven classes."""
    arguments = SMALL[name].get("backbone_arguments", {})
    return models.create(name, height=None, width=None, classes=7, **arguments)


@pytest.mark.slow
@pytest.mark.parametrize("form", list(FORMS))
def test_logits_are_those_of_pytorch_in_all_three_forms(form, shared, golden_tensors):
    with np.load(shared / "goldens" / "tsm_resnet18.npz") as golden:
        shape = tuple(golden["input_shape"])  # (B, T, 3, H, W)
        drawn = np.random.RandomState(int(golden["input_seed"])).standard_normal(shape)
        expected = golden[form]
    model = models.create(
        "tsm", backbone="resnet18", frames=shape[1], height=224, width=224, **FORMS[form]
    )
    assign(model, golden_tensors("tsm_resnet18_7"), source="golden")
    # The golden was given what the network itself makes of pixels, a 255th.
    clips = 255 * np.moveaxis(drawn.astype(np.float32), 2, -1)
    assert relative_error(predict(model, clips)["frame_logits"], expected) <= 1e-4


@pytest.mark.parametrize(
    ("backbone", "shift"), list(SHIFTED), ids=[" ".join(key) for key in SHIFTED]
)
def test_channels_move_in_every_branch_or_between_the_stages(backbone, shift):
    model = small_tsm("tsm", backbone, shift=shift)
    shifts = [layer for layer in model.layers if isinstance(layer, TemporalShift)]
    count, first = SHIFTED[backbone, shift]
    assert (len(shifts), shifts[0].name) == (count, first)
    share = {"residual": 1 / 8, "stage": 1 / 4}[shift]
    assert {(layer.fraction, layer.first_keeps, layer.two_way) for layer in shifts} == {
        (share, shift == "stage", False)
    }


@each
def test_the_shortcut_beside_a_shifted_branch_keeps_its_frames(backbone):
    model = small_tsm("tsm", backbone, frames=2)
    name = SHIFTED[backbone, "residual"][1]
    shift = model.get_layer(name)
    before = shift.input._keras_history.operation.name
    consumers = {
        layer.name
        for layer in model.layers
        for node in layer._inbound_nodes
        if any(parent.operation.name == before for parent in node.parent_nodes)
    }
    assert name in consumers
    assert len(consumers) == 2  # the shift, and the sum or the shortcut's own first layer


@each
def test_a_shift_changes_no_weight_and_no_name(backbone):
    plain = plain_backbone(backbone)
    for form, shift in (("tsm", "none"), ("tsm", "residual"), ("tsm_stream", "stage")):
        model = small_tsm(form, backbone, shift=shift)
        assert [weight.path for weight in model.weights] == [
            weight.path for weight in plain.weights
        ]
        plain.set_weights(model.get_weights())


@each
def test_without_a_shift_each_frame_is_a_still_of_the_plain_backbone(backbone):
    model = small_tsm("tsm", backbone, shift="none", frames=3)
    plain = plain_backbone(backbone)
    plain.set_weights(model.get_weights())
    clips = moving_clips(model, frames=3)
    stills = clips.reshape(-1, *clips.shape[2:]).astype(np.float32)
    outputs = plain.predict(stills if backbone == "expression_net" else stills / 255, verbose=0)
    expected = outputs if backbone == "expression_net" else outputs["logits"]
    found = predict(model, clips)["frame_logits"].reshape(-1, 7)
    assert relative_error(found, expected) <= 1e-5


def test_the_network_of_stills_shares_its_weights_with_that_of_clips():
    still = small_tsm("tsm", "expression_net", shift="none", frames=1)
    clip = small_tsm("tsm", "expression_net", shift="stage", frames=4)
    clip.set_weights(still.get_weights())
    frames = moving_clips(still, frames=1)
    # Where nothing moves, what a frame gets from the one before is its own.
    standing = predict(clip, np.repeat(frames, 4, axis=1))["frame_logits"]
    expected = np.repeat(predict(still, frames)["frame_logits"], 4, axis=1)
    np.testing.assert_allclose(standing, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("decision_frames", "first"), [(None, 0), (2, 2), (1, 3)])
def test_the_clip_is_decided_by_the_mean_logits_of_the_last_frames(decision_frames, first):
    model = small_tsm("tsm", "expression_net", frames=4, decision_frames=decision_frames)
    outputs = predict(model, moving_clips(model, frames=4))
    assert outputs["frame_logits"].shape == (2, 4, 7)
    expected = outputs["frame_logits"][:, first:].mean(axis=1)
    np.testing.assert_allclose(outputs["logits"], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "back", "ahead"),
    [({}, 5, 0), ({"shift": "stage"}, 2, 0), ({"two_way": True}, 5, 5)],
    ids=["residual", "stage", "two ways"],
)
def test_a_frame_depends_on_as_many_frames_as_there_are_shifts(settings, back, ahead):
    model = small_tsm("tsm", "expression_net", frames=12, **settings)
    clips = moving_clips(model, frames=12)
    before = predict(model, clips)["frame_logits"]
    changed = clips.copy()
    changed[:, 6] = 255 - changed[:, 6]
    apart = np.abs(predict(model, changed)["frame_logits"] - before).max(axis=(0, 2))
    assert np.flatnonzero(apart > 0).tolist() == list(range(6 - ahead, 6 + back + 1))


def test_bytes_and_floats_of_the_same_pixels_have_the_same_logits():
    model = small_tsm("tsm", "resnet18", frames=2)
    clips = moving_clips(model, frames=2)
    floats = predict(model, clips.astype(np.float32))["logits"]
    np.testing.assert_array_equal(predict(model, clips)["logits"], floats)


def test_pixels_can_be_normalised_as_imagenets():
    unit = small_tsm("tsm", "mobilenet_v2", frames=2)
    imagenet = small_tsm("tsm", "mobilenet_v2", frames=2, normalisation="imagenet")
    imagenet.set_weights(unit.get_weights())
    clips = moving_clips(unit, frames=2).astype(np.float32)
    # What gives the other network, which takes 0 to 1, the same numbers.
    shares = (clips / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    expected = predict(unit, 255 * shares)["logits"]
    assert relative_error(predict(imagenet, clips)["logits"], expected) <= 1e-4


def test_a_saved_network_comes_back_as_it_was(tmp_path):
    settings = {"frames": 3, "shift": "stage", "two_way": True, "fraction": 0.2, "classes": 4}
    model = small_tsm("tsm", "resnet18", decision_frames=1, dropout=0.4, **settings)
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    assert revived.name == "tsm_resnet18"
    assert [layer.get_config() for layer in revived.layers] == [
        layer.get_config() for layer in model.layers
    ]
    assert revived.get_layer("dropout").rate == 0.4
    clips = moving_clips(model, frames=3)
    expected = predict(model, clips)
    for name, found in predict(revived, clips).items():
        np.testing.assert_array_equal(found, expected[name])


def test_logits_stay_float32_in_mixed_precision(mixed_bfloat16):
    model = small_tsm("tsm", "resnet18", frames=2)
    assert model.get_layer("layer4.1.conv2").compute_dtype == "bfloat16"
    assert {output.dtype for output in model.output.values()} == {"float32"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"backbone": "resnet81"}, r"^Unknown backbone: did you mean .*resnet18"),
        ({"shift": "stages"}, r"^Unknown shift: did you mean .*stage"),
        ({"frames": 0}, r"^frames: expected 1 or more\. Received: 0$"),
        ({"decision_frames": 9}, r"^decision_frames: expected 1 to 8, .* Received: 9$"),
        ({"shift": "none", "two_way": True}, r"^shift: expected residual or stage where two_way"),
        ({"normalisation": "unit"}, r"^normalisation: expected None, since expression_net has"),
        (
            {"backbone": "resnet18", "normalisation": "units"},
            r"^Unknown normalisation: did you mean .*unit",
        ),
        (
            {"backbone_arguments": {"stem_filter": 8}},
            r"^Unknown argument of expression_net: did you mean .*stem_filters",
        ),
        ({"fraction": 0.01}, r"^fraction: expected 1 to 32 of 32 channels\. Received: 0\.01"),
    ],
    ids=lambda value: "_".join(value) if isinstance(value, dict) else "",
)
def test_a_setting_that_cannot_be_is_an_error(settings, message):
    with pytest.raises(EmoError, match=message):
        models.create("tsm", **settings)
