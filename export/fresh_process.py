"""A process of its own for what may crash, or hang, or work only where all is loaded already."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: Its exit code; `None` where it was stopped, or stopped itself by a signal.
        death: What ended it before it exited; `None` where it exited.
        stdout: What it wrote.
        stderr: What it wrote of errors.
    """

    code: int | None
    death: str | None
    stdout: str
    stderr: str

    @property
    def summary(self) -> str:
        """The end in a few words, with the last that was said of errors."""
        lines = self.stderr.split("\n") if self.death is None else []
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        end = self.death or f"exit code {self.code}"
        return f"{end}: {last}" if last else end


def run_fresh(arguments: Sequence[str | Path], *, folder: Path, time_limit_s: float) -> Ended:
    """Runs this Python in a process of its own.

    Args:
        arguments: What follows `python`.
        folder: Its working folder.
        time_limit_s: After that many seconds it is killed.
    """
    environment = {"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ}
    try:
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=time_limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ended(None, f"killed, no answer within {time_limit_s:g} s", "", "")
    stdout, stderr = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    if done.returncode < 0:
        death = f"died by {signal.Signals(-done.returncode).name}"
        return Ended(None, death, stdout, stderr)
    return Ended(done.returncode, None, stdout, stderr)
