"""What an annotator has done and what is left to do; each function works on one connection."""

import sqlite3

from emo_tf.annotation.answer_errors import NotFound

_HAS_ANSWERED = (
    "EXISTS (SELECT 1 FROM answer WHERE person_id = person.id AND annotator_id = :annotator)"
)
_SAW_NOBODY = (
    "EXISTS (SELECT 1 FROM nobody WHERE picture_id = picture.id AND annotator_id = :annotator"
    " AND nobody.sha256 = picture.sha256)"
)
_FROM = (
    " FROM picture LEFT JOIN present_person AS person ON person.picture_id = picture.id"
    " WHERE picture.present AND picture.error IS NULL"
)
_IS_DONE = f"CASE WHEN person.id IS NULL THEN {_SAW_NOBODY} ELSE {_HAS_ANSWERED} END"


def counts(connection: sqlite3.Connection, annotator: int) -> dict[int, tuple[int, int, bool]]:
    """Returns of each readable picture how many people it has, how many an annotator has answered
    about, and whether there is nothing left to do.

    Args:
        connection: Open on the answers file.
        annotator: The annotator's number.
    """
    rows = connection.execute(
        f"SELECT picture.id, COUNT(person.id), SUM(person.id IS NOT NULL AND {_IS_DONE}),"
        f" MIN({_IS_DONE}){_FROM} GROUP BY picture.id",
        {"annotator": annotator},
    )
    return {number: (people, answered, bool(done)) for number, people, answered, done in rows}


def next_person(
    connection: sqlite3.Connection, annotator: int, *, after: int | None
) -> tuple[int, int | None] | None:
    """Returns the numbers of the next picture and person to answer about.

    Args:
        connection: To the file.
        annotator: Whose answers count.
        after: The person to begin behind; at the end it goes on from the beginning.

    Raises:
        NotFound: There is no such person.
    """
    place = (0,)
    if after is not None:
        query = "SELECT picture_id FROM person WHERE id = ?"
        place = connection.execute(query, (after,)).fetchone()
        if place is None:
            raise NotFound(f"after: expected the number of a person. Received: {after}")
    return connection.execute(
        f"SELECT picture.id, person.id{_FROM} AND NOT {_IS_DONE}"
        " ORDER BY (picture.id, IFNULL(person.id, 0)) <= (:picture, :after), picture.id, person.id"
        " LIMIT 1",
        {"annotator": annotator, "picture": place[0], "after": after or 0},
    ).fetchone()
