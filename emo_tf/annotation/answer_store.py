"""The answers of all annotators about the people in a folder of pictures."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from emo_tf.annotation import answer_rows, answer_work
from emo_tf.annotation.annotator_names import checked_name
from emo_tf.annotation.answer import Answer, Skip
from emo_tf.annotation.answer_file import AnswerFile
from emo_tf.annotation.answer_records import DETECTED, ORIGINS, AnnotatedPerson, SavedAnswer
from emo_tf.annotation.known_pictures import bring_up_to_date
from emo_tf.annotation.person_box import box_in_picture, boxes_in_picture
from emo_tf.annotation.picture_folder import PictureEntry, PictureFolder
from emo_tf.errors import EmoError, unknown_name


class AnswerStore:
    """What annotators said, in a `file` that loses nothing that was saved.

    A method that changes something returns once that is on the disk. Nothing is ever deleted:
    people are marked as removed, a box that is moved and an answer that is given again are new
    rows. Threads may share a store, and processes a file. Methods raise `NotFound` of a picture
    (`picture_id`), a person (`person_id`) or an `annotator`, by name, that the file does not hold,
    `NotSaved` where nothing can be written.

    Example:
        >>> store = AnswerStore.open(Path("answers.db"), PictureFolder(album, pictures))
        >>> store.save(person.id, store.add_annotator("Ada"), Skip("seen from behind"))
        1
    """

    def __init__(self, file: AnswerFile):
        self._file = file

    @classmethod
    def open(cls, file: Path, folder: PictureFolder) -> "AnswerStore":
        """Makes a file of answers about a folder, or goes on with one.

        Pictures that are new in the folder come at the end. The folder may have been moved.

        Args:
            file: Where the answers go; an empty file counts as a new one.
            folder: The pictures.

        Raises:
            EmoError: The file is no answers file, of a newer format, cannot be written to, or has
                people in a picture that is not in the folder, or is another one there.
        """
        answers = AnswerFile(file, writable=True)
        try:
            bring_up_to_date(answers, folder)
        except BaseException:
            answers.close()
            raise
        return cls(answers)

    @classmethod
    def read(cls, file: Path) -> "AnswerStore":
        """Opens a file of answers to read it, without its folder.

        Raises:
            EmoError: There is no such file, it is no answers file, or of a newer format.
        """
        return cls(AnswerFile(file, writable=False))

    def close(self) -> None:
        """Ends the work with the file, which then is whole without its `-wal` beside it."""
        self._file.close()

    def __enter__(self) -> "AnswerStore":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def folder_name(self) -> str:
        """The name of the folder of pictures, without what it lies in."""
        with self._file.reading() as connection:
            return answer_rows.folder_name(connection)

    def pictures(self) -> list[PictureEntry]:
        """Returns the pictures that are there, in the order in which they were first seen."""
        with self._file.reading() as connection:
            return answer_rows.pictures(connection)

    def picture(self, picture_id: int) -> PictureEntry:
        """Returns a picture."""
        with self._file.reading() as connection:
            return answer_rows.picture(connection, picture_id)

    def mark_unreadable(self, picture_id: int, error: str) -> None:
        """Keeps the `error`, why a picture's pixels cannot be read, until the file is opened again.

        Nobody is asked about it until then: at opening, only headers are looked at.
        """
        with self._file.writing() as connection:
            answer_rows.picture(connection, picture_id)
            answer_rows.mark_unreadable(connection, picture_id, error)

    def people(self, picture_id: int) -> list[AnnotatedPerson]:
        """Returns the people in a picture, in the order in which they were added."""
        with self._file.reading() as connection:
            answer_rows.picture(connection, picture_id)
            return [person for person, _ in answer_rows.people(connection, picture_id)]

    def people_with_answers(
        self, picture_id: int, annotator: str
    ) -> list[tuple[AnnotatedPerson, Answer | Skip | None]]:
        """Returns the people in a picture, each with what an annotator said last."""
        with self._file.reading() as connection:
            answer_rows.picture(connection, picture_id)
            name = answer_rows.annotator(connection, annotator).name
            return [
                (person, answer_rows.parsed(said[name]) if name in said else None)
                for person, said in answer_rows.people(connection, picture_id)
            ]

    def add_annotator(self, name: str) -> str:
        """Adds an annotator, unless one of that name is known.

        Args:
            name: 1 to 60 characters, with a letter or a digit; names that differ in case or in
                the form of their accents alone are the same.

        Returns:
            The name as it was first given.

        Raises:
            EmoError: The name is empty, too long or not printable.
        """
        name = checked_name(name)
        with self._file.writing() as connection:
            return answer_rows.add_annotator(connection, name)

    def annotators(self) -> list[str]:
        """Returns the names of the annotators in the order in which they came."""
        with self._file.reading() as connection:
            return answer_rows.annotators(connection)

    def add_person(
        self, picture_id: int, box_xywh: Sequence[float], *, origin: str, annotator: str
    ) -> AnnotatedPerson:
        """Adds a person to a picture.

        Args:
            picture_id: The picture.
            box_xywh: Where the person is; what lies outside the picture is cut off.
            origin: `drawn` or `detected`.
            annotator: Who says so.

        Raises:
            EmoError: The box has no area in the picture, or the picture is unreadable.
        """
        if origin not in ORIGINS:
            raise unknown_name("origin", origin, ORIGINS)
        with self._file.writing() as connection:
            picture = answer_rows.readable_picture(connection, picture_id)
            by = answer_rows.annotator(connection, annotator).id
            box = box_in_picture(box_xywh, picture)
            return answer_rows.add_person(connection, picture_id, box, origin=origin, by=by)

    def move_person(
        self, person_id: int, box_xywh: Sequence[float], *, annotator: str
    ) -> AnnotatedPerson:
        """Gives a person another box, `box_xywh` in pixels.

        Raises:
            Taken: Another annotator has answered about this person.
            EmoError: The box has no area in the picture.
        """
        with self._file.writing() as connection:
            by = answer_rows.annotator(connection, annotator)
            picture_id, person = answer_rows.free_person(connection, person_id, by=by)
            box = box_in_picture(box_xywh, answer_rows.picture(connection, picture_id))
            answer_rows.add_box(connection, person_id, box, by=by.id)
            return replace(person, box_xywh=box)

    def remove_person(self, person_id: int, *, annotator: str) -> None:
        """Marks a person as removed; answers about this person stay in the file, untold.

        Raises:
            Taken: Another annotator has answered about this person.
        """
        with self._file.writing() as connection:
            by = answer_rows.annotator(connection, annotator)
            answer_rows.free_person(connection, person_id, by=by)
            answer_rows.remove_person(connection, person_id, by=by.id)

    def detected(self, picture_id: int) -> bool:
        """Returns whether people were looked for in a picture."""
        with self._file.reading() as connection:
            answer_rows.picture(connection, picture_id)
            return answer_rows.is_detected(connection, picture_id)

    def add_detected(
        self, picture_id: int, boxes: Iterable[Sequence[float]]
    ) -> list[AnnotatedPerson]:
        """Adds the people that were found in a picture, once: all of them, or none.

        Args:
            picture_id: The picture.
            boxes: `[x, y, width, height]` of each; those without an area in it are left out.

        Returns:
            The people added; none if people were looked for in it before.

        Raises:
            EmoError: The picture is unreadable.
        """
        with self._file.writing() as connection:
            picture = answer_rows.readable_picture(connection, picture_id)
            if answer_rows.is_detected(connection, picture_id):
                return []
            answer_rows.mark_detected(connection, picture_id)
            return [
                answer_rows.add_person(connection, picture_id, box, origin=DETECTED, by=None)
                for box in boxes_in_picture(boxes, picture)
            ]

    def save(self, person_id: int, annotator: str, answer: Answer | Skip) -> int:
        """Saves an `answer`; it is on the disk once this returns.

        Returns:
            How many times this annotator has answered about this person, this one included.
        """
        with self._file.writing() as connection:
            answer_rows.picture_with(connection, person_id)
            by = answer_rows.annotator(connection, annotator).id
            return answer_rows.add_answer(connection, person_id, answer, by=by)

    def save_nobody(self, picture_id: int, annotator: str) -> None:
        """Saves that an annotator sees nobody in a picture, which is done for them then.

        It counts while the picture has no people.

        Raises:
            EmoError: The picture has people.
        """
        with self._file.writing() as connection:
            answer_rows.picture(connection, picture_id)
            by = answer_rows.annotator(connection, annotator).id
            people = answer_rows.people(connection, picture_id)
            if people:
                raise EmoError(f"picture {picture_id}: expected nobody. Received: {len(people)}")
            answer_rows.add_nobody(connection, picture_id, by=by)

    def answer_of(self, person_id: int, annotator: str) -> Answer | Skip | None:
        """Returns what an annotator said last about a person, `None` where nothing was said."""
        with self._file.reading() as connection:
            picture_id = answer_rows.picture_with(connection, person_id)
        people = self.people_with_answers(picture_id, annotator)
        return next((answer for person, answer in people if person.id == person_id), None)

    def counts(self, annotator: str) -> dict[int, tuple[int, int, bool]]:
        """Returns of each readable picture: how many people it has, about how many of them an
        annotator has answered, and whether nothing is left to do there.
        """
        with self._file.reading() as connection:
            by = answer_rows.annotator(connection, annotator).id
            return answer_work.counts(connection, by)

    def progress(self, annotator: str) -> dict[str, int]:
        """Returns how many `people` there are, how many are `answered`, and how many readable
        `pictures` there are, and in how many nothing is left to do (`pictures_done`).
        """
        people, answered, done = zip((0, 0, 0), *self.counts(annotator).values(), strict=True)
        return {
            "people": sum(people),
            "answered": sum(answered),
            "pictures": len(people) - 1,
            "pictures_done": sum(done),
        }

    def next_person(
        self, annotator: str, *, after: int | None = None
    ) -> tuple[int, int | None] | None:
        """Returns where an annotator goes on: the first person without an answer by them.

        Args:
            annotator: Who.
            after: The person to begin behind; at the end it goes on from the beginning.

        Returns:
            The numbers of the picture and of the person, which is `None` for a picture without
            people of which they did not say so; `None` once all is done.
        """
        with self._file.reading() as connection:
            by = answer_rows.annotator(connection, annotator).id
            return answer_work.next_person(connection, by, after=after)

    def answers(self) -> Iterator[SavedAnswer]:
        """Yields the latest answer of each annotator about each person, in the order of pictures,
        people and annotators, all as they were at one moment."""
        with self._file.reading() as connection:
            found = list(answer_rows.answers(connection))
        yield from found
