"""Brings what the answers file knows of the pictures up to date with their folder."""

import os
import sqlite3
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from emo_tf.annotation.answer_file import AnswerFile
from emo_tf.annotation.answer_rows import kept_text
from emo_tf.annotation.picture_folder import PictureContent, PictureFolder, PictureStamp
from emo_tf.errors import EmoError


@dataclass(frozen=True)
class _Look:
    """What a look into a picture's file showed, and the stamp that it had before."""

    stamp: PictureStamp | None
    content: PictureContent


def bring_up_to_date(file: AnswerFile, folder: PictureFolder) -> None:
    """Adds new pictures, and marks those that are gone; files that did not change are not read.

    Args:
        file: The answers.
        folder: The pictures as they are now.

    Raises:
        EmoError: There are people in a picture that is gone, or that is another one now.
        NotSaved: The file cannot be written to.
    """
    with file.reading() as connection:
        # What could not be read is tried again: rights change without a trace in the stamp.
        query = "SELECT path, size, mtime_ns FROM picture WHERE error IS NULL"
        known = {path: PictureStamp(*stamp) for path, *stamp in connection.execute(query)}
    looks = {}
    for path in folder.paths:
        stamp = folder.stamp(path)
        if stamp is None or known.get(os.fsencode(path)) != stamp:
            looks[os.fsencode(path)] = _Look(stamp, folder.content(path))
    there = set(map(os.fsencode, folder.paths))
    with file.writing() as connection:
        _check_same(connection, there, looks, file=file.name, directory=folder.directory)
        _save(connection, looks)
        gone = connection.execute("SELECT path, present FROM picture").fetchall()
        changed = [(path in there, path) for path, was in gone if was != (path in there)]
        connection.executemany("UPDATE picture SET present = ? WHERE path = ?", changed)
        connection.execute("DELETE FROM folder")
        connection.execute("INSERT INTO folder VALUES (?)", (os.fsencode(folder.name),))


def _check_same(
    connection: sqlite3.Connection,
    there: Set[bytes],
    looks: Mapping[bytes, _Look],
    *,
    file: str,
    directory: Path,
) -> None:
    """Checks that the pictures that have people are in the folder as they were."""
    strange = []
    for path, sha256 in connection.execute(
        "SELECT path, sha256 FROM picture WHERE EXISTS (SELECT 1 FROM person"
        " WHERE picture_id = picture.id AND removed_at IS NULL) ORDER BY id"
    ):
        if path not in there:
            strange.append(f"{os.fsdecode(path)} is missing")
        elif path in looks and not looks[path].content.sha256:
            strange.append(f"{os.fsdecode(path)} cannot be read")
        elif path in looks and looks[path].content.sha256 != sha256:
            strange.append(f"{os.fsdecode(path)} is another picture")
    if strange:
        others = f" (the first of {len(strange):,} such pictures)" if len(strange) > 1 else ""
        raise EmoError(
            f"{file}: expected the pictures in {directory} in which it has people. "
            f"Received: {strange[0]}{others}. Name their folder, or another file to begin anew"
        )


def _save(connection: sqlite3.Connection, looks: Mapping[bytes, _Look]) -> None:
    connection.executemany(
        "INSERT INTO picture (path, present, size, mtime_ns, sha256, width, height, error)"
        " VALUES (?, TRUE, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET"
        " detected = detected AND sha256 = excluded.sha256, size = excluded.size,"
        " mtime_ns = excluded.mtime_ns, sha256 = excluded.sha256, width = excluded.width,"
        " height = excluded.height, error = excluded.error",
        [(path, *_columns(look)) for path, look in looks.items()],
    )


def _columns(look: _Look) -> tuple:
    size, mtime_ns = (look.stamp.size, look.stamp.mtime_ns) if look.stamp else (None, None)
    content = look.content
    error = content.error and kept_text(content.error)
    return size, mtime_ns, content.sha256, content.width, content.height, error
