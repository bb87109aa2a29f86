"""A command as a process of its own that hears when it is to stop."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_process(command: Sequence[str], *, folder: Path, inherited: int) -> int:
    """Runs a command to its end; SIGINT and SIGTERM are passed on to it.

    Args:
        command: Program and arguments.
        folder: Where to run it.
        inherited: A descriptor that it keeps open.

    Returns:
        Its exit code; 128 and the number of a signal that ended it.

    Raises:
        KeyboardInterrupt: A signal came. The command has ended.
    """
    received: list[int] = []
    running: list[subprocess.Popen] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        received.append(number)
        # A terminal sends Ctrl-C to both, and a second one would stop the command's own ending.
        if number == signal.SIGINT and len(received) == 1 and _at_a_terminal():
            return
        for process in running:
            process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _SIGNALS}
    try:
        running.append(subprocess.Popen(command, cwd=folder, pass_fds=(inherited,)))
        if received:  # while the process was being started
            running[0].terminate()
        code = running[0].wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if received:
        raise KeyboardInterrupt
    return code if code >= 0 else 128 - code


def _at_a_terminal() -> bool:
    """Returns whether this process is in the foreground of a terminal."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)
