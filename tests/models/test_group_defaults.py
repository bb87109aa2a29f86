import numpy as np
import pytest

from emo_tf import models
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.backbones import BACKBONES
from emo_tf.models.group_branches import alignment_of
from emo_tf.models.group_weights import start_from

pytestmark = pytest.mark.slow


def test_attention_is_as_published_unless_told_otherwise():
    model = models.create("group_attention", packed=True)
    shapes = {name: tensor.shape for name, tensor in model.input.items()}
    assert shapes == {
        "image": (None, 224, 224, 3),
        "faces": (None, 112, 96, 3),
        "face_mask": (None, None),
    }
    assert alignment_of(model) == "sphereface"
    kernels = {
        weight.path: tuple(weight.shape)
        for weight in model.get_layer("head").weights
        if weight.path.endswith("kernel")
    }
    assert kernels == {
        "global_fc_main/kernel": (2208, 256),
        "fc6/kernel": (512, 256),
        "attention/attentionfc1/kernel": (256, 64),
        "attention/attentionfc2/kernel": (64, 1),
        "classifier/kernel": (512, 3),
    }
    rng = np.random.default_rng(0)
    given = {
        "image": rng.uniform(0, 255, (2, 224, 224, 3)).astype(np.float32),
        "faces": rng.uniform(0, 255, (3, 112, 96, 3)).astype(np.float32),
        "face_mask": np.array([[0, 0, 0], [1, 1, 1]], np.float32),
    }
    found = model(given)
    assert np.isfinite(found["logits"]).all()
    np.testing.assert_allclose(np.sum(found["face_weights"], axis=1), [0, 1], rtol=1e-5)


def test_average_joins_2208_features_of_the_picture_and_256_of_up_to_27_faces():
    model = models.create("group_average")
    assert model.input["face_features"].shape == (None, 27, 256)
    assert model.get_layer("head").get_layer("classifier").kernel.shape == (2464, 3)


@pytest.mark.parametrize(
    ("alignment", "size"), [("sphereface", (112, 96)), ("vlgiitr", (96, 112))], ids=lambda v: v
)
def test_local_takes_the_faces_of_its_alignment_and_begins_with_sphereface(alignment, size):
    model = models.create("group_local", alignment=alignment, packed=True)
    assert model.input["faces"].shape == (None, *size, 3)
    height, width = size
    backbone = BACKBONES.get("sphere20a").build(height=height, width=width)
    metadata = ModelMetadata(
        name="sphere20a",
        task="backbone",
        description="made up",
        version="1",
        inputs={},
        outputs={},
        crop={"preset": alignment},
    )
    filled = start_from(model, backbone, other_metadata=metadata, source="sphere20a.keras")
    assert filled == ("face_backbone",)
    found = model.get_layer("face_backbone").get_weights()
    for weight, expected in zip(found, backbone.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
