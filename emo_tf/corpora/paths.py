"""Says which of the paths that were looked for are there."""

from collections.abc import Iterable
from pathlib import Path


def found_or_missing(paths: Iterable[Path]) -> str:
    """Returns paths, each with whether it is there, for a message."""
    return ", ".join(
        f"{path} ({'found' if path.exists() else 'missing'})" for path in dict.fromkeys(paths)
    )
