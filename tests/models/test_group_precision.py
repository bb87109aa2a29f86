import keras
import numpy as np
import pytest

from emo_tf import models

PICTURE = {"image_backbone": "tiny_resnet", "image_size": (32, 32)}
FACES = {"face_backbone": "tiny_resnet", "alignment": "box", "face_size": (16, 16), "faces": 3}
MASK = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 1]], np.float32)
CASES = {
    "Global": ("group_global", PICTURE),
    "Average": ("group_average", PICTURE | {"faces": 3}),
    "Local": ("group_local", FACES),
    "Local with a margin": ("group_local", FACES | {"margin": 4, "packed": True}),
    "Attention A": ("group_attention", PICTURE | FACES | {"scores": "A"}),
    "Attention B": ("group_attention", PICTURE | FACES | {"scores": "B"}),
    "Attention C": ("group_attention", PICTURE | FACES | {"scores": "C", "packed": True}),
}


@pytest.fixture(params=CASES)
def full(request) -> keras.Model:
    """A model in float32, built before mixed precision sets in."""
    name, arguments = CASES[request.param]
    keras.utils.set_random_seed(0)
    return models.create(name, **arguments)


@pytest.fixture
def halved(full, request, mixed_bfloat16) -> keras.Model:
    """The same in mixed precision."""
    del mixed_bfloat16
    name, arguments = CASES[request.node.callspec.params["full"]]
    model = models.create(name, **arguments)
    model.set_weights(full.get_weights())
    return model


def test_logits_and_weights_of_faces_stay_float32_in_mixed_precision(full, halved):
    rng = np.random.default_rng(0)
    is_packed = {"faces", "face_mask"} <= full.input.keys() and full.input["faces"].ndim == 4
    given = {"face_mask": MASK, "labels": np.arange(3)}
    for name, tensor in full.input.items():
        if name not in given:
            count = int(MASK.sum()) if name == "faces" and is_packed else len(MASK)
            given[name] = rng.uniform(0, 255, (count, *tensor.shape[1:])).astype(np.float32)
    given = {name: given[name] for name in full.input}
    assert {weight.dtype for weight in halved.weights} == {"float32"}
    found = halved(given)
    for name, expected in full(given).items():
        assert found[name].dtype == "float32"
        apart = np.abs(np.asarray(found[name]) - np.asarray(expected)).max()
        assert apart < 0.05 * max(1, np.abs(expected).max())
