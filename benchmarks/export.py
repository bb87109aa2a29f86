"""What an export costs: differences from Keras, accuracy of int8, speed on a phone's format.

python -m benchmarks.export --shared ../shared --json export.json
"""

import functools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import keras
import numpy as np

from benchmarks.common import CACHE, REPOSITORY, main, or_absent, ratio_row, row, spread
from benchmarks.golden_weights import emotic_tensors
from benchmarks.made_up_people import made_up_pixels, standardised
from benchmarks.real_people import batches, real_people
from benchmarks.torch_peer import TorchPeer
from emo_tf.checkpoints.checkpoint import read_checkpoint
from emo_tf.data.fer2013 import load_fer2013
from emo_tf.export.exportable import CardText, Examples, Exportable
from emo_tf.export.exporter import export_model
from emo_tf.export.folder import read_report, tflite_name
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.context_fusion import context_metadata
from emo_tf.models.expression_net import expression_net
from emo_tf.models.keras_file import load_model, save_model
from emo_tf.models.published import context_fusion_from_torch
from emo_tf.models.tflite_weights import fill_from_tflite
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.weights import weight_path

DIFFERENCE_BAR = 1e-3
LOSS_BAR = 0.005
SPEED_BAR = 4
SECONDS_BAR = 180
IMAGES = 500
BATCH = 16
ROUNDS, CALLS = 9, 10
NEAR_KERAS = ("saved_model", "float32", "float16")
RUN = REPOSITORY / "runs" / "expression_photographs"
DATA = REPOSITORY / "data"
TWIN_RUNS = CACHE / "twin"


def measure(shared: Path) -> list[dict]:
    """Exports the expression model and EMOTIC's network, and measures the files.

    Args:
        shared: Folder with `data`, `fixtures`, `goldens` and `photos`.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        return [
            *expression_rows(_run(shared, folder), folder),
            *context_rows(shared, folder),
        ]


def _run(shared: Path, folder: Path) -> Path:
    """Returns the run of the shipped model, or a `.keras` file with the shipped weights.

    Those are float16 already, so that a float16 file of them differs less from Keras than usual.
    """
    if (RUN / "data.json").is_file():
        return RUN
    load_fer2013(manual_dir=shared / "data", data_dir=DATA)
    shipped, model = weight_path("expression_float16"), expression_net()
    fill_from_tflite(model, shipped)
    save_model(model, folder / f"{shipped.stem}.keras", metadata=ModelMetadata.read(shipped))
    return folder / f"{shipped.stem}.keras"


def _emo_tf(*arguments: object) -> float:
    """Runs `emo-tf` in a process of its own; returns the seconds from its start to its end."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "emo_tf", *map(str, arguments)]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def expression_rows(run: Path, folder: Path) -> Iterator[dict]:
    """Exports, blesses and pushes a run of expressions by the commands of the README.

    Args:
        run: The run.
        folder: A scratch folder.
    """
    out, few = folder / "export", folder / "few"
    export = ["export", "--run", run, "--data-dir", DATA]
    seconds = {"export": _emo_tf(*export, "--out", out)}
    accuracy = read_report(out)["keras"]["metrics"]["accuracy"]
    bar = accuracy - LOSS_BAR
    seconds["bless"] = _emo_tf("bless", "--export", out, "--min", f"accuracy={bar:.4f}")
    seconds["push"] = _emo_tf("push", "--export", out, "--to", folder / "served" / "expression")
    whole = read_report(out)
    _emo_tf(*export, "--out", few, "--limit", IMAGES)
    yield difference_row(
        f"Expression net, {IMAGES} pictures of PublicTest: largest difference of a probability "
        "from Keras; SavedModel, float32 and float16 in both interpreters",
        read_report(few),
        details={"over all of PublicTest": _differences(whole, "largest"), "run": run.name},
    )
    metrics = {name: file["metrics"]["accuracy"] for name, file in whole["files"].items()}
    loss = accuracy - metrics["int8"]
    yield row(
        "Expression net, accuracy on PublicTest that int8 loses against Keras, points",
        round(100 * loss, 2),
        bar=f"≤ {100 * LOSS_BAR:g}",
        met=loss <= LOSS_BAR,
        details={name: f"{value:.2%}" for name, value in metrics.items()},
    )
    spent = seconds["export"] + seconds["push"]
    yield row(
        "Expression net exported (four formats, each run on PublicTest) and pushed, s",
        round(spent, 1),
        bar=f"< {SECONDS_BAR}",
        met=spent < SECONDS_BAR,
        runs=spread([spent], digits=1),
        details={verb: f"{value:.1f} s" for verb, value in seconds.items()},
    )


def difference_row(
    what: str,
    report: Mapping,
    *,
    figure: str = "largest",
    details: Mapping[str, object] | None = None,
) -> dict:
    """Returns the largest difference of the exact files from Keras.

    Args:
        what: What was measured.
        report: An export's `report.json`.
        figure: `largest`, in units of the outputs, or `relative`, as a share of the largest.
        details: Circumstances.
    """
    found = _differences(report, figure)
    worst = max(found.values())
    return row(
        what,
        f"{worst:.1e}",
        bar=f"≤ {DIFFERENCE_BAR:g}",
        met=worst <= DIFFERENCE_BAR,
        details={name: f"{value:.1e}" for name, value in found.items()}
        | {name: _rounded(value) for name, value in (details or {}).items()},
    )


