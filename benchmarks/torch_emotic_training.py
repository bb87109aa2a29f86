"""Steps of training EMOTIC's network in eager PyTorch, for comparison: a process of its own.

    python torch_emotic_training.py WEIGHTS.npz

Fills the network from `WEIGHTS.npz` as `torch_emotic` does and answers lines on stdin,
`INPUTS.npz STEPS`, by one line of JSON: the seconds of each step and its loss. The inputs hold
`categories` (B, 26) and `vad` (B, 3), 1 to 10, too. Loss and optimizer are the published ones;
nothing is dropped out, so that the losses can be compared.
"""

import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch_emotic import read_network, serve

LEARNING_RATE, WEIGHT_DECAY = 1e-3, 5e-4
SMOOTHING, WEIGHT_OF_ABSENT = 1.2, 1e-4


def published_loss(
    score: torch.Tensor, tenths: torch.Tensor, categories: torch.Tensor, vad: torch.Tensor
) -> torch.Tensor:
    """Returns half of the categories' weighted squared error plus half of VAD's smooth L1."""
    counts = categories.sum(0)
    weights = torch.where(counts > 0, 1 / torch.log(counts + SMOOTHING), WEIGHT_OF_ABSENT)
    discrete = (weights * (score - categories) ** 2).sum()
    continuous = nn.functional.smooth_l1_loss(10 * tenths, vad, reduction="sum")
    return 0.5 * discrete + 0.5 * continuous


def main(weights: Path) -> None:
    parts = nn.ModuleDict(read_network(weights)).train()
    parts["head"].d1.p = 0.0
    optimizer = torch.optim.Adam(parts.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)

    def train(inputs: dict[str, torch.Tensor], steps: int) -> dict:
        seconds, losses = [], []
        for _ in range(steps):
            start = time.perf_counter()
            optimizer.zero_grad()
            score, tenths = parts["head"](
                parts["scene"](inputs["scene"]), parts["body"](inputs["body"])
            )
            loss = published_loss(score, tenths, inputs["categories"], inputs["vad"])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            seconds.append(time.perf_counter() - start)
        return {"seconds": seconds, "losses": losses}

    serve(train)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
