"""What was left out of a data set and why, and how often each value of a feature occurs."""

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

LISTED = 1000
"""Left-out items that are listed of each reason and split; all are counted."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LeftOut:
    """A person, picture or row of a corpus that cannot be used.

    Attributes:
        reason: A few words, the same for all like it: `"missing image"`.
        text: File and row with what was found.
    """

    reason: str
    text: str


@dataclass(eq=False)
class SplitReport:
    """Counts of one split.

    Attributes:
        examples: How many were made.
        left_out: Items left out by reason.
        listed: Texts of those by reason, in the order of the corpus, `LISTED` of a reason at most.
        counts: Examples by value, as text, of what is counted.
    """

    examples: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    listed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def leave_out(self, item: LeftOut) -> None:
        """Counts and lists an item that is left out."""
        self.left_out[item.reason] += 1
        if self.left_out[item.reason] <= LISTED:
            self.listed[item.reason].append(item.text)

    def count(self, values: Mapping[str, str]) -> None:
        """Counts an example, and its values."""
        self.examples += 1
        for name, value in values.items():
            self.counts[name][value] += 1

    def warn(self, corpus: str, split: str) -> None:
        """Logs one warning where something was left out.

        Args:
            corpus: The data set's name.
            split: The split's name.
        """
        if self.left_out:
            _logger.warning("%s, %s: left out: %s", corpus, split, in_words(self.left_out))


def in_words(counts: Mapping[str, int]) -> str:
    """Returns counts by reason as text, such as `missing image 2, empty box 1`."""
    return ", ".join(f"{reason} {count:,}" for reason, count in counts.items())
