"""Segments of videos as a table on the terminal, printed while they end."""

from collections.abc import Sequence

from rich.bar import Bar
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from emo_tf.cli.result_table import BAR, STYLES, verdict_text
from emo_tf.cli.row_printer import GAP, RowPrinter
from emo_tf.results import Group
from emo_tf.time_text import time_text
from emo_tf.video_results import Segment, VideoFailure

_WIDTHS = {"track": 5, "start": 9, "end": 9, "expression": 10, "%": 3}
_LONGEST_BAR = 20
_SHORTEST_BAR = 8
_SHORTEST_NAME = 8


class SegmentTable:
    """Prints one row a segment, and what else there is to say of a video.

    Args:
        console: Where to print.
        names: The videos that will come, for the width of their column.
    """

    def __init__(self, console: Console, names: Sequence[str]):
        self._widths = dict(_WIDTHS)
        longest = max(map(cell_len, ("file", *names)))
        room = console.width - sum(width + GAP for width in self._widths.values())
        name_width = max(1, min(longest, max(room, _SHORTEST_NAME)))
        left = room - name_width - GAP
        # The bar is made of block characters.
        if left >= _SHORTEST_BAR and console.encoding.startswith("utf"):
            self._widths[BAR] = min(left, _LONGEST_BAR)
        self._printer = RowPrinter(console, name_width)
        self._headed, self._named = False, None

    def add(self, segment: Segment) -> None:
        """Prints a segment."""
        cells = {
            "track": str(segment.id),
            "start": time_text(segment.start_s, tenths=True),
            "end": time_text(segment.end_s, tenths=True),
            "expression": Text(segment.label, style=STYLES[segment.label]),
            "%": f"{100 * segment.confidence:.0f}",
            BAR: Bar(1, 0, segment.confidence, color=STYLES[segment.label]),
        }
        self._printer.rows(self._name(segment.source), [cells], self._widths)

    def add_failure(self, failure: VideoFailure) -> None:
        """Prints why a video could not be read, or not to its end."""
        error = failure.error.removeprefix(failure.source).lstrip(":, ")
        self._printer.note(self._name(failure.source), Text(f"error: {error}", style="red"))

    def add_reason(self, source: str, reason: str) -> None:
        """Prints why there is no segment of a video.

        Args:
            source: The video.
            reason: A sentence.
        """
        self._printer.note(self._name(source), Text(reason, style="dim"))

    def add_verdict(self, source: str, verdict: Group, *, frames: int) -> None:
        """Prints the verdict on a whole video, the mean of that of its frames.

        Args:
            source: The video.
            verdict: The mean verdict.
            frames: How many frames it is the mean of.
        """
        text = verdict_text(verdict)
        text.append(f" (mean of {frames:,} frames)", style="dim")
        self._printer.note(self._name(source), text)

    def _name(self, source: str) -> Text:
        """Returns the name of a video for its first row, below the head of the table."""
        if not self._headed:
            titles = {title: Text(title, style="bold") for title in self._widths}
            self._printer.rows(Text("file", style="bold"), [titles], self._widths)
        known = self._headed and source == self._named
        self._headed, self._named = True, source
        return Text("" if known else source)
