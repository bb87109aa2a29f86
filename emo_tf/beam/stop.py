"""Ctrl-C, which Beam's code may swallow on its way out of a pipeline."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_WISHED = threading.Event()


@contextmanager
def stoppable() -> Iterator[None]:
    """Has Ctrl-C end the pipeline inside the block, wherever in Beam's code it strikes.

    Raises:
        KeyboardInterrupt: It was pressed, if only after the last shard.
    """
    if threading.current_thread() is not threading.main_thread():
        # Python lets no other thread see signals.
        yield
        return
    before = signal.signal(signal.SIGINT, _stop)
    try:
        yield
        check_stop()
    finally:
        signal.signal(signal.SIGINT, before)
        _WISHED.clear()


def check_stop() -> None:
    """Checks, on any thread of this process, that nobody has pressed Ctrl-C.

    Raises:
        KeyboardInterrupt: Somebody has.
    """
    if _WISHED.is_set():
        raise KeyboardInterrupt


def _stop(*_: object) -> None:
    _WISHED.set()
    raise KeyboardInterrupt
