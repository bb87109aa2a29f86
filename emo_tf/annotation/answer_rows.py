"""Rows of the answers file by what they stand for; each function works on one `connection`.

`picture_id` and `person_id` are numbers of rows in the file, `by` is the annotator who says so, a
number or an `Annotator`; a `box` is `[x, y, width, height]` in pixels of the picture.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from emo_tf.annotation.annotator_names import same_name
from emo_tf.annotation.answer import Answer, Skip, answer_from_dict
from emo_tf.annotation.answer_errors import NotFound, Taken
from emo_tf.annotation.answer_records import AnnotatedPerson, Box, SavedAnswer
from emo_tf.annotation.picture_folder import PictureEntry
from emo_tf.errors import EmoError

_ENTRY = "id, path, width, height, error"


def now() -> str:
    """Returns the time in UTC as the file keeps it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def kept_text(text: str) -> str:
    """Returns a text as SQLite can keep it: bytes of names that are no UTF-8 are spelt out."""
    return text.encode("utf-8", "backslashreplace").decode()


class Annotator(NamedTuple):
    """An annotator's number, `id`, and `name` as it was first given."""

    id: int
    name: str


def folder_name(connection: sqlite3.Connection) -> str:
    """Returns the name of the folder of pictures."""
    return os.fsdecode(connection.execute("SELECT name FROM folder").fetchone()[0])


def pictures(connection: sqlite3.Connection) -> list[PictureEntry]:
    """Returns the pictures that are there."""
    rows = connection.execute(f"SELECT {_ENTRY} FROM picture WHERE present ORDER BY id")
    return [_entry(row) for row in rows]


def picture(connection: sqlite3.Connection, picture_id: int) -> PictureEntry:
    """Returns a picture that is there.

    Raises:
        NotFound: There is none of that number.
    """
    query = f"SELECT {_ENTRY} FROM picture WHERE present AND id = ?"
    row = connection.execute(query, (picture_id,)).fetchone()
    if row is None:
        raise NotFound(f"picture: expected the number of one. Received: {picture_id}")
    return _entry(row)


def readable_picture(connection: sqlite3.Connection, picture_id: int) -> PictureEntry:
    """Returns a picture in which people can be seen.

    Raises:
        NotFound: There is none of that number.
        EmoError: It is unreadable.
    """
    found = picture(connection, picture_id)
    if found.error is not None:
        raise EmoError(
            f"picture {picture_id}: expected one that can be read. Received: {found.error}"
        )
    return found


def mark_unreadable(connection: sqlite3.Connection, picture_id: int, error: str) -> None:
    """Keeps the `error`, a sentence: why a picture cannot be read."""
    query = "UPDATE picture SET error = ? WHERE id = ?"
    connection.execute(query, (kept_text(error), picture_id))


def is_detected(connection: sqlite3.Connection, picture_id: int) -> bool:
    """Returns whether people were looked for in a picture."""
    query = "SELECT detected FROM picture WHERE id = ?"
    return bool(connection.execute(query, (picture_id,)).fetchone()[0])


def mark_detected(connection: sqlite3.Connection, picture_id: int) -> None:
    """Says that people were looked for in a picture."""
    connection.execute("UPDATE picture SET detected = TRUE WHERE id = ?", (picture_id,))


def add_nobody(connection: sqlite3.Connection, picture_id: int, *, by: int) -> None:
    """Says that an annotator sees nobody in a picture, as it is now."""
    connection.execute(
        "INSERT INTO nobody SELECT id, ?, sha256, ? FROM picture WHERE id = ?"
        " ON CONFLICT DO NOTHING",
        (by, now(), picture_id),
    )


def annotators(connection: sqlite3.Connection) -> list[str]:
    """Returns the names of all annotators."""
    return [name for (name,) in connection.execute("SELECT name FROM annotator ORDER BY id")]


def annotator(connection: sqlite3.Connection, name: str) -> Annotator:
    """Returns the annotator whose name is the same as `name`.

    Raises:
        NotFound: There is none of that name.
    """
    # Half a character can be in no text that SQLite keeps, but in a name that is asked for.
    key = same_name(name).encode("utf-8", "surrogatepass")
    query = "SELECT id, name FROM annotator WHERE same_name = CAST(? AS TEXT)"
    row = connection.execute(query, (key,)).fetchone()
    if row is None:
        raise NotFound(f"annotator: expected one who was added. Received: {name!r}")
    return Annotator(*row)


def add_annotator(connection: sqlite3.Connection, name: str) -> str:
    """Adds an annotator unless there is one of the same `name`; returns it as it was first."""
    connection.execute(
        "INSERT INTO annotator (name, same_name, added_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (name, same_name(name), now()),
    )
    return annotator(connection, name).name


