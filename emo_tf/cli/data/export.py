"""`emo-tf data export`: a data set in the files that other programs read."""

from pathlib import Path
from typing import Annotated

import typer

from emo_tf.cli.workshop import loading
from emo_tf.errors import unknown_name


def export(
    name: Annotated[str, typer.Argument(help="Data set: `emotic`.")],
    manual_dir: Annotated[
        Path, typer.Option(help="Folder with the raw files, as the data set's README says.")
    ],
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the files.")],
    file_format: Annotated[
        str, typer.Option("--format", help="`csv` for tables, `npy` for arrays.")
    ] = "csv",
    label: Annotated[str, typer.Option(help="`train`, `val`, `test` or `all`.")] = "all",
) -> None:
    """Write EMOTIC as the tables or arrays that the public PyTorch implementation reads.

    `csv` writes `train.csv`, `val.csv`, `test.csv`; `npy` writes `train_context_arr.npy`,
    `train_body_arr.npy`, `train_cat_arr.npy`, `train_cont_arr.npy` and so on. Nothing that is in
    the folder already is overwritten.

    **Examples**

    `emo-tf data export emotic --manual-dir ~/emotic --out tables`

    `emo-tf data export emotic --manual-dir ~/emotic --format npy --label val --out arrays`
    """
    if name != "emotic":
        raise unknown_name("data set to export", name, ["emotic"])
    with loading("data export"):
        from emo_tf.data.emotic_export import FORMATS, SPLITS, export_emotic
    if file_format not in FORMATS:
        raise unknown_name("--format", file_format, FORMATS)
    if label not in (*SPLITS, "all"):
        raise unknown_name("--label", label, (*SPLITS, "all"))
    splits = SPLITS if label == "all" else (label,)
    for part in export_emotic(manual_dir, out, file_format=file_format, splits=splits):
        for path in part.paths:
            print(f"Wrote {path}: {part.people:,} people")
        for reason, count in part.left_out.items():
            print(f"  left out: {count:,} ({reason})")
