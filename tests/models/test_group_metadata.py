import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.model_metadata import ImageInput
from emo_tf.models.group_metadata import group_metadata
from emo_tf.models.keras_file import load_model, save_model

PICTURE = {"image_backbone": "tiny_resnet", "image_size": (32, 40)}
FACES = {"face_backbone": "tiny_resnet", "alignment": "box", "face_size": (16, 18), "faces": 4}


def test_a_model_of_picture_and_faces_says_what_it_takes_and_returns():
    model = models.create("group_attention", **PICTURE, **FACES)
    metadata = group_metadata(
        model,
        name="Attention_C",
        version="3",
        temperature=1.5,
        licence="CC0-1.0",
        provenance={"data": "made up"},
    )
    assert (metadata.name, metadata.task, metadata.version) == ("Attention_C", "group", "3")
    assert metadata.inputs == {"image": ImageInput(32, 40), "faces": ImageInput(16, 18, faces=4)}
    assert {name: tensor.shape[1:] for name, tensor in model.input.items()} == {
        name: given.shape for name, given in (metadata.inputs | metadata.arrays).items()
    }
    assert metadata.outputs.keys() == {"probabilities", "face_weights"}
    assert metadata.labels == GROUP_EMOTIONS
    assert (metadata.score_kind, metadata.temperature) == ("softmax", 1.5)
    assert metadata.crop == {"preset": "box"}
    assert metadata.detection == {"min_face": 20}
    assert metadata.description.endswith("from the picture and up to 4 faces.")
    assert (metadata.licence, metadata.provenance) == ("CC0-1.0", {"data": "made up"})


def test_a_model_of_the_picture_alone_asks_for_no_faces():
    metadata = group_metadata(models.create("group_global", **PICTURE), name="Global_Simple")
    assert metadata.inputs == {"image": ImageInput(32, 40)}
    assert metadata.outputs.keys() == {"probabilities"}
    assert (metadata.arrays, metadata.crop, metadata.detection) == ({}, {}, {})
    assert metadata.description.endswith("from the picture.")


def test_a_model_of_the_detectors_features_asks_for_faces_and_for_no_crops():
    model = models.create("group_average", **PICTURE, faces=5)
    metadata = group_metadata(model, name="Average")
    assert metadata.inputs == {"image": ImageInput(32, 40)}
    shapes = {name: array.shape for name, array in metadata.arrays.items()}
    assert shapes == {"face_mask": (5,), "face_features": (5, 256)}
    assert (metadata.crop, metadata.detection) == ({}, {"min_face": 20})


def test_what_a_model_says_stays_the_same_through_a_file(tmp_path):
    arguments = FACES | {"alignment": "vlgiitr", "face_size": None}
    model = models.create("group_local", **arguments)
    metadata = group_metadata(model, name="Local")
    assert metadata.inputs == {"faces": ImageInput(96, 112, faces=4)}
    assert metadata.crop == {"preset": "vlgiitr"}
    save_model(model, tmp_path / "model.keras", metadata=metadata)
    revived, read = load_model(tmp_path / "model.keras")
    assert read == metadata == group_metadata(revived, name="Local")


@pytest.mark.parametrize("name", ["group_local", "group_attention"])
def test_the_form_that_is_trained_is_none_to_hand_on(name):
    arguments = FACES | (PICTURE if name == "group_attention" else {})
    model = models.create(name, **arguments, packed=True)
    with pytest.raises(EmoError, match=rf"^{name}: expected a model of pictures .* packed faces"):
        group_metadata(model, name="Local")
