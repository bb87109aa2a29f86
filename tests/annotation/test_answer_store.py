"""Annotators, people and answers, and what is left to do."""

from datetime import UTC, datetime, timedelta

import pytest

from emo_tf.annotation.answer import Skip
from emo_tf.annotation.answer_errors import NotFound, Taken
from emo_tf.annotation.answer_records import AnnotatedPerson
from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.annotation.picture_folder import PictureEntry
from emo_tf.errors import EmoError
from tests.annotation.albums import BOX, HAPPY, HEIGHT, SAD, WIDTH


@pytest.fixture
def draw(store):
    """Adds a person: `draw(picture, annotator)`."""

    def add(picture: int = 1, annotator: str = "Ada", box=BOX) -> AnnotatedPerson:
        store.add_annotator(annotator)
        return store.add_person(picture, box, origin="drawn", annotator=annotator)

    return add


def said(store: AnswerStore) -> list[tuple]:
    return [(one.picture, one.person_id, one.annotator, one.answer) for one in store.answers()]


def test_the_pictures_are_listed_with_their_sizes(store):
    names = ["a.png", "b.png", "c.png"]
    expected = [PictureEntry(i, name, WIDTH, HEIGHT) for i, name in enumerate(names, start=1)]
    assert store.pictures() == expected
    assert store.picture(2) == expected[1]
    assert store.folder_name == "album"


def test_an_annotator_comes_back_under_the_first_spelling(store):
    assert store.add_annotator(" Zoë ") == "Zoë"
    assert store.add_annotator("Ada") == "Ada"
    assert store.add_annotator("ZOE\u0308") == "Zoë"
    assert store.annotators() == ["Zoë", "Ada"]


def test_a_person_is_where_the_box_was_drawn(store, draw):
    person = draw(2)
    assert person == AnnotatedPerson(person.id, BOX, "drawn")
    assert store.people(2) == [person]
    assert store.people(1) == []


@pytest.mark.parametrize(
    ("box", "kept"),
    [
        ((0, 0, WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT)),
        ((-5, -5, 15.5, 100), (0, 0, 10.5, HEIGHT)),
        ((60, 40, 50, 50), (60, 40, 4, 8)),
        ((-1e308, 0, 1e308, 10), None),
        ((0, 0, 1e308, 10), (0, 0, WIDTH, 10)),
    ],
    ids=["all of it", "over the left edge", "over the right edge", "far out", "endless"],
)
def test_what_lies_outside_the_picture_is_cut_off(draw, box, kept):
    if kept is None:
        with pytest.raises(EmoError, match="box_xywh: expected a box with an area in the picture"):
            draw(box=box)
    else:
        assert draw(box=box).box_xywh == kept


@pytest.mark.parametrize(
    "box",
    [
        *((WIDTH, 0, 10, 10), (-10, 0, 10, 10), (5, 5, 0, 10), (5, 5, -3, 10)),
        *((5, 5, float("nan"), 9), (5, 5, float("inf"), 9), (5, 5, 9), (5, 5, 9, 9, 9)),
        *(("5", "x", 9, 9), (5, 5, None, 9), (5, 5, 10**400, 9), (1e308, 0, 1e308, 9), 5, None),
    ],
    ids=[
        *("right of it", "left of it", "no width", "negative width"),
        *("not a number", "infinite", "three numbers", "five numbers"),
        *("text", "nothing in it", "a huge number", "beyond all numbers", "one number", "nothing"),
    ],
)
def test_a_box_without_an_area_in_the_picture_is_refused(store, draw, box):
    person = draw()
    with pytest.raises(EmoError, match="box_xywh: expected"):
        draw(box=box)
    with pytest.raises(EmoError, match="box_xywh: expected"):
        store.move_person(person.id, box, annotator="Ada")
    assert store.people(1) == [person]


def test_the_origin_of_a_person_is_drawn_or_detected(store, draw):
    draw()
    with pytest.raises(EmoError, match="Unknown origin: did you mean drawn"):
        store.add_person(1, BOX, origin="draw", annotator="Ada")


