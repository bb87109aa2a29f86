"""`emo-tf serve` and other servers as processes of their own, for tests that talk to them."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import memory_mib

_START_S = 60
_STOP_S = 30


@dataclass(frozen=True)
class RunningServer:
    """A server that listens.

    Attributes:
        url: Where, e.g. `http://127.0.0.1:40123`.
        greeting: The line on stdout that says so.
        process: Its process.
        log_file: What it has written on stderr.
    """

    url: str
    greeting: str
    process: subprocess.Popen
    log_file: Path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def log(self) -> list[dict]:
        """Returns what it has logged; raises ValueError on a line that is no JSON."""
        return [json.loads(line) for line in self.log_file.read_text("utf-8").splitlines()]

    def memory_mib(self, *, peak: bool = False) -> float:
        """Returns its resident memory, or the most that it has had."""
        return memory_mib(self.process.pid, peak=peak)

    def stop(self) -> int:
        """Tells it to end, waits until it has, and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_STOP_S)


def running_server(
    folder: Path, *arguments: object, environment: Mapping[str, str] | None = None
) -> contextlib.AbstractContextManager[RunningServer]:
    """Starts `emo-tf serve` at a free port, waits until it listens, and ends it with the block.

    Args:
        folder: Where its log goes.
        *arguments: What follows `emo-tf serve --port 0`.
        environment: Variables besides those of this process.

    Raises:
        AssertionError: It did not start, or has written a traceback.
    """
    return running_verb(folder, "serve", "--port", 0, *arguments, environment=environment)


@contextlib.contextmanager
def running_verb(
    folder: Path, *arguments: object, environment: Mapping[str, str] | None = None
) -> Iterator[RunningServer]:
    """As `running_server`, of any verb that says in its first line where it listens.

    Args:
        folder: Where its log goes.
        *arguments: What follows `emo-tf`.
        environment: Variables besides those of this process.

    Raises:
        AssertionError: It did not start, or has written a traceback.
    """
    log_file = folder / "server.log"
    with log_file.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "emo_tf", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | dict(environment or {}),
            start_new_session=True,
        )
    try:
        line = _first_line(process)
        address = re.search(r"http://[^\s,]+", line)
        assert address, log_file.read_text("utf-8")[-4000:]
        server = RunningServer(address[0], line.strip(), process, log_file)
        yield server
        server.stop()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
    assert "Traceback" not in log_file.read_text("utf-8"), log_file.read_text("utf-8")[-4000:]


def _first_line(process: subprocess.Popen) -> str:
    """Returns the first line of stdout; one that never comes ends the process."""
    timer = threading.Timer(_START_S, process.kill)
    timer.start()
    try:
        return process.stdout.readline()
    finally:
        timer.cancel()


def read_answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Reads one answer that says its length: status, headers by lower-case name, body."""
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        headers = {}
        while line := stream.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers, stream.read(int(headers["content-length"]))
