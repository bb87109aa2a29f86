import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata
from emo_tf.models.keras_file import load_model, save_model
from emo_tf.models.tsm_metadata import states_of, video_metadata
from tests.tsm_models import small_tsm

SAID = {
    "name": "small",
    "version": "3",
    "temperature": 1.5,
    "crop": {"preset": "box", "margin": 0.2},
    "licence": "CC0-1.0",
    "provenance": {"data": "noise"},
}


def test_a_stream_says_what_it_takes_frame_by_frame():
    stream = small_tsm("tsm_stream", "expression_net", shift="stage")
    metadata = video_metadata(stream, **SAID)
    assert metadata.inputs == {"frame": ImageInput(24, 20, "grey")}
    kept = "channels kept from the frame before; zeros before the first frame"
    assert metadata.arrays == {
        "state_1": ArrayInput((12, 10, 2), kept),
        "state_2": ArrayInput((6, 5, 3), kept),
    }
    assert list(metadata.outputs) == ["probabilities", "state_1", "state_2"]
    assert (metadata.task, metadata.score_kind) == ("video", "softmax")
    assert metadata.labels == EXPRESSIONS
    assert {name: getattr(metadata, name) for name in SAID} == SAID
    assert "one frame after the other, 24 x 20 grey pixels" in metadata.description
    assert ModelMetadata.from_json(metadata.to_json(), source="text") == metadata


def test_a_model_of_clips_says_how_many_frames_it_takes():
    metadata = video_metadata(small_tsm("tsm", "resnet18", frames=4), **SAID)
    assert metadata.inputs == {"clip": ImageInput(40, 33, "rgb", frames=4)}
    assert metadata.arrays == {}
    assert list(metadata.outputs) == ["probabilities", "frame_probabilities"]
    assert "a clip of 4 frames, 40 x 33 rgb pixels" in metadata.description


def test_states_are_in_the_order_of_their_numbers():
    stream = small_tsm("tsm_stream", "mobilenet_v2")
    assert states_of(stream) == tuple(f"state_{number}" for number in range(1, 11))
    assert states_of(small_tsm("tsm", "expression_net")) == ()


@pytest.mark.parametrize("form", ["tsm", "tsm_stream"])
def test_a_file_holds_the_model_with_its_metadata(form, tmp_path):
    model = small_tsm(form, "expression_net")
    metadata = video_metadata(model, **SAID)
    save_model(model, tmp_path / "model.keras", metadata=metadata)
    revived, found = load_model(tmp_path / "model.keras")
    assert found == metadata
    assert video_metadata(revived, **SAID) == metadata


@pytest.mark.parametrize(
    "build",
    [
        lambda: models.create("expression_net"),
        lambda: models.create("resnet18", classes=7),
        lambda: small_tsm("tsm", "expression_net", classes=5),
    ],
    ids=["stills", "features", "other classes"],
)
def test_another_model_is_an_error(build):
    with pytest.raises(EmoError, match=r"expected a model from a clip or a frame to 7 logits\. "):
        video_metadata(build(), **SAID)