def test_people_are_detected_once_and_those_outside_the_picture_left_out(store):
    assert not store.detected(1)
    found = store.add_detected(1, [BOX, (WIDTH + 1, 0, 5, 5), (50, 40, 99, 99)])
    assert [person.box_xywh for person in found] == [BOX, (50, 40, 14, 8)]
    assert {person.origin for person in found} == {"detected"}
    assert store.detected(1)
    assert not store.detected(2)
    assert store.add_detected(1, [BOX]) == []
    assert store.people(1) == found


def test_a_picture_in_which_nobody_was_detected_is_not_looked_at_again(store):
    assert store.add_detected(1, []) == []
    assert store.detected(1)


def test_a_detection_that_breaks_adds_nobody(store):
    def boxes():
        yield BOX
        raise KeyError("detector")

    with pytest.raises(KeyError):
        store.add_detected(1, boxes())
    assert not store.detected(1)
    assert store.people(1) == []


def test_an_answer_is_told_as_it_was_given_and_the_latest_counts(store, draw):
    person = draw()
    assert store.answer_of(person.id, "Ada") is None
    revisions = [store.save(person.id, "ada", answer) for answer in (HAPPY, Skip("dark"), SAD)]
    assert revisions == [1, 2, 3]
    assert store.answer_of(person.id, "ADA") == SAD
    assert said(store) == [("a.png", person.id, "Ada", SAD)]


def test_answers_are_those_of_each_annotator(store, draw):
    person = draw()
    store.add_annotator("Bo")
    assert store.save(person.id, "Bo", SAD) == 1
    assert store.answer_of(person.id, "Ada") is None
    assert store.save(person.id, "Ada", HAPPY) == 1
    assert store.people(1)[0].answered_by == ("Ada", "Bo")
    assert store.people_with_answers(1, "bo") == [(store.people(1)[0], SAD)]
    assert said(store) == [("a.png", person.id, "Ada", HAPPY), ("a.png", person.id, "Bo", SAD)]


def test_answers_come_in_the_order_of_pictures_and_people_with_their_boxes(store, draw):
    last, first, second = draw(2), draw(1), draw(1, box=(0, 0, 5, 5))
    before = datetime.now(UTC)
    for person in (second, last, first):
        store.save(person.id, "Ada", HAPPY)
    saved = list(store.answers())
    assert [one.person_id for one in saved] == [first.id, second.id, last.id]
    assert [one.box_xywh for one in saved] == [BOX, (0, 0, 5, 5), BOX]
    times = [datetime.fromisoformat(one.saved_at) for one in saved]
    assert all(abs(time - before) < timedelta(minutes=1) for time in times)


def test_a_moved_box_counts_from_then_on(store, draw):
    person = draw()
    store.save(person.id, "Ada", HAPPY)
    moved = store.move_person(person.id, (1, 2, 3, 4), annotator="ada")
    assert moved == AnnotatedPerson(person.id, (1, 2, 3, 4), "drawn", ("Ada",))
    assert store.people(1) == [moved]
    assert [one.box_xywh for one in store.answers()] == [(1, 2, 3, 4)]


def test_a_removed_person_is_told_no_more(store, draw):
    person, other = draw(), draw()
    store.save(person.id, "Ada", HAPPY)
    store.remove_person(person.id, annotator="Ada")
    assert store.people(1) == [other]
    assert said(store) == []
    with pytest.raises(NotFound, match=f"person: .* Received: {person.id}, who was removed"):
        store.save(person.id, "Ada", HAPPY)


def test_a_box_stays_once_another_annotator_has_answered(store, draw):
    person = draw()
    store.add_annotator("Bo")
    store.move_person(person.id, (1, 1, 9, 9), annotator="Bo")
    store.save(person.id, "Bo", Skip(""))
    with pytest.raises(Taken, match=f"person {person.id}: expected one about whom nobody else"):
        store.move_person(person.id, BOX, annotator="Ada")
    with pytest.raises(Taken):
        store.remove_person(person.id, annotator="Ada")
    assert store.people(1)[0].box_xywh == (1, 1, 9, 9)
    store.remove_person(person.id, annotator="Bo")
    assert store.people(1) == []


PERSON = {"origin": "drawn", "annotator": "Ada"}


