"""Verdicts as the group challenges of EmotiW take them: a folder with one text file a picture."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from emo_tf.cli.sources import PictureSource
from emo_tf.cli.wording import counted, some_of
from emo_tf.errors import EmoError, in_place
from emo_tf.files import new_folder
from emo_tf.results import PhotoResult


def plan_submission(
    sources: Sequence[PictureSource], folder: Path, *, drawings: Path | None = None
) -> dict[str, str]:
    """Gives every picture the name of its file: `21_0000333.txt` for `21_0000333.jpg`.

    Args:
        sources: The pictures.
        folder: Where the files go.
        drawings: Where other files go meanwhile.

    Returns:
        File names by the names of the sources.

    Raises:
        EmoError: A picture has no name, or two have one, or other files go into the folder too.
    """
    if drawings and drawings.resolve().is_relative_to(folder.resolve()):
        raise EmoError(
            f"--submission: expected a folder other than that of --draw. Received: {folder}"
        )
    names: dict[str, str] = {}
    paths: dict[str, str] = {}
    for source in sources:
        if source.path is None:
            raise EmoError(
                "--submission: expected pictures with names, by which their files go. "
                f"Received: {source.name}"
            )
        names[source.name] = f"{source.path.stem}.txt"
        # One picture may be named twice; some file systems do not tell A.txt from a.txt.
        path = os.path.abspath(source.name)  # noqa: PTH100
        other = paths.setdefault(source.path.stem.casefold(), path)
        if other != path:
            raise EmoError(
                "--submission: expected pictures of different names, suffixes apart. "
                f"Received: {other} and {path}"
            )
    return names


class Submission:
    """Writes the class of each picture into its file.

    A file holds one word, `Positive`, `Neutral` or `Negative`. Nothing is made up for a picture
    without a verdict: it has no file.

    Args:
        folder: Where the files go.
        names: File names by the names of the pictures.

    Reference:
        Dhall et al. 2018, "EmotiW 2018: Audio-video, student engagement and group-level affect
        prediction"; the form is that of the rules for submissions of that year.
    """

    def __init__(self, folder: Path, names: Mapping[str, str]):
        self._folder = folder
        self._names = names
        self._missing = dict.fromkeys(names)

    def add(self, result: PhotoResult) -> None:
        """Writes the file of one picture, if there is a verdict on it."""
        if result.group:
            label = f"{result.group.label.capitalize()}\n"
            (self._folder / self._names[result.source]).write_text(label, "utf-8")
            self._missing.pop(result.source, None)

    @property
    def written(self) -> int:
        """How many files there are."""
        return len({self._names[name] for name in self._names.keys() - self._missing.keys()})

    def complaints(self) -> list[str]:
        """Returns which pictures have no file, in one line; nothing where each has one."""
        if not self._missing:
            return []
        return [
            f"--submission: no file for {counted(len(self._missing), 'picture')}, as there is no "
            f"verdict on {some_of([*self._missing])}; a model of task group that looks at the "
            "whole picture has one on every picture that can be read"
        ]


@contextmanager
def submission(folder: Path, names: Mapping[str, str]) -> Iterator[Submission]:
    """Makes the folder of a submission, which appears once all is done, or not at all.

    Args:
        folder: A new or empty one.
        names: What `plan_submission` returned.

    Raises:
        EmoError: The folder holds something, or cannot be made.
    """
    with ExitStack() as stack:
        try:
            with in_place("--submission"):
                place = stack.enter_context(new_folder(folder.resolve()))
        except OSError as error:
            raise EmoError(f"--submission: {folder} cannot be made ({error.strerror})") from error
        yield Submission(place, names)
