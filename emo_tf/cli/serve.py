"""`emo-tf serve`: models behind a REST interface, and a web page."""

from pathlib import Path
from typing import Annotated

import typer

from emo_tf.cli.analyzer_options import MinFaceOption, PersonDetectorOption
from emo_tf.cli.group_options import EnsembleOption
from emo_tf.extras import SERVER_MODULES, needing_extra
from emo_tf.files import replace_whole
from emo_tf.serve.settings import (
    BATCH,
    MAX_BYTES,
    MAX_PIXELS,
    POLL_S,
    PORT,
    QUEUE,
    TIME_LIMIT_S,
    ServeSettings,
)


def serve(
    models: Annotated[
        Path | None,
        typer.Option(
            metavar="ROOT",
            help="Folder of served models, ROOT/MODEL/NUMBER, as emo-tf push fills it. Without it "
            "the shipped models are served.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 for all of this machine's.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at; 0 for any that is free.")] = PORT,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Threads that decode pictures and run networks, all cores by default.",
        ),
    ] = None,
    batch: Annotated[
        int, typer.Option(metavar="N", help="Requests that a thread answers together at most.")
    ] = BATCH,
    queue: Annotated[
        int, typer.Option(metavar="N", help="Requests that may wait; others are told to come back.")
    ] = QUEUE,
    max_bytes: Annotated[
        int, typer.Option(metavar="N", help="Refuse requests with more bytes.")
    ] = MAX_BYTES,
    max_pixels: Annotated[
        int, typer.Option(metavar="N", help="Refuse pictures with more pixels.")
    ] = MAX_PIXELS,
    time_limit: Annotated[
        float,
        typer.Option(
            metavar="S", help="Seconds that a request may take to arrive, and again its answer."
        ),
    ] = TIME_LIMIT_S,
    versions: Annotated[
        int, typer.Option(metavar="N", help="How many versions of each model are served at once.")
    ] = 1,
    analyze: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A model that /v1/analyze uses, of task expression, emotic or group; may be given "
            "several times.  [default: all of these tasks]",
            show_default=False,
        ),
    ] = None,
    min_face: MinFaceOption = None,
    group: Annotated[
        bool, typer.Option("--group/--no-group", help="Give a verdict on each photo as a whole.")
    ] = True,
    person_detector: PersonDetectorOption = None,
    ensemble: EnsembleOption = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A file with the token that requests have to show as `Authorization: Bearer "
            "TOKEN`; EMO_TF_TOKEN in the environment does the same.",
        ),
    ] = None,
    poll: Annotated[
        float, typer.Option(metavar="S", help="Seconds from one look at ROOT to the next.")
    ] = POLL_S,
    openapi: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the OpenAPI file and end, without serving."),
    ] = None,
) -> None:
    """Serves models over HTTP, with a web page at / that looks at photos.

    POST /v1/models/NAME:predict takes what TensorFlow Serving takes, POST /v1/analyze a photo as a
    form with one file, `image`. GET /openapi.json describes all of it.

    New versions below ROOT are loaded beside the old ones, which finish what they are about.
    Pictures are held in memory alone. Prints one line when it listens; logs go to stderr, one JSON
    object a line. Ctrl-C and SIGTERM let open requests finish.

    **Examples**

    `emo-tf serve`

    `emo-tf serve --models served --port 8501`

    `emo-tf serve --models served --host 0.0.0.0 --token-file token.txt`

    `curl -F image=@family.jpg http://127.0.0.1:8501/v1/analyze`
    """
    with needing_extra("serve", what="serve", modules=SERVER_MODULES):
        from emo_tf.serve.app import openapi_file
        from emo_tf.serve.server import serve as serve_until_stopped
        from emo_tf.web.access import read_token
    settings = ServeSettings(
        models=models,
        host=host,
        port=port,
        batch=batch,
        queue=queue,
        max_bytes=max_bytes,
        max_pixels=max_pixels,
        time_limit_s=time_limit,
        versions=versions,
        analyze=tuple(analyze or ()),
        min_face=min_face,
        group=group,
        person_detector=person_detector,
        ensemble=ensemble,
        token=read_token(token_file),
        poll_s=poll,
        **({} if workers is None else {"workers": workers}),
    )
    if openapi is None:
        serve_until_stopped(settings)
        return
    with replace_whole(openapi) as temporary:
        temporary.write_bytes(openapi_file(settings))
    print(f"Wrote {openapi}")
