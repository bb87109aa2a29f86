"""The answers file as SQLite sees it: connections, transactions, and whether it is ours."""

import contextlib
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from emo_tf.annotation.answer_errors import NotSaved
from emo_tf.annotation.answer_schema import APPLICATION_ID, FORMAT, TABLES
from emo_tf.errors import EmoError

_PATIENCE_S = 20.0
_SETTINGS = ("PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL")
_EXPECTED = "a new file, or one that `emo-tf annotate` made"


class AnswerFile:
    """A SQLite file in which what was committed stays, whatever happens to program and machine.

    It is written ahead (WAL) and flushed to the disk at each commit. Several threads, and several
    processes, may use it at once.

    Args:
        path: The file. It is made, with the folders on the way, if it may be written to.
        writable: Whether it is to be written to; else it has to be there.

    Raises:
        EmoError: No such file, another program's, one of a newer format, or one that cannot be
            opened.
    """

    def __init__(self, path: Path, *, writable: bool):
        self.path = Path(path).absolute()
        self.name = str(path)
        self._writable = writable
        self._idle: deque[sqlite3.Connection] = deque()
        # SQLite lets writers of one process starve each other; a lock lets each have its turn.
        self._writing = threading.Lock()
        try:
            if writable:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = self._connect("mode=rwc") if writable else self._connect_to_read()
            try:
                connection.execute("BEGIN")  # one state of a file that others may begin meanwhile
                self._check(connection)
                connection.execute("COMMIT")
                if writable:
                    self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._inode = self._inode_now()
        except (OSError, sqlite3.Error) as error:
            raise EmoError(f"{self.name}: {self._problem(error)}") from error
        self._idle.append(connection)

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yields a connection, on which one statement sees one state of the file.

        Raises:
            EmoError: The file cannot be read.
        """
        try:
            with self._lent() as connection:
                yield connection
        except sqlite3.Error as error:
            raise EmoError(f"{self.name}: expected answers to read. Received: {error}") from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yields a connection within a transaction that is on the disk once the block has ended.

        Raises:
            NotSaved: The disk refused, the file is gone, or another process holds it for long.
        """
        try:
            with self._writing, self._lent() as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                self._check_there()
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise NotSaved(f"{self.name}: expected to save. Received: {error}") from error

    def close(self) -> None:
        """Ends the connections, the last of which puts what was written ahead in its place."""
        while self._idle:
            self._idle.pop().close()

    @contextlib.contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect("mode=rw") if self._writable else self._connect_to_read()
        try:
            yield connection
        except BaseException:
            connection.close()  # which rolls back
            raise
        self._idle.append(connection)

    def _connect(self, options: str, *statements: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?{options}",
            uri=True,
            timeout=_PATIENCE_S,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            for statement in (*_SETTINGS, *statements):
                connection.execute(statement)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect_to_read(self) -> sqlite3.Connection:
        # SQLite makes its `-wal` and `-shm` to read too, and only if it may write takes them away.
        try:
            return self._connect("mode=rw", "PRAGMA query_only = TRUE")
        except sqlite3.OperationalError:
            if self.path.with_name(f"{self.path.name}-wal").exists():
                raise
            return self._connect("mode=ro&immutable=1")  # in a place that is read-only

    def _check(self, connection: sqlite3.Connection) -> None:
        """Checks that the file is ours, or holds nothing yet."""
        expected = f"{self.name}: expected {_EXPECTED}. Received:"
        application, version = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )
        if application == APPLICATION_ID:
            if version > FORMAT:
                raise EmoError(
                    f"{self.name}: expected answers of format {FORMAT} or older. Received: "
                    f"format {version}, which a newer version of emo-tf wrote"
                )
            return
        (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if application or version or tables:
            raise EmoError(f"{expected} a SQLite file of another program")
        if not self._writable:
            raise EmoError(f"{expected} a file without answers")

    def _prepare(self, connection: sqlite3.Connection) -> None:
        _write_ahead(connection)
        connection.execute("BEGIN IMMEDIATE")
        self._check(connection)  # again, now that nobody else writes
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")

    def _inode_now(self) -> tuple[int, int]:
        state = self.path.stat()
        return state.st_dev, state.st_ino

    def _check_there(self) -> None:
        """Checks that the name still stands for the file: SQLite would write to a deleted one."""
        try:
            same = self._inode_now() == self._inode
        except OSError:
            same = False
        if not same:
            raise NotSaved(
                f"{self.name}: expected the file in its place. Received: none or another"
            )

    def _problem(self, error: OSError | sqlite3.Error) -> str:
        # Path would raise where the system refuses the name.
        if os.path.isdir(self.path):  # noqa: PTH112
            return f"expected {_EXPECTED}. Received: a folder"
        if not self._writable and not os.path.lexists(self.path):
            return f"expected {_EXPECTED}. Received: no such file"
        if "not a database" in str(error):
            return f"expected {_EXPECTED}. Received: a file of another kind"
        use = "written" if self._writable else "read"
        problem = getattr(error, "strerror", None) or error
        return f"expected a file that can be {use}. Received: {problem}"


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Has a file written ahead; SQLite itself does not wait here for others that look at it."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # The first byte is the kind of error, the others say more of it.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)
