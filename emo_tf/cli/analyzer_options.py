"""Options of the verbs that look at pictures, alike in all of them."""

from typing import Annotated

import typer

MinFaceOption = Annotated[
    float, typer.Option(metavar="PX", help="Smallest face looked for, in pixels.")
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Threads for the networks, all cores by default."),
]
MaxPixelsOption = Annotated[
    int, typer.Option(metavar="N", min=1, help="Refuse pictures with more pixels.")
]
