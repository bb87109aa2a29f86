"""What a pipeline remembers of its steps, in `RUN/pipeline.json`."""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.folder import FORMAT_VERSION, read_json
from emo_tf.files import replace_whole
from emo_tf.pipeline.step import SAME

FILE = "pipeline.json"
LOCK = ".pipeline.lock"


@dataclass(frozen=True, kw_only=True)
class Record:
    """What a step was started with and what it left.

    Attributes:
        arguments: Its command line.
        package: Version of the package.
        inputs: Digests of what it read, by name; `None` for what was not there.
        outputs: Digests of what it left, by name; `None` where it did not end well.
    """

    arguments: tuple[str, ...]
    package: str
    inputs: Mapping[str, str | None]
    outputs: Mapping[str, str | None] | None = None

    def new_to(self, before: "Record") -> str | None:
        """Returns what has changed for the step since a record; `None` if nothing has."""
        if self.arguments != before.arguments:
            return "its command changed"
        if self.package != before.package:
            return f"emo_tf is {self.package}, was {before.package}"
        return difference(self.inputs, before.inputs)


def difference(now: Mapping[str, str | None], before: Mapping[str, str | None]) -> str | None:
    """Returns the first thing whose digest is another, and how; `None` if there is none.

    Args:
        now: Digests by name; `None` for what is not there.
        before: The same, as they were.
    """
    for name, digest in now.items():
        earlier = before.get(name)
        if digest not in (SAME, earlier):
            how = "was removed" if digest is None else "is new" if earlier is None else "changed"
            return f"{name} {how}"
    return None


class Records:
    """The records of all steps of a run, by the name of the step.

    The file is written whole after every change.

    Args:
        run_dir: Folder of the run.

    Raises:
        EmoError: The file is damaged or of a later format. Nothing is guessed then: a step could
            be taken for done that is not.
    """

    def __init__(self, run_dir: Path):
        self._path = Path(run_dir) / FILE
        self._records: dict[str, Record] = {}
        if self._path.exists():
            self._records = self._read()

    def get(self, name: str) -> Record | None:
        """Returns the record of a step, if it was ever started."""
        return self._records.get(name)

    def put(self, name: str, record: Record) -> None:
        """Remembers a step.

        Args:
            name: The step's name.
            record: What it was run on, and what it made.
        """
        self._records[name] = record
        steps = {name: asdict(record) for name, record in self._records.items()}
        text = json.dumps({"format": FORMAT_VERSION, "steps": steps}, indent=1)
        with replace_whole(self._path) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")

    def _read(self) -> dict[str, Record]:
        values = read_json(self._path.parent, FILE, kind="the run of a pipeline")
        try:
            return {name: _record(values_of) for name, values_of in values["steps"].items()}
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise EmoError(
                f"{self._path}: expected what a pipeline wrote; without the file every step runs "
                f"again. Received: {type(error).__name__}: {error}"
            ) from error


def _record(values: Mapping[str, object]) -> Record:
    record = Record(**{**values, "arguments": tuple(values["arguments"])})
    for digests in (record.inputs, record.outputs or {}):
        if not all(one is None or isinstance(one, str) for one in digests.values()):
            raise ValueError("a digest that is no text")
    return record


@contextmanager
def only_one(run_dir: Path) -> Iterator[int]:
    """Lets one pipeline at a time work on a run.

    Yields:
        The descriptor of the lock. A process that inherits it holds the lock as long as it lives.

    Raises:
        EmoError: Another one is at work, or the run is a file.
    """
    run_dir = Path(run_dir)
    if run_dir.exists() and not run_dir.is_dir():
        raise EmoError(f"{run_dir}: expected the folder of a run. Received: a file")
    run_dir.mkdir(parents=True, exist_ok=True)
    with (run_dir / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EmoError(
                f"{run_dir}: expected no other pipeline at work on this run. Received: one that "
                "is, or whose last step still is"
            ) from error
        yield file.fileno()
