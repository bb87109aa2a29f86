"""`emo-tf export`: a trained model as files for servers, phones and `emo-tf predict`."""

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from emo_tf.cli.progress import progress_bar
from emo_tf.cli.workshop import loading
from emo_tf.export.folder import largest_relative

TITLES = {
    "expected_calibration_error": "ECE",
    "frame_accuracy": "of frames",
    "mean_average_precision": "mAP",
    "negative_log_likelihood": "NLL",
    "vad_mean_absolute_error": "VAD MAE",
}
"""Short names of metrics, for a table."""


def export(
    run: Annotated[
        Path,
        typer.Option(
            help="Folder of a finished run, a `.keras` file of `weights import`, or `mtcnn`."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write to.  [default: RUN/export; of FILE.keras: FILE]"),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="Where prepared data sets lie.  [default: where they lay for training]",
        ),
    ] = None,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="`float32`, `float16` or `int8`; may be repeated.  [default: all that can be had]",
        ),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A further format, `onnx` or `openvino`; may be repeated."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="Measure on the first so many examples only.")
    ] = None,
    note: Annotated[str, typer.Option(help="A remark for the model card.")] = "",
) -> None:
    """Export a model as SavedModel and `.tflite` files, with a report and a model card.

    All files take pixels of 0 to 255 and carry labels, thresholds, licence and provenance. Each is
    run beside Keras on the evaluation split of the data set that the model was trained on, and
    timed. int8 files get their ranges from training examples. Without a data set (a `.keras` file
    and no `--data-dir`) there is no int8, and the comparison is on made-up pictures.

    `emo-tf predict --model OUT` and `emo-tf serve` take the `.tflite` files, TensorFlow Serving the
    SavedModel. Of a video model that looks back alone they take one frame and the states of the
    frame before.
    `mtcnn` stands for the face detector of the package of that name.

    **Examples**

    `emo-tf export --run runs/emotic_context`

    `emo-tf export --run runs/emotic_context --precision int8 --formats onnx --limit 500`

    `emo-tf export --run emotic.keras --data-dir data --out phone`
    """
    with loading("export"):
        from emo_tf.export.exporter import export_model
        from emo_tf.export.folder import check_export_folder
        from emo_tf.export.sources import FACE_DETECTOR, read_exportables
    console = Console(file=sys.stdout, highlight=False)

    def stage(title: str, batches: int) -> AbstractContextManager:
        print(f"... {title}", file=sys.stderr, flush=True)
        return progress_bar(console, batches)

    is_run = str(run) != FACE_DETECTOR and run.is_dir()
    out = out or (run / "export" if is_run else run.with_suffix(""))
    if is_run or run.is_file():  # before anything takes time
        check_export_folder(out)
    for name, exportable in read_exportables(run, data_dir=data_dir, limit=limit).items():
        folder = out / name
        report = export_model(
            exportable,
            folder,
            precisions=precision or (),
            formats=formats or (),
            note=note,
            progress=stage,
        )
        console.print(_table(report))
        missing = set(exportable.precisions) - set(report["files"])
        if missing and not precision:
            console.print(
                f"Left out {', '.join(missing)}: no data set to take ranges from; name --data-dir",
                soft_wrap=True,
            )
        written = sorted(path.name for path in folder.iterdir())
        console.print(f"Wrote {folder}: {', '.join(written)}", markup=False, soft_wrap=True)


def _table(report: Mapping) -> Table:
    metrics = list(report["keras"]["metrics"])
    table = Table(box=None, pad_edge=False)
    table.add_column("file", no_wrap=True)
    titles = (TITLES.get(name, name.replace("_", " ")) for name in metrics)
    for title in ("MB", *titles, "from Keras", "1 thread, ms", "2 threads, ms"):
        table.add_column(title, justify="right")
    for name, file in {"Keras": report["keras"], **report["files"]}.items():
        values = (file["metrics"][metric] for metric in metrics)
        speed = [f"{ms['median']:.1f}" for ms in file.get("latency_ms", {}).values()]
        table.add_row(
            file.get("path", name),
            f"{file['bytes'] / 1e6:.2f}" if "bytes" in file else "",
            *("-" if value is None else f"{value:.4f}" for value in values),
            f"{largest_relative(file):.1e}" if "difference" in file else "",
            *speed,
        )
    return table
