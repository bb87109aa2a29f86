"""`emo-tf export`: a trained model as files for the phone and for `emo-tf predict`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from emo_tf.cli.workshop import loading
from emo_tf.errors import EmoError

CONFIG_FILE = "config.json"


def export(
    run: Annotated[
        Path, typer.Option(help="Folder of a finished run, or a `.keras` file of `weights import`.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write to.  [default: RUN/export; of FILE.keras: FILE]"),
    ] = None,
) -> None:
    """Export a model of people in context to `.tflite`, in float32 and with float16 weights.

    The files take pictures of 0 to 255 and carry labels, thresholds, licence and provenance. Each
    is run beside Keras before it appears. `emo-tf predict --model` takes them.

    **Examples**

    `emo-tf export --run runs/emotic_context`

    `emo-tf export --run emotic.keras --out phone`
    """
    if not run.is_file():
        _check_task(run)
    with loading("export"):
        from emo_tf.export.emotic import export_emotic
    out = out or (run.with_suffix("") if run.is_file() else run / "export")
    files = export_emotic(run, out=out, report=_print_file)
    print(f"Wrote {files['labels']}")


def _check_task(run: Path) -> None:
    """Checks that a folder is that of a run which can be exported here."""
    if not run.exists():
        raise EmoError(f"{run}: expected the folder of a run, or a .keras file. Received: none")
    try:
        config = json.loads((run / CONFIG_FILE).read_text("utf-8"))
        task = config.get("task")
    except FileNotFoundError:
        raise EmoError(f"{run}: expected the folder of a run. Received: no {CONFIG_FILE}") from None
    except (ValueError, AttributeError) as error:
        raise EmoError(
            f"{run / CONFIG_FILE}: expected the settings of a run. Received: {error}"
        ) from error
    if task != "emotic":
        raise EmoError(
            f"{run}: expected a run of the task emotic; one of expression goes through "
            f"`python -m emo_tf.export.expression`. Received: task {task}"
        )


def _print_file(path: Path, difference: float) -> None:
    size = path.stat().st_size / 1e6
    print(
        f"Wrote {path}: {size:.2f} MB, largest difference from Keras {difference:.1e}", flush=True
    )
