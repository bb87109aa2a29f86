"""`emo-tf annotate --export`: the labels in EMOTIC's layout."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.annotation.emotic_export import SHARES, export_emotic
from emo_tf.annotation.picture_folder import PictureFolder
from emo_tf.cli.figure_table import AS_IS, plain_table
from emo_tf.errors import EmoError


def export_labels(
    file: Path,
    pictures: PictureFolder,
    folder: Path,
    *,
    shares: Sequence[float] | None,
    least_votes: int | None,
) -> None:
    """Exports labels and says how many.

    Args:
        file: The answers.
        pictures: What they are about.
        folder: Where they go.
        shares: Of train, val and test; `SHARES` if `None`.
        least_votes: How many annotators have to choose a category; 1 if `None`.

    Raises:
        EmoError: The file or the folder cannot be used; see `export_emotic`.
    """
    if folder.resolve().is_relative_to(pictures.directory.resolve()):
        raise EmoError(
            f"--export: expected a folder outside {pictures.directory}, or its pictures would be "
            f"annotated next time. Received: {folder}"
        )
    AnswerStore.read(file).close()  # says so if there is none; the next line would make one
    with AnswerStore.open(file, pictures) as store:
        summary = export_emotic(
            store,
            pictures.directory,
            folder,
            shares=SHARES if shares is None else shares,
            least_votes=1 if least_votes is None else least_votes,
        )
    console = Console(highlight=False)
    table = plain_table("pictures", "people")
    for split, count in summary.pictures.items():
        table.add_row(split, f"{count:,}", f"{summary.people[split]:,}")
    console.print(table)
    for reason, count in summary.left_out.items():
        console.print(f"Left out: {count:,}, {reason}", **AS_IS)
    console.print(f"Wrote {folder}", **AS_IS)
