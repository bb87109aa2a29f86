"""Options of `emo-tf predict` that are about Apache Beam."""

from typing import Annotated

import typer

from emo_tf.beam.shard_count import MOST_SHARDS, SHARDS

_PANEL = "At scale"

RunnerOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Run as an Apache Beam pipeline on DirectRunner (this machine), FlinkRunner, "
        "DataflowRunner or another of Beam's runners.",
        rich_help_panel=_PANEL,
    ),
]
OutOption = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help="Where the pipeline writes its shards: a folder or an address (gs://...).",
        rich_help_panel=_PANEL,
    ),
]
ShardsOption = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        max=MOST_SHARDS,
        help="How many shards there are, several for each worker.  [default: as before, else "
        f"{SHARDS}]",
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
BeamOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE",
        help="An option of Beam, --KEY=VALUE in its documentation; may be given several times.",
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
