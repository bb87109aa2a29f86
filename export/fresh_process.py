"""A process of its own for what may crash, or hang, or work only where all is loaded already."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: Its exit code; `None` where it was killed, or stopped itself by a signal.
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


class FreshProcess:
    """This Python in a process of its own, which does not outlive the block that it is used in.

    Args:
        arguments: What follows `python`.
        folder: Its working folder.
        time_limit_s: After that many seconds it is killed; whoever reads from it sees its end.
        environment: What it finds in its environment beside, or `None` for what it does not find.

    Example:
        ```python
        with FreshProcess(["-m", "emo_tf", "serve"], folder=folder, time_limit_s=60) as server:
            line = server.read_line()
            server.stop()
            assert server.wait().code == 0
        ```
    """

    def __init__(
        self,
        arguments: Sequence[str | Path],
        *,
        folder: Path,
        time_limit_s: float,
        environment: Mapping[str, str | None] | None = None,
    ):
        found = {"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ, **(environment or {})}
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 Closed where the block ends.
        self._process = subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            cwd=folder,
            env={name: value for name, value in found.items() if value is not None},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            bufsize=0,  # What one line read too much, `wait` would miss.
        )
        self._time_limit_s = time_limit_s
        self._is_late = False
        self._timer = threading.Timer(time_limit_s, self._kill)
        self._timer.daemon = True
        self._timer.start()

    def read_line(self) -> str:
        """Returns the next line that it writes, without its end; nothing once it has ended."""
        return self._process.stdout.readline().decode("utf-8", "replace").rstrip()

    def stop(self) -> None:
        """Asks it to end, by SIGTERM."""
        self._process.terminate()

    def wait(self) -> Ended:
        """Waits for its end, which the time limit brings at last."""
        stdout = self._process.stdout.read().decode("utf-8", "replace")
        code = self._process.wait()
        self._stderr.seek(0)
        stderr = self._stderr.read().decode("utf-8", "replace")
        if self._is_late:
            death = f"killed, no answer within {self._time_limit_s:g} s"
            return Ended(None, death, stdout, stderr)
        if code < 0:
            return Ended(None, f"died by {signal.Signals(-code).name}", stdout, stderr)
        return Ended(code, None, stdout, stderr)

    def __enter__(self) -> "FreshProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._stderr.close()

    def _kill(self) -> None:
        self._is_late = True
        self._process.kill()


def run_fresh(arguments: Sequence[str | Path], *, folder: Path, time_limit_s: float) -> Ended:
    """Runs this Python in a process of its own to its end.

    Args:
        arguments: What follows `python`.
        folder: Its working folder.
        time_limit_s: After that many seconds it is killed.
    """
    with FreshProcess(arguments, folder=folder, time_limit_s=time_limit_s) as process:
        return process.wait()
