"""Several processes on this machine that train together."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.common import REPOSITORY


def free_ports(count: int) -> list[int]:
    """Returns ports of the loopback that nobody listens on."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def start_workers(
    folder: Path,
    data_dir: Path,
    *,
    count: int,
    options: Sequence[str] = (),
    options_of: dict[int, Sequence[str]] | None = None,
    absent: Sequence[int] = (),
) -> dict[int, subprocess.Popen]:
    """Starts `distributed_worker` in processes that train together.

    Args:
        folder: Where they write: worker 1's weights to `1.npz`; the run in `run`.
        data_dir: Where the twin lies, built.
        count: Workers in `TF_CONFIG`; one alone has none.
        options: Arguments of all.
        options_of: Further ones of some.
        absent: Workers that are not started.
    """
    addresses = [f"127.0.0.1:{port}" for port in free_ports(count)]
    started = {}
    for worker in sorted(set(range(count)) - set(absent)):
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"}
        strategy = "none"
        if count > 1:
            strategy = "multi_worker"
            cluster = {"worker": addresses}
            task = {"type": "worker", "index": worker}
            environment["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": task})
        command = [sys.executable, "-m", "benchmarks.distributed_worker"]
        command += [str(folder / f"{worker}.npz"), "--data-dir", str(data_dir)]
        command += ["--run", str(folder / "run"), "--strategy", strategy, *options]
        command += (options_of or {}).get(worker, ())
        started[worker] = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    return started
