"""A step of a pipeline: a command, what it reads and what it leaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Digest = Callable[[], str | None]
"""Takes the digest of one thing as it is now; `None` where it is not there."""

SAME = "same"
"""Digest of an input that has nothing new to say, whatever it was before."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A command of `emo-tf` and what decides whether it has to run.

    Paths are as they are used here; names of inputs and outputs are as the command says them.

    Attributes:
        name: What the step is called.
        arguments: What follows `emo-tf`.
        inputs: What it reads, by name.
        outputs: What it leaves, by name.
        if_present: Options with their values, given only if anything stands at a path.
        leftovers: What the command would go on with: paths in one folder, whose last part may be a
            pattern. They are set aside before it is to begin anew.
        resumes: Whether the same command, started again, goes on with its leftovers.
        made_here: What must not be there before the step runs for the first time.
        pending: Decides, in place of digests and of what is remembered, why the step has to run;
            `None` if it has not.
    """

    name: str
    arguments: tuple[str, ...]
    inputs: Mapping[str, Digest] = field(default_factory=dict)
    outputs: Mapping[str, Digest] = field(default_factory=dict)
    if_present: Mapping[Path, tuple[str, str]] = field(default_factory=dict)
    leftovers: tuple[Path, ...] = ()
    resumes: bool = False
    made_here: Path | None = None
    pending: Callable[[], str | None] | None = None

    @property
    def all_arguments(self) -> tuple[str, ...]:
        """The arguments, with those that depend on what is there."""
        return self.arguments + sum(self.if_present.values(), ())

    def command(self) -> tuple[str, ...]:
        """Returns the arguments as they are to be given now."""
        given = (more for path, more in self.if_present.items() if _holds_anything(path))
        return self.arguments + sum(given, ())

    def absent(self) -> list[tuple[str, str]]:
        """Returns the options that are not given now, as there is nothing at their paths."""
        return [more for path, more in self.if_present.items() if not _holds_anything(path)]


def _holds_anything(path: Path) -> bool:
    if path.is_dir():
        return any(not item.name.startswith(".") for item in path.iterdir())
    return path.exists()
