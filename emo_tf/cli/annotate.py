"""`emo-tf annotate`: labels by hand, in a local web page."""

import threading
import webbrowser
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.annotation.desk import Desk
from emo_tf.annotation.picture_folder import PictureFolder
from emo_tf.annotation.shown_pictures import ShownPictures
from emo_tf.cli.agreement_table import print_agreement
from emo_tf.cli.analyzer_options import MaxPixelsOption, PersonDetectorOption
from emo_tf.cli.found_people import open_people_finder
from emo_tf.cli.labels_export import export_labels
from emo_tf.cli.refused_options import refuse_options
from emo_tf.cli.sources import expand_sources
from emo_tf.cli.wording import counted
from emo_tf.errors import EmoError
from emo_tf.extras import SERVER_MODULES, needing_extra
from emo_tf.runtime.face_detector import MIN_FACE
from emo_tf.runtime.image_io import MAX_PIXELS

PORT = 8502
_LOOPBACK = "127.0.0.1"


def annotate(
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="Where the answers go; a file that is there already is gone on with.",
        ),
    ],
    directory: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR",
            help="Folder of pictures; those in its folders count too.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="Address to listen at; 0.0.0.0 for all of this machine's.  "
            f"[default: {_LOOPBACK}]",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help=f"Port to listen at; 0 for any that is free.  [default: {PORT}]",
            show_default=False,
        ),
    ] = None,
    detect: Annotated[
        bool,
        typer.Option(
            "--detect/--no-detect",
            help="Look for people when a picture is opened first; otherwise all are drawn.",
        ),
    ] = True,
    person_detector: PersonDetectorOption = None,
    min_face: Annotated[
        float | None,
        typer.Option(
            metavar="PX",
            help=f"Smallest face looked for, in pixels.  [default: {MIN_FACE}]",
            show_default=False,
        ),
    ] = None,
    max_pixels: MaxPixelsOption = MAX_PIXELS,
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A file with a token that the page then asks for; EMO_TF_TOKEN in the environment "
            "does the same.",
            show_default=False,
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = False,
    agreement: Annotated[
        bool, typer.Option("--agreement", help="Tell how far the annotators agree, and end.")
    ] = False,
    json: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|-", help="Write that as JSON; with --agreement.", show_default=False
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write pictures and labels in EMOTIC's layout, and end.",
            show_default=False,
        ),
    ] = None,
    shares: Annotated[
        tuple[float, float, float] | None,
        typer.Option(
            metavar="TRAIN VAL TEST",
            help="Shares of the pictures; with --export.  [default: 70 10 20]",
            show_default=False,
        ),
    ] = None,
    least_votes: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Annotators who have to choose a category; with --export.  [default: 1]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Label pictures by hand in a local web page.

    Each person gets a box, any of 26 categories, valence, arousal and dominance, gender and age.
    Labels are of apparent emotion: how a person looks to the annotator. Pictures stay on this
    machine. An answer that the page calls saved is on the disk, in FILE, a SQLite file. Several
    annotators may work at once, or one after the other; FILE knows who said what.

    Prints one line when it listens. Ctrl-C and SIGTERM end it.

    **Examples**

    `emo-tf annotate photos --out answers.sqlite`

    `emo-tf annotate photos --out answers.sqlite --no-detect --browser`

    `emo-tf annotate --agreement --out answers.sqlite`

    `emo-tf annotate photos --export emotic --out answers.sqlite`
    """
    looking = {"--person-detector": person_detector, "--min-face": min_face}
    serving = {"--host": host, "--port": port, "--token-file": token_file, **looking}
    exporting = {"--shares": shares, "--least-votes": least_votes}
    if agreement:
        others = {**serving, **exporting, "--export": export}
        refuse_options(others, expected="no --agreement", received="both")
        print_agreement(out, json)
        return
    refuse_options({"--json": json}, expected="--agreement", received="none")
    if export is not None:
        refuse_options(serving, expected="no --export", received="both")
        folder = _picture_folder(directory, max_pixels=max_pixels)
        export_labels(out, folder, export, shares=shares, least_votes=least_votes)
        return
    refuse_options(exporting, expected="--export", received="none")
    if not detect:
        refuse_options(looking, expected="--detect", received="--no-detect")
    with needing_extra("serve", what="annotate", modules=SERVER_MODULES):
        from emo_tf.annotation.server import serve_desk
        from emo_tf.web.access import read_token
    folder = _picture_folder(directory, max_pixels=max_pixels)
    token = read_token(token_file)
    finder = None
    if detect:
        finder, _ = open_people_finder(person_detector=person_detector, min_face=min_face)

    def say_where(url: str) -> None:
        pictures = counted(len(folder.paths), "picture")
        print(f"Annotating {pictures} of {directory} on {url}, answers go to {out}", flush=True)
        if browser:
            # One in a terminal would keep the server from answering.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

    with AnswerStore.open(out, folder) as store:
        desk = Desk(store, ShownPictures(folder, max_pixels=max_pixels), finder=finder)
        serve_desk(
            desk,
            host=_LOOPBACK if host is None else host,
            port=PORT if port is None else port,
            token=token,
            on_started=say_where,
        )
        people = Counter(answer.person_id for answer in store.answers())
    answers = counted(people.total(), "answer")
    print(f"{out} holds {answers} about {counted(len(people), 'person', 'people')}")


def _picture_folder(directory: Path | None, *, max_pixels: int) -> PictureFolder:
    """Finds the pictures of a folder.

    Raises:
        EmoError: There is none, or none in it.
    """
    if directory is None:
        raise EmoError("DIR: expected a folder with pictures. Received: none")
    sources = expand_sources([str(directory)]) if directory.is_dir() else []
    for source in sources:
        if source.error is not None:
            raise EmoError(source.error)
    return PictureFolder(directory, [source.path for source in sources], max_pixels=max_pixels)
