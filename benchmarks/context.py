"""EMOTIC's network: published weights against the goldens, and speed against PyTorch.

python -m benchmarks.context --shared ../shared --json context.json
"""

import functools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from benchmarks.common import main, or_absent, ratio_row, row, spread
from benchmarks.golden_weights import emotic_tensors, golden_tensors
from benchmarks.made_up_people import made_up_pixels, standardised
from benchmarks.torch_peer import TorchPeer
from emo_tf.checkpoints.checkpoint import read_checkpoint
from emo_tf.models.folding import fold_batch_norm
from emo_tf.models.golden import compare_with_golden, relative_error
from emo_tf.models.published import backbone_from_torch, context_fusion_from_torch

ERROR_BAR = 1e-4
SPEED_BAR = 1.25
ROUNDS = 9
CALLS = {1: 16, 8: 3, 32: 1}
"""How often a batch of so many people runs in each round."""


def measure(shared: Path) -> list[dict]:
    """Compares outputs and speed; PyTorch's are computed in the same run on the same weights.

    Args:
        shared: Folder with `goldens`.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    return or_absent("EMOTIC's network against PyTorch", lambda: compared(shared))


def compared(shared: Path) -> Iterator[dict]:
    """Yields what `measure` returns; the weights are read out of files that PyTorch writes.

    Raises:
        AbsentPeerError: PyTorch is not installed.
    """
    classifier = {
        name: tensor
        for name, tensor in golden_tensors("resnet18", shared=shared).items()
        if name.startswith("fc.")
    }
    tensors = emotic_tensors(shared=shared)
    with (
        tempfile.TemporaryDirectory() as folder,
        TorchPeer("torch_emotic.py", tensors, folder=Path(folder)) as peer,
    ):
        files = {name: Path(folder) / f"{name}.pth" for name in tensors}
        parts = {name: read_checkpoint(path).tensors for name, path in files.items()}
        model = context_fusion_from_torch(
            parts.pop("head"),
            branches=parts,
            sources={name: str(path) for name, path in files.items()},
        )
        yield golden_error({**parts["scene"], **_numbered(classifier)}, model, shared / "goldens")
        yield from against_torch(model, peer, Path(folder))


def _numbered(classifier: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.replace("fc", "9"): tensor for name, tensor in classifier.items()}


def golden_error(backbone: Mapping[str, np.ndarray], model: keras.Model, goldens: Path) -> dict:
    """Compares what weights out of PyTorch's files give with the golden outputs."""
    resnet = backbone_from_torch("resnet18", backbone, source="scene.pth")
    errors = {
        f"{name}, {output}": error
        for name in ("resnet18", "resnet18_128")
        for output, error in compare_with_golden(resnet, goldens / f"{name}.npz").items()
    }
    with np.load(goldens / "emotic_head.npz") as golden:
        outputs = model.get_layer("head").predict(
            {"scene": golden["context"], "body": golden["body"]}, verbose=0
        )
        errors["head, score"] = relative_error(outputs["score"], golden["categories"])
        errors["head, vad"] = relative_error(outputs["vad"], 10 * golden["vad"])
    what = "Features and outputs with weights out of PyTorch's files, read without it, against"
    return _largest_error(f"{what} the goldens", errors)


def against_torch(model: keras.Model, peer: TorchPeer, folder: Path) -> list[dict]:
    """Times inference of B+I in turns with PyTorch, and compares the outputs."""
    infer, unfolded = _function(fold_batch_norm(model)), _function(model)
    rows, errors = [], {}
    for people, calls in CALLS.items():
        pixels = made_up_pixels(people)
        inputs = folder / f"inputs_{people}.npz"
        np.savez(inputs, **standardised(pixels))
        tensors = {name: tf.constant(array) for name, array in pixels.items()}
        with np.load(peer.run(inputs, calls=1)["outputs"]) as outputs:
            theirs = dict(outputs)
        for function in (infer, unfolded):  # the first call also traces
            ours = function(tensors)
            for output, expected in theirs.items():
                name = f"{people} people, {output}"
                error = relative_error(ours[output].numpy(), expected)
                errors[name] = max(error, errors.get(name, 0.0))
        times = {"emo_tf": [], "emo_tf, norms not folded": [], "PyTorch": []}
        for _ in range(ROUNDS):
            for name, function in (("emo_tf", infer), ("emo_tf, norms not folded", unfolded)):
                times[name].append(_median_seconds(functools.partial(function, tensors), calls))
            times["PyTorch"].append(statistics.median(peer.run(inputs, calls=calls)["seconds"]))
        rates = {name: [people / s for s in seconds] for name, seconds in times.items()}
        unfolded_rates = rates["emo_tf, norms not folded"]
        rows.append(
            ratio_row(
                f"People a second, B+I with ResNet-18, float32, batch {people}: tf.function with "
                "its norms folded / eager PyTorch",
                rates["emo_tf"],
                rates["PyTorch"],
                peer=f"eager PyTorch {peer.facts['torch']}",
                unit="people a second",
                at_least=SPEED_BAR,
                details={
                    "norms not folded, people a second": spread(unfolded_rates, digits=1),
                    "threads": peer.facts["threads"],
                },
            )
        )
    return [_largest_error("The same outputs as PyTorch in this run", errors), *rows]


def _largest_error(what: str, errors: Mapping[str, float]) -> dict:
    worst = max(errors.values())
    return row(
        f"{what}: largest error as a share of the largest value",
        f"{worst:.1e}",
        bar=f"≤ {ERROR_BAR:g}",
        met=worst <= ERROR_BAR,
        details={name: f"{error:.1e}" for name, error in errors.items()},
    )


def _function(model: keras.Model) -> Callable[[Mapping[str, tf.Tensor]], Mapping[str, tf.Tensor]]:
    return tf.function(lambda people: model(people, training=False))


def _median_seconds(call: Callable[[], Mapping[str, tf.Tensor]], calls: int) -> float:
    seconds = []
    for _ in range(calls):
        start = time.perf_counter()
        call()["score"].numpy()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


if __name__ == "__main__":
    main(measure)
