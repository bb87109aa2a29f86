import json

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.models.published import (
    backbone_from_torch,
    fitting_architecture,
    training_parts,
)
from emo_tf.models.torch_architectures import TORCH_ARCHITECTURES

Tensors = dict[str, np.ndarray]
IDENTITIES = {"fc6.weight": np.zeros((512, 9), np.float32)}


@pytest.fixture(scope="module")
def sphere(golden_tensors) -> Tensors:
    return golden_tensors("sphere20a")


def test_no_two_families_begin_with_the_same_tensor():
    families = {known.stem: known.children for known in TORCH_ARCHITECTURES.values()}
    assert len(families) == 4
    assert {known.stem for known in TORCH_ARCHITECTURES.values() if known.classifier == "fc"} == {
        "conv1.weight"
    }


@pytest.mark.parametrize(
    ("size", "shape"), [(None, (112, 96)), ((96, 112), (96, 112))], ids=["published", "other crop"]
)
def test_a_network_of_faces_is_filled_for_either_crop_without_its_identities(sphere, size, shape):
    model = backbone_from_torch("sphere20a", sphere | IDENTITIES, source="a.pth", size=size)
    assert model.input_shape == (None, *shape, 3)
    assert list(model.output) == ["embedding"]
    np.testing.assert_array_equal(model.get_layer("fc5").kernel, sphere["fc5.weight"].T)


def test_what_served_to_train_is_named_for_the_architecture_it_belongs_to(sphere):
    identities = IDENTITIES | {"fc6.bias": np.zeros(9)}
    assert training_parts("sphere20a", sphere | identities) == ("fc6.weight", "fc6.bias")
    assert training_parts("sphere20a", sphere) == ()
    assert training_parts("resnet18", IDENTITIES) == ()


def test_identities_are_no_hindrance_to_what_tensors_fit(sphere):
    with pytest.raises(EmoError, match=r"faces\.pth: expected .* They fit sphere20a$"):
        backbone_from_torch("resnet18", sphere | IDENTITIES, source="faces.pth")
    assert fitting_architecture(sphere, among=("resnet18", "resnet34")) is None


def test_tensors_cut_off_at_the_embedding_fit_nothing(sphere):
    cut = {name: tensor for name, tensor in sphere.items() if not name.startswith("fc5")}
    assert fitting_architecture(cut) is None


@pytest.mark.slow
def test_a_densenet_saved_by_number_is_found_and_named(shared):
    shapes = json.loads((shared / "goldens" / "weight_names.json").read_text())["densenet161"]
    parts = {"features": "0", "classifier": "1"}
    split = [(*name.split(".", 1), np.zeros(shape, "f4")) for name, shape in shapes.items()]
    numbered = {f"{parts[module]}.{rest}": tensor for module, rest, tensor in split}
    assert fitting_architecture(numbered) == "densenet161"
    alone = {name: tensor + 1 for name, tensor in numbered.items() if name.startswith("0.")}
    model = backbone_from_torch("densenet161", alone, source="a.pth")
    assert list(model.output) == ["features"]
    assert all((np.asarray(weight) == 1).all() for weight in model.weights)
