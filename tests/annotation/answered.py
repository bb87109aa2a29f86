"""People that up to three annotators have answered about."""

from collections.abc import Sequence

from emo_tf.annotation.answer import Answer, Skip
from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.labels import EMOTIC_CATEGORIES
from tests.annotation.albums import BOX

ANNOTATORS = ("Ada", "Bo", "Cleo")


def said(*categories: str, vad=(5, 5, 5), gender: str = "", age: str = "") -> Answer:
    """Returns an answer; without categories it says that none applies."""
    in_order = tuple(name for name in EMOTIC_CATEGORIES if name in categories)
    return Answer(in_order, vad, gender=gender, age=age, none_applies=not categories)


def add_person(
    store: AnswerStore, path: str, *answers: Answer | Skip, box_xywh: Sequence[float] = BOX
) -> int:
    """Adds a person to a picture, with the answers of the first, the second... annotator."""
    annotators = [store.add_annotator(name) for name in ANNOTATORS]
    (picture,) = (entry for entry in store.pictures() if entry.path == path)
    person = store.add_person(picture.id, box_xywh, origin="drawn", annotator=annotators[0])
    for annotator, answer in zip(annotators, answers, strict=False):
        store.save(person.id, annotator, answer)
    return person.id
