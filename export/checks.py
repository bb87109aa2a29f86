"""What was looked at before an export may be served, and what came of it."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from textwrap import shorten

_LONGEST_TEXT = 200


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What it is, e.g. `int8: accuracy`.
        value: What was found: a figure, a few words, or `None` for nothing.
        limit: What was expected.
        passed: Whether it was found; `None` where there was nothing to judge by.
    """

    name: str
    value: float | str | None
    limit: str
    passed: bool | None

    @classmethod
    def equal(cls, name: str, value: str | None, limit: str) -> "Check":
        """Returns a check that passes if just what was expected was found."""
        return cls(name, value, limit, value == limit)

    @property
    def reason(self) -> str:
        """The sentence that says why the check failed."""
        return f"{self.name}: expected {self.limit}. Received: {self.shown_value}"

    @property
    def shown_value(self) -> str:
        """The value as a short line, figures with four digits."""
        if self.value is None:
            return "none"
        is_text = isinstance(self.value, str)
        return shorten(self.value, _LONGEST_TEXT) if is_text else f"{self.value:.4g}"

    def to_dict(self) -> dict:
        """Returns the check as JSON takes it, which knows no infinity and nothing undefined."""
        is_figure = isinstance(self.value, float)
        value = str(self.value) if is_figure and not math.isfinite(self.value) else self.value
        return {**asdict(self), "value": value}


def all_passed(checks: Iterable[Check]) -> bool:
    """Tells whether no check failed and one at least was judged: nothing looked at is refused."""
    judged = [check.passed for check in checks if check.passed is not None]
    return bool(judged) and all(judged)
