"""Makes the files of `tests/checkpoints/files` with torch itself.

The files are in the repository; this script is kept to tell how they came about, and nothing else
needs torch. From the root of the repository, with torch 2.13 and safetensors installed:

    python -m tests.checkpoints.make_files

All numbers follow `expected.numbers` from the name that a tensor has after reading, but in
`types_*.pth`, whose `base` is shared by the tensors that are views of it.
"""

import re
import sys
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from tests.checkpoints.expected import numbers

FILES = Path(__file__).parent / "files"
TYPES = {
    "float64": torch.float64,
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "int64": torch.int64,
    "int32": torch.int32,
    "int16": torch.int16,
    "int8": torch.int8,
    "uint8": torch.uint8,
    "uint16": torch.uint16,
    "bool": torch.bool,
    "complex64": torch.complex64,
}


class BasicBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.downsample = None


class ResNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self._norm_layer = nn.BatchNorm2d
        self.conv1 = nn.Conv2d(3, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(2)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.layer1 = nn.Sequential(BasicBlock(2), BasicBlock(2))
        self.fc = nn.Linear(2, 3)


class Emotic18(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.activation = nn.functional.relu
        self.fc1 = nn.Linear(4, 3)
        self.bn1 = nn.BatchNorm1d(3)
        self.d1 = nn.Dropout(p=0.5)
        self.fc_cat = nn.Linear(3, 2)
        self.fc_cont = nn.Linear(3, 3)
        self.register_buffer("scratch", torch.ones(2), persistent=False)


def give_home(class_: type, module: str) -> None:
    """Makes a class one of a module that exists here only by name."""
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        name = ".".join(parts[:end])
        home = sys.modules.setdefault(name, types.ModuleType(name))
    setattr(home, class_.__name__, class_)
    class_.__module__ = module


def filled(module: nn.Module) -> nn.Module:
    """Gives the tensors of a module their numbers."""
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            plain = name.removeprefix("module.")
            tensor.copy_(torch.from_numpy(numbers(plain, tuple(tensor.shape))))
    return module


def all_types() -> dict[str, torch.Tensor]:
    state = {
        name: torch.from_numpy(numbers(name, (2, 3), "float32" if "float" in name else name)).to(of)
        for name, of in TYPES.items()
    }
    base = torch.from_numpy(numbers("base", (4, 6)))
    return state | {
        "base": base,
        "row": base[1],
        "column": base[:, 2],
        "transposed": base.t(),
        "stepped": base[1:4:2, ::3],
        "expanded": base[2, :1].expand(3, 2),
        "nested.parameter": nn.Parameter(torch.from_numpy(numbers("nested.parameter", (2, 2)))),
        "scalar": torch.tensor(2.5),
        "scalar_half": torch.tensor(2.5, dtype=torch.bfloat16),
        "empty": torch.empty(0, 3),
    }


def training_checkpoint(best: object) -> dict[str, object]:
    """What the ImageNet example of torch saves, from which that of Places365 comes."""
    model = nn.DataParallel(filled(ResNet()))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    sum(parameter.sum() for parameter in model.parameters()).backward()
    optimizer.step()
    filled(model)
    return {
        "epoch": 90,
        "arch": "resnet18",
        "state_dict": model.state_dict(),
        "best_prec1": best,
        "nesterov": False,
        "note": None,
        "optimizer": optimizer.state_dict(),
    }


def old_densenet() -> dict[str, torch.Tensor]:
    layer = "features.denseblock1.denselayer1"
    shapes = {
        "features.conv0.weight": (2, 3, 1, 1),
        "features.norm0.weight": (2,),
        f"{layer}.norm.1.weight": (2,),
        f"{layer}.norm.1.running_var": (2,),
        f"{layer}.conv.1.weight": (2, 2, 1, 1),
        f"{layer}.norm.2.bias": (2,),
        f"{layer}.conv.2.weight": (1, 2, 3, 3),
        "features.transition1.norm.weight": (3,),
        "classifier.weight": (2, 3),
    }
    state = {}
    for name, shape in shapes.items():
        present = re.sub(r"(norm|conv)\.([12])", r"\1\2", name)
        state[name] = torch.from_numpy(numbers(present, shape))
    return state


def save(value: object, name: str, **options) -> None:
    torch.save(value, FILES / name, **options)


def main() -> None:
    for class_ in (ResNet, BasicBlock):
        give_home(class_, "torchvision.models.resnet")
    give_home(Emotic18, "emotic")
    # The sources of classes, which the old format takes along, are kept out of the repository.
    torch.serialization.get_source_lines_and_file = lambda class_: (
        [f"class {class_.__name__}:\n", "    ...\n"],
        1,
        f"{class_.__name__}.py",
    )
    torch.manual_seed(0)
    FILES.mkdir(exist_ok=True)
    old = {"_use_new_zipfile_serialization": False}
    save(all_types(), "types_zip.pth")
    save(all_types(), "types_zip_protocol_5.pth", pickle_protocol=5)
    save(all_types(), "types_legacy.pth", **old)
    save(all_types(), "types_legacy_protocol_4.pth", pickle_protocol=4, **old)
    save(training_checkpoint(torch.tensor(54.25)), "training_zip.pth.tar")
    save(training_checkpoint(np.float64(54.25)), "training_legacy.pth.tar", **old)
    modules: dict[str, Callable[[], nn.Module]] = {
        "emotic": lambda: filled(Emotic18()),
        "resnet": lambda: filled(ResNet()),
        "parallel": lambda: filled(nn.DataParallel(ResNet())),
        "sequential": lambda: filled(nn.Sequential(*list(ResNet().children())[:-1])),
    }
    for name, make in modules.items():
        save(make(), f"{name}_zip.pth")
        save(make(), f"{name}_legacy.pth", **old)
    save(old_densenet(), "densenet_zip.pth")
    halves = {
        name: torch.from_numpy(numbers(name, (2, 3), kind)).to(of)
        for name, of in TYPES.items()
        if not name.startswith(("complex", "uint16"))
        for kind in ["float32" if "float" in name else name]
    }
    save_file(halves, FILES / "types.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