def people(
    connection: sqlite3.Connection, picture_id: int
) -> list[tuple[AnnotatedPerson, dict[str, str]]]:
    """Returns the people in a picture, each with the latest answers by annotator, as JSON."""
    rows = connection.execute(
        "SELECT person.id, x, y, width, height, origin, name, content FROM present_person AS person"
        " JOIN latest_box ON latest_box.person_id = person.id"
        " LEFT JOIN latest_answer ON latest_answer.person_id = person.id"
        " LEFT JOIN annotator ON annotator.id = annotator_id"
        " WHERE picture_id = ? ORDER BY person.id, annotator.id",
        (picture_id,),
    )
    places, answers = {}, {}
    for number, *box, origin, name, content in rows:
        places[number] = tuple(box), origin
        said = answers.setdefault(number, {})
        if name is not None:
            said[name] = content
    return [
        (AnnotatedPerson(number, *place, tuple(answers[number])), answers[number])
        for number, place in places.items()
    ]


def picture_with(connection: sqlite3.Connection, person_id: int) -> int:
    """Returns the number of the picture that a person is in.

    Raises:
        NotFound: There is none of that number, or not any more.
    """
    query = "SELECT picture_id FROM present_person WHERE id = ?"
    row = connection.execute(query, (person_id,)).fetchone()
    if row is None:
        removed = connection.execute("SELECT 1 FROM person WHERE id = ?", (person_id,)).fetchone()
        received = f"{person_id}, who was removed" if removed else person_id
        raise NotFound(f"person: expected the number of one. Received: {received}")
    return row[0]


def free_person(
    connection: sqlite3.Connection, person_id: int, *, by: Annotator
) -> tuple[int, AnnotatedPerson]:
    """Returns a person whose box an annotator may change, after the number of the picture.

    Raises:
        NotFound: There is no such person.
        Taken: Another annotator has answered about this person.
    """
    picture_id = picture_with(connection, person_id)
    found = next(one for one, _ in people(connection, picture_id) if one.id == person_id)
    others = [name for name in found.answered_by if name != by.name]
    if others:
        raise Taken(
            f"person {person_id}: expected one about whom nobody else has answered. "
            f"Received: one about whom {len(others)} did"
        )
    return picture_id, found


def add_person(
    connection: sqlite3.Connection, picture_id: int, box: Box, *, origin: str, by: int | None
) -> AnnotatedPerson:
    """Adds a person; `origin` says who found them: an annotator, `by`, or a detector."""
    query = "INSERT INTO person (picture_id, origin) VALUES (?, ?)"
    person_id = connection.execute(query, (picture_id, origin)).lastrowid
    add_box(connection, person_id, box, by=by)
    return AnnotatedPerson(person_id, box, origin)


def add_box(connection: sqlite3.Connection, person_id: int, box: Box, *, by: int | None) -> None:
    """Adds a box, which is the person's from now on."""
    connection.execute(
        "INSERT INTO box (person_id, x, y, width, height, annotator_id, saved_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (person_id, *box, by, now()),
    )


def remove_person(connection: sqlite3.Connection, person_id: int, *, by: int) -> None:
    """Marks a person as removed."""
    connection.execute(
        "UPDATE person SET removed_at = ?, removed_by = ? WHERE id = ?", (now(), by, person_id)
    )


def add_answer(
    connection: sqlite3.Connection, person_id: int, answer: Answer | Skip, *, by: int
) -> int:
    """Adds an `answer` and returns its revision."""
    query = "SELECT COUNT(*) FROM answer WHERE person_id = ? AND annotator_id = ?"
    revision = connection.execute(query, (person_id, by)).fetchone()[0] + 1
    connection.execute(
        "INSERT INTO answer (person_id, annotator_id, revision, content, saved_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (person_id, by, revision, json.dumps(answer.to_dict()), now()),
    )
    return revision


def answers(connection: sqlite3.Connection) -> Iterator[SavedAnswer]:
    """Yields the latest answer of each person and annotator."""
    for path, person_id, *box, name, content, saved_at in connection.execute(
        "SELECT path, person.id, x, y, latest_box.width, latest_box.height, name, content, saved_at"
        " FROM present_person AS person JOIN picture ON picture.id = picture_id"
        " JOIN latest_box ON latest_box.person_id = person.id"
        " JOIN latest_answer ON latest_answer.person_id = person.id"
        " JOIN annotator ON annotator.id = annotator_id"
        " ORDER BY picture.id, person.id, annotator.id"
    ):
        answer = parsed(content)
        yield SavedAnswer(os.fsdecode(path), person_id, tuple(box), name, answer, saved_at)


def parsed(content: str) -> Answer | Skip:
    """Returns the answer that JSON in the file stands for."""
    return answer_from_dict(json.loads(content))


def _entry(row: tuple) -> PictureEntry:
    picture_id, path, *rest = row
    return PictureEntry(picture_id, os.fsdecode(path), *rest)
