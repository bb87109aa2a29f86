"""What annotators said, in EMOTIC's layout: the data set's builder reads it back."""

import hashlib
import math
import os
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from emo_tf.annotation.answer import Answer
from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.annotation.combined_answers import combined_labels, most_told
from emo_tf.annotation.picture_folder import PictureEntry
from emo_tf.corpora.emotic_layout import (
    ANNOTATIONS_PATH,
    PICTURES_FOLDER,
    SPLITS,
    Annotation,
    LabelledPerson,
    LabelledPicture,
    write_annotations,
)
from emo_tf.corpora.pictures import UnreadableError, decode, encode_png
from emo_tf.corpora.report import in_words
from emo_tf.errors import EmoError
from emo_tf.files import new_folder
from emo_tf.runtime.image_io import read_image
from emo_tf.runtime.person_boxes import whole_pixels

SHARES = (70, 10, 20)
"""Of train, val and test, as EMOTIC has them."""

COLLECTION = "annotated"
"""The folder of the pictures, where EMOTIC has `mscoco` and others."""

NOT_LABELLED = "not labelled"
CANNOT_BE_JUDGED = "cannot be judged"
TOO_FEW_VOTES = "no category with enough votes"


@dataclass(frozen=True)
class ExportSummary:
    """What was written.

    Attributes:
        pictures: How many by split.
        people: How many by split.
        left_out: How many people by reason: `NOT_LABELLED`, `CANNOT_BE_JUDGED`, `TOO_FEW_VOTES`.
    """

    pictures: Mapping[str, int]
    people: Mapping[str, int]
    left_out: Mapping[str, int]


def export_emotic(
    store: AnswerStore,
    pictures: Path,
    folder: Path,
    *,
    shares: Sequence[float] = SHARES,
    least_votes: int = 1,
) -> ExportSummary:
    """Writes pictures and labels as EMOTIC has them; the folder appears whole or not at all.

    `emotic/annotated/images/` gets the original pictures, in their folders; one that the builder
    does not read, or does not see as it was annotated, becomes a PNG.
    `Annotations/Annotations.mat` gets the labels. A picture goes to train, val or test by the
    SHA-256 of its content: it stays there when others are added, and copies of it go along.

    A person's labels are combined: the categories that enough annotators chose, the mean of
    valence, arousal and dominance, and the gender and the age that most who could tell chose, left
    open at a tie. In val and test every annotator's labels stand beside the combined ones. Who has
    no answer, who could not be judged by anybody, and who has no category with votes enough (nor as
    many annotators who said that none applies) is left out and counted.

    Args:
        store: The answers file.
        pictures: The folder that its pictures lie in.
        folder: New, or empty.
        shares: Of train, val and test, numbers of any sum; the pictures come near them.
        least_votes: How many annotators have to choose a category; 1 keeps all, as EMOTIC does.

    Raises:
        EmoError: An argument is not so, the folder holds something, nobody is left to write, or a
            picture is missing, cannot be read, or has another size than when it was annotated.
    """
    ends = _ends(shares)
    if least_votes < 1:
        raise EmoError(f"least_votes: expected 1 or more. Received: {least_votes}")
    answers = defaultdict(list)
    for saved in store.answers():
        answers[saved.person_id].append(saved.answer)
    labelled: dict[str, list[LabelledPicture]] = {split: [] for split in SPLITS}
    left_out = Counter()
    with new_folder(folder) as new:
        for entry in store.pictures():
            people = []
            for person in store.people(entry.id):
                found = _labelled(
                    whole_pixels(person.box_xywh, width=entry.width, height=entry.height),
                    answers[person.id],
                    least_votes=least_votes,
                )
                if isinstance(found, LabelledPerson):
                    people.append(found)
                else:
                    left_out[found] += 1
            if people:
                data = _read(Path(pictures) / entry.path)
                written = _write_picture(data, entry, folder=new / PICTURES_FOLDER)
                labelled[SPLITS[bisect(ends, _place(data))]].append(
                    LabelledPicture(
                        folder=written.parent.relative_to(new / PICTURES_FOLDER).as_posix(),
                        filename=written.name,
                        size=(entry.width, entry.height),
                        people=tuple(people),
                    )
                )
        if not any(labelled.values()):
            raise EmoError(
                f"export: expected labelled people. Received: {in_words(left_out) or 'none at all'}"
            )
        write_annotations(new / ANNOTATIONS_PATH, labelled, info=COLLECTION)
    return ExportSummary(
        pictures={split: len(found) for split, found in labelled.items()},
        people={
            split: sum(len(picture.people) for picture in found)
            for split, found in labelled.items()
        },
        left_out=dict(left_out),
    )


def _labelled(
    box_xywh: tuple[int, int, int, int], answers: Sequence[object], *, least_votes: int
) -> LabelledPerson | str:
    """Returns a person as labelled, or why not."""
    if not answers:
        return NOT_LABELLED
    answers = [answer for answer in answers if isinstance(answer, Answer)]
    if not answers:
        return CANNOT_BE_JUDGED
    combined = combined_labels(answers, least_votes=least_votes)
    if combined is None:
        return TOO_FEW_VOTES
    x, y, width, height = box_xywh
    return LabelledPerson(
        box=(x, y, x + width, y + height),
        annotations=tuple(Annotation(answer.categories, answer.vad) for answer in answers),
        combined=combined,
        gender=most_told(answer.gender for answer in answers),
        age=most_told(answer.age for answer in answers),
    )


def _ends(shares: Sequence[float]) -> list[float]:
    """Returns where train and val end, between 0 and 1."""
    usable = len(shares) == len(SPLITS) and all(0 <= share < math.inf for share in shares)
    if not usable or not sum(shares):
        raise EmoError(
            f"shares: expected three numbers from 0, of {', '.join(SPLITS)}, not all of them 0. "
            f"Received: {' '.join(f'{share:g}' for share in shares)}"
        )
    return [end / sum(shares) for end in accumulate(shares)][:-1]


def _place(data: bytes) -> float:
    """Returns a number from 0 to below 1 that the bytes alone decide."""
    return int.from_bytes(hashlib.sha256(data).digest()[:6]) / 2**48


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EmoError(
            f"{path}: expected a picture of the answers file. Received: {error.strerror}"
        ) from error


def _write_picture(data: bytes, entry: PictureEntry, *, folder: Path) -> Path:
    # MATLAB's texts are Unicode; names of files need not be.
    name = os.fsencode(entry.path).decode("utf-8", "replace")
    if _size_for_the_builder(data) != (entry.width, entry.height):
        pixels = read_image(data, name=entry.path)
        height, width = pixels.shape[:2]
        if (width, height) != (entry.width, entry.height):
            raise EmoError(
                f"{entry.path}: expected {entry.width} x {entry.height} pixels, as annotated. "
                f"Received: {width} x {height}"
            )
        data, name = encode_png(pixels), f"{name}.png"
    path = folder / COLLECTION / "images" / name
    while path.exists():
        path = path.with_name(f"_{path.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _size_for_the_builder(data: bytes) -> tuple[int, int] | None:
    try:
        picture = decode(data)
    except UnreadableError:
        return None
    return picture.width, picture.height
