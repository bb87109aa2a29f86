"""Ends a process whose work has come to a stand."""

import os
import sys
import threading
import time

EXIT_CODE = 1


class Watchdog:
    """Ends the process, within its context, when it was not fed for a while.

    An operation over several processes never returns where one of them is stopped or cut off, and
    what waits inside it hears neither exceptions nor signals. So a thread prints one line and ends
    the process there and then, without what is done at an ordinary end.

    Args:
        timeout_s: How long it goes without being fed, from entering the context on.
        message: What is printed on standard error.
    """

    def __init__(self, timeout_s: float, message: str):
        self._timeout_s = timeout_s
        self._message = message
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def feed(self) -> None:
        """Says that the work goes on."""
        self._fed = time.monotonic()

    def __enter__(self) -> "Watchdog":
        self.feed()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while (left := self._fed + self._timeout_s - time.monotonic()) > 0:
            if self._stopped.wait(left):
                return
        print(f"emo-tf: error: {self._message}", file=sys.stderr, flush=True)
        os._exit(EXIT_CODE)
