"""Several networks for faces and one verdict on their group."""

import keras
import numpy as np
import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.models.backbones import BACKBONES
from emo_tf.models.group_branches import alignment_of
from emo_tf.models.group_metadata import group_metadata
from emo_tf.models.keras_file import load_model, save_model
from emo_tf.softmax import softmax

MEMBERS = ("tiny_resnet", "garg_plain")
SIZE = (32, 24)
ARGUMENTS = {"members": MEMBERS, "face_size": SIZE, "faces": 4}


@pytest.fixture(scope="module")
def ensemble():
    keras.utils.set_random_seed(3)
    return models.create("face_ensemble", **ARGUMENTS)


@pytest.fixture(scope="module")
def pictures():
    """Pictures with two faces, four and none; where there is none, noise."""
    faces = np.random.default_rng(0).uniform(0, 255, (3, 4, *SIZE, 3)).astype(np.float32)
    mask = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]], np.float32)
    return {"faces": faces, "face_mask": mask}


def test_members_count_alike_and_so_do_faces(ensemble, pictures):
    found = ensemble.predict(pictures, verbose=0)
    for row, count in enumerate([2, 4]):
        faces = pictures["faces"][row, :count]
        verdicts = [
            softmax(ensemble.get_layer(name).predict({"faces": faces}, verbose=0)["logits"])
            for name in MEMBERS
        ]
        expected = np.mean(verdicts, axis=(0, 1))
        np.testing.assert_allclose(softmax(found["logits"][row]), expected, atol=1e-5)
    np.testing.assert_array_equal(found["logits"][2], np.zeros(3))
    np.testing.assert_allclose(found["face_weights"].sum(axis=1), [1, 1, 0])


def test_the_packed_form_says_the_same_of_single_faces(ensemble, pictures):
    packed = models.create("face_ensemble", **ARGUMENTS, packed=True)
    packed.set_weights(ensemble.get_weights())
    faces = pictures["faces"][:, 0]
    alone = {"faces": pictures["faces"], "face_mask": np.eye(1, 4).repeat(3, axis=0)}
    expected = ensemble.predict(alone, verbose=0)["logits"]
    found = packed.predict({"faces": faces}, verbose=0)["logits"]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_what_pads_the_faces_changes_nothing(ensemble, pictures):
    blank = {**pictures, "faces": pictures["faces"] * pictures["face_mask"][..., None, None, None]}
    first, second = (ensemble.predict(x, verbose=0) for x in (pictures, blank))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


def test_a_member_takes_the_weights_of_a_local_model(ensemble):
    local = models.create(
        "group_local", face_backbone="tiny_resnet", alignment="box", face_size=SIZE, faces=7
    )
    twin = models.create("face_ensemble", **ARGUMENTS)
    twin.get_layer("tiny_resnet").set_weights(local.get_weights())
    face = np.random.default_rng(1).uniform(0, 255, (1, 7, *SIZE, 3)).astype(np.float32)
    mask = np.eye(1, 7, dtype=np.float32)
    expected = local.predict({"faces": face, "face_mask": mask}, verbose=0)["logits"]
    found = twin.get_layer("tiny_resnet").predict({"faces": face[0, :1]}, verbose=0)["logits"]
    np.testing.assert_allclose(softmax(found), softmax(expected), atol=1e-5)


def test_a_file_of_it_says_what_it_takes_and_gives_the_same(ensemble, pictures, tmp_path):
    metadata = group_metadata(ensemble, name="several")
    assert metadata.crop == {"preset": alignment_of(ensemble)} == {"preset": "box"}
    save_model(ensemble, tmp_path / "several.keras", metadata=metadata)
    revived, read = load_model(tmp_path / "several.keras")
    assert read == metadata
    expected = ensemble.predict(pictures, verbose=0)
    found = revived.predict(pictures, verbose=0)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param({"members": ()}, "members: expected names", id="none"),
        pytest.param({"members": ("tiny_resnet",) * 2}, "members: expected names", id="twice"),
        pytest.param({"members": ("tiny_resnt",)}, "did you mean tiny_resnet", id="unknown"),
        pytest.param({"face_size": None}, "face_size: expected height and width", id="no size"),
        pytest.param({"faces": 0}, "faces: expected 1 or more", id="no face"),
    ],
)
def test_ensembles_that_cannot_be_are_refused(arguments, told):
    with pytest.raises(EmoError, match=told):
        models.create("face_ensemble", **ARGUMENTS | arguments)


CONVOLUTIONS = 32 * (27 + 1) + 32 * (288 + 1) + 64 * (288 + 1) + 64 * (576 + 1)
CONVOLUTIONS += 128 * (576 + 1) + 2 * 128 * (1152 + 1)
"""Numbers in those of the plain network."""


@pytest.mark.parametrize(
    ("name", "numbers", "features"),
    [
        pytest.param(
            "garg_plain",
            CONVOLUTIONS + 1024 * (8192 + 1) + 512 * (1024 + 1),
            512,
            id="plain",
        ),
        pytest.param(
            "garg_wide",
            CONVOLUTIONS + 2048 * (8192 + 1) + 1024 * (2048 + 1) + 512 * (1024 + 1),
            512,
            id="wide",
        ),
        pytest.param("garg_vgg16", 14_714_688 + 256 * (512 + 1), 256, id="vgg16"),
        pytest.param("garg_vggface", 14_714_688 + 512 * (2048 + 1) + 512 * 513, 512, id="vggface"),
    ],
)
def test_the_published_networks_have_the_published_sizes(name, numbers, features):
    backbone = BACKBONES.get(name)
    assert not backbone.takes_pixels
    model = backbone.build(height=64, width=64, weights=None)
    assert model.output_shape == (None, features)
    assert model.count_params() == numbers


@pytest.mark.parametrize(
    ("name", "size", "weights", "told"),
    [
        pytest.param("garg_plain", (7, 64), None, "sides of 8 pixels or more", id="plain"),
        pytest.param("garg_vgg16", (64, 31), None, "sides of 32 pixels or more", id="vgg"),
        pytest.param("garg_plain", (64, 64), "imagenet", "trained from nothing", id="no weights"),
        pytest.param("garg_vggface", (64, 64), "vggface", "None or 'imagenet'", id="unknown"),
    ],
)
def test_face_nets_that_cannot_be_are_refused(name, size, weights, told):
    height, width = size
    with pytest.raises(EmoError, match=told):
        BACKBONES.get(name).build(height=height, width=width, weights=weights)