@pytest.mark.parametrize(
    ("method", "arguments", "options", "what"),
    [
        ("picture", [9], {}, "picture: .* Received: 9"),
        ("people", [9], {}, "picture"),
        ("people_with_answers", [9, "Ada"], {}, "picture"),
        ("people_with_answers", [1, "Bo"], {}, "annotator: .* Received: 'Bo'"),
        ("detected", [9], {}, "picture"),
        ("add_detected", [9, []], {}, "picture"),
        ("save_nobody", [9, "Ada"], {}, "picture"),
        ("save_nobody", [2, "Bo"], {}, "annotator"),
        ("add_person", [9, BOX], PERSON, "picture"),
        ("add_person", [1, BOX], PERSON | {"annotator": "Bo"}, "annotator"),
        ("move_person", [9, BOX], {"annotator": "Ada"}, "person: .* Received: 9"),
        ("move_person", [1, BOX], {"annotator": "Bo"}, "annotator"),
        ("remove_person", [9], {"annotator": "Ada"}, "person"),
        ("remove_person", [1], {"annotator": "Bo"}, "annotator"),
        ("save", [9, "Ada", HAPPY], {}, "person"),
        ("save", [1, "Bo", HAPPY], {}, "annotator"),
        ("save", [1, "\ud800", HAPPY], {}, "annotator"),
        ("answer_of", [9, "Ada"], {}, "person"),
        ("answer_of", [1, "Bo"], {}, "annotator"),
        ("progress", ["Bo"], {}, "annotator"),
        ("next_person", ["Bo"], {}, "annotator"),
        ("next_person", ["Ada"], {"after": 9}, "after: .* Received: 9"),
    ],
    ids=lambda value: value.partition(":")[0] if isinstance(value, str) else "",
)
def test_what_the_file_does_not_hold_is_not_found(store, draw, method, arguments, options, what):
    draw()
    with pytest.raises(NotFound, match=what):
        getattr(store, method)(*arguments, **options)
    assert (store.annotators(), len(store.people(1)), said(store)) == (["Ada"], 1, [])


def test_work_goes_through_pictures_and_people_and_begins_anew_at_the_end(store, draw):
    first, second = draw(1), draw(1)
    third = draw(3)
    store.save_nobody(2, "Ada")
    assert store.next_person("Ada") == (1, first.id)
    assert store.next_person("Ada", after=first.id) == (1, second.id)
    assert store.next_person("Ada", after=second.id) == (3, third.id)
    assert store.next_person("Ada", after=third.id) == (1, first.id)
    store.save(first.id, "Ada", HAPPY)
    store.remove_person(third.id, annotator="Ada")
    assert store.next_person("Ada", after=second.id) == (3, None)
    assert store.next_person("Ada", after=third.id) == (1, second.id)


def test_work_is_done_when_everybody_has_an_answer_or_nobody_is_there(store, draw):
    person = draw(2)
    assert store.next_person("Ada") == (1, None)
    store.save_nobody(1, "Ada")
    store.save_nobody(1, "Ada")
    assert store.next_person("Ada") == (2, person.id)
    store.save(person.id, "Ada", Skip(""))
    store.save_nobody(3, "Ada")
    assert store.next_person("Ada") is None
    assert store.next_person("Ada", after=person.id) is None
    store.add_annotator("Bo")
    assert store.next_person("Bo") == (1, None)


def test_a_picture_with_people_does_not_hold_nobody(store, draw):
    person = draw()
    with pytest.raises(EmoError, match=r"picture 1: expected nobody. Received: 1"):
        store.save_nobody(1, "Ada")
    store.remove_person(person.id, annotator="Ada")
    store.save_nobody(1, "Ada")
    assert store.counts("Ada")[1] == (0, 0, True)
    draw()
    assert store.counts("Ada")[1] == (1, 0, False)


def test_progress_counts_people_and_pictures(store, draw):
    people = [draw(1), draw(1), draw(2)]
    store.add_annotator("Bo")
    store.save(people[2].id, "Bo", HAPPY)
    for person in (people[0], people[2]):
        store.save(person.id, "Ada", HAPPY)
    assert store.counts("Ada") == {1: (2, 1, False), 2: (1, 1, True), 3: (0, 0, False)}
    expected = {"people": 3, "answered": 2, "pictures": 3, "pictures_done": 1}
    assert store.progress("Ada") == expected
    assert store.progress("Bo") == expected | {"answered": 1}
