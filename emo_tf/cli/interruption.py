"""Ctrl-C as a wish to stop: what is at hand is finished first."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(Exception):  # noqa: N818 (as KeyboardInterrupt)
    """Work was stopped by Ctrl-C with what was done until then kept; says how far it came."""


class Interruption:
    """Whether the user wishes to stop.

    Attributes:
        wished: Whether Ctrl-C was pressed.
    """

    def __init__(self):
        self.wished = False

    def wish(self, *_) -> None:
        """Takes note of Ctrl-C; pressed a second time, it ends the work at once.

        Raises:
            KeyboardInterrupt: It was pressed before.
        """
        if self.wished:
            raise KeyboardInterrupt
        self.wished = True


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Lets the block finish what it is about when Ctrl-C is pressed, once.

    Yields:
        Where to see that it was.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed a second time.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        # Python lets no other thread see signals.
        yield interruption
        return
    before = signal.signal(signal.SIGINT, interruption.wish)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, before)
