"""Options of the verbs that look at pictures, alike in all of them."""

from pathlib import Path
from typing import Annotated

import typer

from emo_tf.runtime.face_detector import MIN_FACE

MinFaceOption = Annotated[
    float | None,
    typer.Option(
        metavar="PX",
        help="Smallest face looked for, in pixels.  [default: what the models of task group learnt "
        f"from, else {MIN_FACE}]",
        show_default=False,
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Threads for the networks, all cores by default."),
]
MaxPixelsOption = Annotated[
    int, typer.Option(metavar="N", min=1, help="Refuse pictures with more pixels.")
]
PersonDetectorOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.tflite",
        help="A detection model that finds the people; without one their bodies are guessed from "
        "the faces.",
    ),
]