def _rounded(value: object) -> object:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {number:.1e}" for name, number in value.items())
    return value


def _differences(report: Mapping, figure: str) -> dict[str, float]:
    """Returns a figure of the differences by file, interpreter and output."""
    return {
        f"{name}, {library}, {output}": figures[figure]
        for name in NEAR_KERAS
        for library, outputs in report["files"][name]["difference"].items()
        for output, figures in outputs.items()
    }


def context_rows(shared: Path, folder: Path) -> Iterator[dict]:
    """Runs two of EMOTIC's networks on real people, and times int8 in turns with PyTorch.

    Args:
        shared: Folder with `fixtures`, `goldens` and `photos`.
        folder: A scratch folder.
    """
    yield twin_row(shared, folder)
    yield from or_absent(
        "EMOTIC's network, B+I with ResNet-18, against PyTorch",
        lambda: published_rows(shared, folder),
    )


def twin_row(shared: Path, folder: Path) -> dict:
    """Compares the files of a network that has learnt on the twin with Keras.

    Its outputs are what scores and dimensions are like.

    Args:
        shared: Folder with `fixtures` and `photos`.
        folder: A scratch folder.
    """
    what = "EMOTIC's network, B+I as trained on the twin, people of real photographs: largest "
    what += "difference of a score or of a dimension (1 to 10) from Keras"
    found = sorted(TWIN_RUNS.glob("*/runs/B+I/model.keras"))
    if not found:
        return row(what, "not measured: `make bench-twin` trains the network")
    model, about = load_model(found[-1])
    exportable = _on_real_people(model, about, shared=shared, folder=folder)
    return difference_row(
        what,
        export_model(exportable, folder / "trained"),
        details={"people": exportable.examples.count, "run": found[-1].parents[2].name},
    )


def published_rows(shared: Path, folder: Path) -> Iterator[dict]:
    """Yields figures of the published B+I with ResNet-18 on the weights of the goldens.

    Its outputs are of any size: their differences are told as shares of the largest.

    Args:
        shared: Folder with `fixtures`, `goldens` and `photos`.
        folder: A scratch folder.

    Raises:
        AbsentPeerError: PyTorch is not installed.
    """
    tensors = emotic_tensors(shared=shared)
    with TorchPeer("torch_emotic.py", tensors, folder=folder) as peer:
        files = {name: folder / f"{name}.pth" for name in tensors}
        parts = {name: read_checkpoint(path).tensors for name, path in files.items()}
        model = context_fusion_from_torch(
            parts.pop("head"),
            branches=parts,
            sources={name: str(path) for name, path in files.items()},
        )
        about = context_metadata(model, version="1")
        exportable = _on_real_people(model, about, shared=shared, folder=folder)
        yield difference_row(
            "EMOTIC's network, B+I with ResNet-18 on the weights of the goldens, people of real "
            "photographs: largest difference from Keras as a share of the output's largest value",
            export_model(exportable, folder / "context"),
            figure="relative",
            details={"people": exportable.examples.count},
        )
        yield speed_row(folder / "context" / tflite_name("int8"), peer, folder)


def _on_real_people(
    model: keras.Model, about: ModelMetadata, *, shared: Path, folder: Path
) -> Exportable:
    sizes = {name: (image.height, image.width) for name, image in about.inputs.items()}
    for_ranges, people = real_people(shared, folder / "emotic_mini", sizes=sizes)
    return Exportable(
        source="",
        model=model,
        metadata=about,
        outputs=dict,
        card=CardText(title="", about="", data="", recipe="", works_best="", limits=""),
        examples=Examples(
            source="real people",
            count=len(people["body"]),
            batches=functools.partial(batches, people, BATCH),
            batch_size=BATCH,
        ),
        calibration=functools.partial(batches, for_ranges, 1),
    )


def speed_row(path: Path, peer: TorchPeer, folder: Path) -> dict:
    """Times one person at a time in turns with eager PyTorch on the same cores."""
    model, pixels = LiteRTModel(path), made_up_pixels(1)
    inputs = folder / "one_person.npz"
    np.savez(inputs, **standardised(pixels))
    peer.run(inputs, calls=1)
    model(**pixels)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        times = []
        for _ in range(CALLS):
            start = time.perf_counter()
            model(**pixels)
            times.append(time.perf_counter() - start)
        ours.append(1 / statistics.median(times))
        theirs.append(1 / statistics.median(peer.run(inputs, calls=CALLS)["seconds"]))
    return ratio_row(
        "People a second, B+I with ResNet-18, batch 1: int8 `.tflite` / eager PyTorch float32",
        ours,
        theirs,
        peer=f"eager PyTorch {peer.facts['torch']}",
        unit="people a second",
        at_least=SPEED_BAR,
        details={"threads": peer.facts["threads"]},
    )


if __name__ == "__main__":
    main(measure)
