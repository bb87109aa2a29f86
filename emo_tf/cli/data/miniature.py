"""`emo-tf data miniature`: a small made-up twin of a corpus."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from emo_tf.cli.workshop import loading
from emo_tf.errors import EmoError


def miniature(
    name: Annotated[str, typer.Argument(help="Data set, e.g. `emotic`.")],
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="New or empty folder to write it to.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed draws another twin.")] = 0,
    size: Annotated[
        int | None, typer.Option(help="How many people (faces, ...); each twin has a default.")
    ] = None,
    oracle: Annotated[
        bool,
        typer.Option("--oracle", help="Print the best scores that each source of evidence allows."),
    ] = False,
) -> None:
    """Draw a small made-up twin of a corpus, in the layout of the original.

    Faces, bodies and scenes are drawn from a seed: nothing is downloaded, nobody is shown. The same
    name, version, seed and size always give the same twin. Labels follow from the drawing by a
    stated rule, so the best possible scores are known: `--oracle` prints them, for results to be
    read as shares of it.

    **Examples**

    `emo-tf data miniature emotic --out raw/emotic`

    `emo-tf data miniature emotic --out raw/large --size 1000 --seed 7 --oracle`

    `emo-tf data miniature emotic --oracle`

    `emo-tf data build emotic --manual-dir raw/emotic`
    """
    from emo_tf.data import miniature as twins

    if out is None and not oracle:
        raise EmoError("miniature: expected --out DIR, --oracle or both. Received: neither")
    known_size, unit = twins.default_size(name)
    if out is not None:
        twins.write(name, out, seed=seed, size=size)
        print(f"Wrote {out}: {name}, {size or known_size} {unit}, seed {seed}")
    if oracle:
        with loading("miniature --oracle"):
            found = twins.oracle(name, seed=seed, size=size)
        _print_oracle(found)


def _print_oracle(oracle) -> None:
    table = Table("evidence", box=None, pad_edge=False, title_justify="left")
    for metric in oracle.metrics:
        table.add_column(metric, justify="right")
    for evidence, scores in oracle.scores.items():
        table.add_row(evidence, *(f"{score:.3f}" for score in scores))
    print(f"The best that can be reached on {oracle.measured_on}:")
    Console(file=sys.stdout, highlight=False).print(table)
