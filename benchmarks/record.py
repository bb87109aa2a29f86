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
        measured_at: Date and time of the figures, `2026-01-31 09:30`.
        commit: What `benchmarks.machine.git_commit` said.
        machine: What `benchmarks.machine.describe_machine` said.
        seconds: How long it took.
        load: How many processes were running on average in the minute before: timings on a busy
            machine are worth less.
        rows: Figures as `benchmarks.common.row` makes them.
        error: Why the last run failed, or `None`. The figures are then those of the last that did
            not.
    """

    name: str
    measured_at: str
    commit: str | None
    machine: dict[str, str]
    seconds: float
    load: float
    rows: list[dict]
    error: str | None = None

    def or_earlier(self, earlier: "Record | None") -> "Record":
        """Returns this record, or where it failed an earlier one with the error of this."""
        if self.error is None or earlier is None:
            return self
        return dataclasses.replace(earlier, error=self.error)

    def write(self, folder: Path) -> None:
        """Writes `<name>.json`."""
        write_json(folder / f"{self.name}.json", dataclasses.asdict(self))

    @classmethod
    def read(cls, path: Path) -> "Record":
        return cls(**json.loads(path.read_text(encoding="utf-8")))
