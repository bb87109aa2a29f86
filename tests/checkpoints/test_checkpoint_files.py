"""Files that torch wrote: every value is that of `expected.numbers`."""

import numpy as np
import pytest

from emo_tf.checkpoints.checkpoint import read_checkpoint
from emo_tf.errors import EmoError
from tests.checkpoints.expected import TYPES, numbers

RESNET = {
    "conv1.weight": (2, 3, 3, 3),
    "bn1.weight": (2,),
    "bn1.bias": (2,),
    "bn1.running_mean": (2,),
    "bn1.running_var": (2,),
    **{
        f"layer1.{block}.{name}": shape
        for block in range(2)
        for name, shape in {
            "conv1.weight": (2, 2, 3, 3),
            "bn1.weight": (2,),
            "bn1.bias": (2,),
            "bn1.running_mean": (2,),
            "bn1.running_var": (2,),
        }.items()
    },
    "fc.weight": (3, 2),
    "fc.bias": (3,),
}
EMOTIC = {
    "fc1.weight": (3, 4),
    "fc1.bias": (3,),
    "bn1.weight": (3,),
    "bn1.bias": (3,),
    "bn1.running_mean": (3,),
    "bn1.running_var": (3,),
    "fc_cat.weight": (2, 3),
    "fc_cat.bias": (2,),
    "fc_cont.weight": (3, 3),
    "fc_cont.bias": (3,),
}
SEQUENTIAL_NAMES = {"conv1": "0", "bn1": "1", "layer1": "4"}
SEQUENTIAL = {
    ".".join([SEQUENTIAL_NAMES[name.split(".")[0]], *name.split(".")[1:]]): shape
    for name, shape in RESNET.items()
    if not name.startswith("fc.")
}
LAYERS = "torch.nn.modules"
RESNET_CLASSES = (
    "torchvision.models.resnet.ResNet",
    f"{LAYERS}.conv.Conv2d",
    f"{LAYERS}.batchnorm.BatchNorm2d",
    f"{LAYERS}.activation.ReLU",
    f"{LAYERS}.pooling.MaxPool2d",
    f"{LAYERS}.container.Sequential",
    "torchvision.models.resnet.BasicBlock",
    f"{LAYERS}.linear.Linear",
)
FORMATS = ["zip", "legacy"]


def check_tensors(found: dict[str, np.ndarray], shapes: dict[str, tuple[int, ...]]) -> None:
    """Asserts the names in their order, and the numbers of each."""
    assert list(found) == list(shapes)
    for name, shape in shapes.items():
        np.testing.assert_array_equal(found[name], numbers(name, shape), name, strict=True)


@pytest.mark.parametrize(
    "file",
    [
        "types_zip.pth",
        "types_zip_protocol_5.pth",
        "types_legacy.pth",
        "types_legacy_protocol_4.pth",
    ],
)
def test_every_type_and_view_comes_out_exactly(files, file):
    checkpoint = read_checkpoint(files / file)
    found = checkpoint.tensors
    for name, read_as in TYPES.items():
        np.testing.assert_array_equal(found[name], numbers(name, (2, 3), read_as), strict=True)
    base = numbers("base", (4, 6))
    expected = {
        "base": base,
        "row": base[1],
        "column": base[:, 2],
        "transposed": base.T,
        "stepped": base[1:4:2, ::3],
        "expanded": np.full((3, 2), base[2, 0]),
        "nested.parameter": numbers("nested.parameter", (2, 2)),
        "scalar": np.float32(2.5),
        "scalar_half": np.float32(2.5),
        "empty": np.empty((0, 3), np.float32),
    }
    assert list(found) == [*TYPES, *expected]
    for name, values in expected.items():
        assert found[name].shape == values.shape
        np.testing.assert_array_equal(found[name], values)
    for array in found.values():
        assert isinstance(array, np.ndarray)
        assert array.flags.c_contiguous
        assert array.flags.aligned
        assert array.dtype.isnative
    assert checkpoint.modules == ()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_training_checkpoint_gives_weights_and_plain_values(files, kind):
    path = files / f"training_{kind}.pth.tar"
    checkpoint = read_checkpoint(path)
    assert (checkpoint.path, checkpoint.format) == (path, f"torch {kind}")
    check_tensors(checkpoint.tensors, RESNET)
    # The best precision is a tensor in the one file and a number of numpy in the other.
    expected = {"epoch": 90, "arch": "resnet18", "best_prec1": 54.25, "nesterov": False}
    assert checkpoint.values == expected | {"note": None}
    assert type(checkpoint.values["best_prec1"]) is float
    assert checkpoint.modules == ()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("name", "shapes", "classes"),
    [
        pytest.param("resnet", RESNET, RESNET_CLASSES, id="torchvision"),
        pytest.param(
            "parallel",
            RESNET,
            ("torch.nn.parallel.data_parallel.DataParallel", *RESNET_CLASSES),
            id="data parallel",
        ),
        pytest.param(
            "emotic",
            EMOTIC,
            (
                "emotic.Emotic18",
                f"{LAYERS}.linear.Linear",
                f"{LAYERS}.batchnorm.BatchNorm1d",
                f"{LAYERS}.dropout.Dropout",
            ),
            id="a class of a user",
        ),
    ],
)
def test_a_whole_module_gives_the_names_of_its_state_dict(files, kind, name, shapes, classes):
    checkpoint = read_checkpoint(files / f"{name}_{kind}.pth")
    check_tensors(checkpoint.tensors, shapes)
    assert checkpoint.modules == classes
    assert checkpoint.values == {}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_sequence_of_children_has_numbers_for_names(files, kind):
    checkpoint = read_checkpoint(files / f"sequential_{kind}.pth")
    assert {"0.weight", "4.0.conv1.weight"} <= set(checkpoint.tensors)
    check_tensors(checkpoint.tensors, SEQUENTIAL)
    assert checkpoint.modules[0] == f"{LAYERS}.container.Sequential"


def test_an_old_densenet_gets_the_names_of_today(files):
    layer = "features.denseblock1.denselayer1"
    shapes = {
        "features.conv0.weight": (2, 3, 1, 1),
        "features.norm0.weight": (2,),
        f"{layer}.norm1.weight": (2,),
        f"{layer}.norm1.running_var": (2,),
        f"{layer}.conv1.weight": (2, 2, 1, 1),
        f"{layer}.norm2.bias": (2,),
        f"{layer}.conv2.weight": (1, 2, 3, 3),
        "features.transition1.norm.weight": (3,),
        "classifier.weight": (2, 3),
    }
    check_tensors(read_checkpoint(files / "densenet_zip.pth").tensors, shapes)


def test_the_suffix_does_not_matter(files, tmp_path):
    for name, kind in {
        "emotic_zip.pth": "torch zip",
        "emotic_legacy.pth": "torch legacy",
        "types.safetensors": "safetensors",
    }.items():
        path = tmp_path / f"{kind}.bin"
        path.write_bytes((files / name).read_bytes())
        assert read_checkpoint(path).format == kind


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(EmoError, match=r"nothing\.pth: expected a file\. .*No such file"):
        read_checkpoint(tmp_path / "nothing.pth")
    with pytest.raises(EmoError, match=r"expected a file\. .*directory"):
        read_checkpoint(tmp_path)


def test_arrays_outlive_the_file(files, tmp_path):
    path = tmp_path / "model.pth"
    path.write_bytes((files / "resnet_zip.pth").read_bytes())
    tensors = read_checkpoint(path).tensors
    path.unlink()
    check_tensors(tensors, RESNET)
