"""What one benchmark came to."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import write_json


@dataclass(frozen=True)
class Record:
    """One benchmark's figures, or why there are none.

    Attributes:
        name: The benchmark's module.
        measured_at: Date and time, `2026-01-31 09:30`.
        commit: What `benchmarks.machine.git_commit` said.
        seconds: How long it took.
        load: How many processes were running on average in the minute before: timings on a busy
            machine are worth less.
        rows: Figures as `benchmarks.common.row` makes them.
        error: Why it failed, or `None`.
    """

    name: str
    measured_at: str
    commit: str | None
    seconds: float
    load: float
    rows: list[dict]
    error: str | None = None

    def write(self, folder: Path) -> None:
        """Writes `<name>.json`."""
        write_json(folder / f"{self.name}.json", dataclasses.asdict(self))

    @classmethod
    def read(cls, path: Path) -> "Record":
        return cls(**json.loads(path.read_text(encoding="utf-8")))
