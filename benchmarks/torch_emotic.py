"""EMOTIC's network in eager PyTorch, for comparison. Runs in a process of its own.

    python torch_emotic.py WEIGHTS.npz

Fills the network from `WEIGHTS.npz`, whose names begin with `scene.`, `body.` and `head.`, saves
its parts beside it as training in torch leaves them, `scene.pth`, `body.pth` and `head.pth`, and
then answers lines on stdin, `INPUTS.npz CALLS`, by one line of JSON: the seconds of each call, and
where the outputs of the last lie.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

NUMBERS = {"conv1": 0, "bn1": 1, "layer1": 4, "layer2": 5, "layer3": 6, "layer4": 7}
"""Where torchvision's ResNet has its parts, as `nn.Sequential(*model.children())` counts them."""


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions and a shortcut, as torchvision names and orders them."""

    def __init__(self, width: int, filters: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.downsample = None
        if stride > 1 or width != filters:
            self.downsample = nn.Sequential(
                nn.Conv2d(width, filters, 1, stride, bias=False), nn.BatchNorm2d(filters)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)) + shortcut)


def resnet18() -> nn.Sequential:
    """Returns ResNet-18 without its classifier, its parts under their numbers."""
    parts = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)]
    parts.append(nn.MaxPool2d(3, 2, 1))
    width = 64
    for filters, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        parts.append(
            nn.Sequential(BasicBlock(width, filters, stride), BasicBlock(filters, filters, 1))
        )
        width = filters
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1))


class Head(nn.Module):
    """What joins the features: categories and valence, arousal, dominance in tenths."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(1024, 256)
        self.bn1 = nn.BatchNorm1d(256)
        self.d1 = nn.Dropout(p=0.5)
        self.fc_cat = nn.Linear(256, 26)
        self.fc_cont = nn.Linear(256, 3)
        self.relu = nn.ReLU()

    def forward(self, scene: torch.Tensor, body: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = torch.cat([scene.flatten(1), body.flatten(1)], 1)
        x = self.d1(self.relu(self.bn1(self.fc1(x))))
        return self.fc_cat(x), self.fc_cont(x)


def load(module: nn.Module, tensors: dict[str, np.ndarray], prefix: str) -> nn.Module:
    """Fills a module with the tensors whose names begin with a prefix, for inference."""
    own = {}
    for name, tensor in tensors.items():
        if name.startswith(prefix):
            part, rest = name.removeprefix(prefix).split(".", 1)
            number = NUMBERS[part] if isinstance(module, nn.Sequential) else part
            own[f"{number}.{rest}"] = torch.from_numpy(tensor)
    counters = {name for name in module.state_dict() if name.endswith("num_batches_tracked")}
    missing, unexpected = module.load_state_dict(own, strict=False)
    if set(missing) - counters or unexpected:
        raise ValueError(f"{prefix} does not fit: missing {missing}, unexpected {unexpected}")
    return module.eval()


def read_network(weights: Path) -> dict[str, nn.Module]:
    """Returns `scene`, `body` and `head` with their weights."""
    with np.load(weights) as file:
        tensors = dict(file)
    makers = {"scene": resnet18, "body": resnet18, "head": Head}
    return {name: load(make(), tensors, f"{name}.") for name, make in makers.items()}


def serve(answer: Callable[[dict[str, torch.Tensor], int], dict]) -> None:
    """Says what this is, then answers lines on stdin.

    Args:
        answer: From the arrays of `INPUTS.npz` and the number of calls to a line of JSON.
    """
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        path, calls = line.rsplit(maxsplit=1)
        with np.load(path) as file:
            inputs = {name: torch.from_numpy(array) for name, array in file.items()}
        print(json.dumps(answer(inputs, int(calls))), flush=True)


def main(weights: Path) -> None:
    parts, folder = read_network(weights), weights.parent
    for name, module in parts.items():
        torch.save(module, folder / f"{name}.pth")

    def infer(inputs: dict[str, torch.Tensor], calls: int) -> dict:
        seconds = []
        with torch.inference_mode():
            for _ in range(calls):
                start = time.perf_counter()
                score, tenths = parts["head"](
                    parts["scene"](inputs["scene"]), parts["body"](inputs["body"])
                )
                seconds.append(time.perf_counter() - start)
        np.savez(folder / "outputs.npz", score=score.numpy(), vad=10 * tenths.numpy())
        return {"seconds": seconds, "outputs": str(folder / "outputs.npz")}

    serve(infer)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
