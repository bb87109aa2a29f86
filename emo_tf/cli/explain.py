"""`emo-tf explain`: pictures in, what a model looked at in them out."""

from pathlib import Path
from typing import Annotated

import typer

from emo_tf.cli.analyzer_options import MaxPixelsOption, MinFaceOption, PersonDetectorOption
from emo_tf.cli.workshop import loading
from emo_tf.runtime.image_io import MAX_PIXELS


def explain(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Pictures, folders, quoted patterns such as 'a/**/*.jpg', lists of people "
            "(.txt), or - for the bytes of one picture on standard input.",
            show_default=False,
        ),
    ],
    model: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN|FILE.keras",
            help="Folder of a finished run or a .keras file, of task expression, emotic or group.  "
            "[default: the model of expressions that comes with the package]",
            show_default=False,
        ),
    ] = None,
    draw: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the maps there, over the pictures.")
    ] = None,
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Write JSON Lines, one object a picture."),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Of people: which of the 26 categories is explained.  [default: of each person "
            "that of the highest score above its threshold, else that of the highest]",
            show_default=False,
        ),
    ] = None,
    dimension: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Valence, arousal or dominance instead of a category."),
    ] = None,
    verdict: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Of groups: which verdict is explained.  [default: the likeliest]",
            show_default=False,
        ),
    ] = None,
    expression: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Of faces: which expression is explained.  [default: of each face the likeliest]",
            show_default=False,
        ),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Layer whose map is taken, in each branch that has one of the name.  [default: "
            "the last of the resolution of the last convolution]",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="`grad-cam` or `hires-cam`, which is more exact where the network after the layer "
            "tells places apart.  [default: grad-cam]",
            show_default=False,
        ),
    ] = None,
    box: Annotated[
        str | None,
        typer.Option(
            metavar="X,Y,W,H",
            help="The person of a single picture, in pixels, instead of those that are found.",
        ),
    ] = None,
    check: Annotated[
        bool | None,
        typer.Option(
            "--check/--no-check",
            help="Also mask each person, or parts of each face, and tell what changes.  "
            "[default: yes]",
            show_default=False,
        ),
    ] = None,
    min_face: MinFaceOption = None,
    person_detector: PersonDetectorOption = None,
    max_pixels: MaxPixelsOption = MAX_PIXELS,
) -> None:
    """Shows what a model looked at: activation maps over the picture, attention over faces.

    Of a model of task expression: which parts of each face speak for an expression. Then the
    quarter of the face where the map is strongest is painted over, and in another copy the quarter
    where it is weakest: if the answer hangs on what the map shows, the probability falls by the
    first alone.

    Of a model of task emotic: which parts of the scene and of the person speak for a category or a
    dimension. Then the person's box is painted over with the mean colour of what is round it, and
    all is done once more: if the person is what the model looked at, the score and the share of the
    map in the box fall, and the two maps differ.

    Of a model of task group: which parts of the picture speak for the verdict, how much the model
    lets each face count, and how the verdict changes where a face is taken away.

    A map says where the network found what speaks for a score, not whether it is right.

    Prints a table. A picture that cannot be read is reported in it and makes the exit code 1; the
    others are still done.

    Examples:

        emo-tf explain party.jpg --draw maps/

        emo-tf explain party.jpg --expression surprise --draw maps/

        emo-tf explain party.jpg --model runs/emotic_context --draw maps/

        emo-tf explain party.jpg --model runs/emotic_context --box 120,40,200,380
        --category Engagement --draw maps/

        emo-tf explain people.txt --model emotic.keras --dimension valence --json maps.jsonl

        emo-tf explain team.jpg --model runs/attention --verdict positive --draw maps/
    """
    with loading("explain"):
        from emo_tf.cli.explain_photos import explain_photos
        from emo_tf.cli.explained_tasks import ExplainSettings

    settings = ExplainSettings(
        category=category,
        dimension=dimension,
        verdict=verdict,
        expression=expression,
        layer=layer,
        method=method,
        box=box,
        check=check,
        min_face=min_face,
        person_detector=person_detector,
    )
    explain_photos(
        sources, model=model, draw=draw, json=json, settings=settings, max_pixels=max_pixels
    )
