"""What an annotator has before them: the labels, the pictures and the people in these."""

import sys
import threading

import emo_tf
from emo_tf.annotation.annotator_names import same_name
from emo_tf.annotation.answer import Answer, Skip
from emo_tf.annotation.answer_errors import NotFound
from emo_tf.annotation.answer_records import AnnotatedPerson
from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.annotation.picture_folder import PictureEntry
from emo_tf.annotation.shown_pictures import ShownPicture, ShownPictures
from emo_tf.errors import EmoError
from emo_tf.labels import (
    EMOTIC_AGE_YEARS,
    EMOTIC_AGES,
    EMOTIC_DEFINITIONS,
    EMOTIC_GENDERS,
    VAD_DEFINITIONS,
)
from emo_tf.runtime.people_finder import PeopleFinder


class Desk:
    """Lays out for the page what the answers file and the folder hold.

    Args:
        store: The answers file.
        pictures: Reads the pictures of its folder.
        finder: Finds people in pictures that are opened for the first time; `None` for nobody.

    Attributes:
        store: As given.
    """

    def __init__(self, store: AnswerStore, pictures: ShownPictures, *, finder: PeopleFinder | None):
        self.store = store
        self._pictures = pictures
        self._finder = finder
        self._finding = threading.Lock()
        self._not_searchable: set[int] = set()

    def project(self) -> dict:
        """Returns what is annotated, by whom, and the labels to choose from."""
        return {
            "folder": self.store.folder_name,
            "pictures": len(self.store.pictures()),
            "annotators": self.store.annotators(),
            "categories": [
                {"name": name, "definition": text} for name, text in EMOTIC_DEFINITIONS.items()
            ],
            "dimensions": [
                {"name": name, **scale._asdict()} for name, scale in VAD_DEFINITIONS.items()
            ],
            "genders": list(EMOTIC_GENDERS),
            "ages": [{"name": name, "years": EMOTIC_AGE_YEARS[name]} for name in EMOTIC_AGES],
            "detects": self._finder is not None,
            "version": emo_tf.__version__,
        }

    def listing(self, annotator: str) -> list[dict]:
        """Returns all pictures with how many people they have and what an annotator has done.

        Raises:
            NotFound: There is no such annotator.
        """
        counts = self.store.counts(annotator)
        listed = []
        for entry in self.store.pictures():
            people, answered, done = counts.get(entry.id, (0, 0, True))
            work = {"people": people, "answered": answered, "done": done}
            listed.append(_described(entry, entry.error) | work)
        return listed

    def open_picture(self, picture_id: int, annotator: str) -> dict:
        """Returns a picture with its people, who are looked for when it is opened first.

        Args:
            picture_id: Its number.
            annotator: Whose answers are told; those of others are not.

        Raises:
            NotFound: There is no such picture or annotator.
        """
        entry = self.store.picture(picture_id)
        try:
            self._pictures.show(entry)
        except EmoError as error:
            problem = str(error)
            if entry.error is None:
                self.store.mark_unreadable(picture_id, problem)
        else:
            problem = None
            self._find_people(entry)
        people = self.store.people_with_answers(picture_id, annotator)
        return {
            **_described(entry, problem),
            "people": [_person(person, answer, annotator) for person, answer in people],
        }

    def person(self, person: AnnotatedPerson, annotator: str) -> dict:
        """Returns a person as in `open_picture`.

        Args:
            person: The person.
            annotator: Whose answer comes with the person, by name.
        """
        return _person(person, self.store.answer_of(person.id, annotator), annotator)

    def shown(self, picture_id: int) -> ShownPicture:
        """Returns a picture to look at.

        Raises:
            NotFound: There is no such picture, or it cannot be read.
        """
        try:
            return self._pictures.show(self.store.picture(picture_id))
        except EmoError as error:
            raise NotFound(str(error)) from error

    def _find_people(self, entry: PictureEntry) -> None:
        """Has people looked for in a picture in which nobody has looked for them yet."""
        if self._finder is None or self.store.detected(entry.id):
            return
        with self._finding:  # its networks serve one thread
            if entry.id in self._not_searchable or self.store.detected(entry.id):
                return
            try:
                found = self._finder.find(self._pictures.read(entry))
            except Exception as error:  # whatever it is, people can be drawn by hand
                self._not_searchable.add(entry.id)
                print(f"emo-tf: {entry.path}: people were not looked for: {error}", file=sys.stderr)
            else:
                self.store.add_detected(entry.id, [person.box_xywh for person in found])


def _described(entry: PictureEntry, problem: str | None) -> dict:
    return {
        "id": entry.id,
        "path": entry.path,
        "width": entry.width,
        "height": entry.height,
        "error": problem,
    }


def _person(person: AnnotatedPerson, answer: Answer | Skip | None, annotator: str) -> dict:
    others = {name for name in person.answered_by if same_name(name) != same_name(annotator)}
    return {
        "id": person.id,
        "box_xywh": list(person.box_xywh),
        "origin": person.origin,
        "locked": bool(others),
        "answer": answer and answer.to_dict(),
    }
