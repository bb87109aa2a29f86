"""The server under load: errors, waiting times, and what batching brings.

python -m benchmarks.serve --shared ../shared --json serve.json
"""

import contextlib
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.common import main, ratio_row, row, spread
from benchmarks.load import Load, ask_once, run_load, same_answer
from benchmarks.raw_http import analyze_request, predict_request
from emo_tf.errors import EmoError
from tests.running_server import RunningServer, running_server

PHOTO = "full_scene.jpg"
CLIENTS = 16
ROUNDS = 4
ROUND_S = 15.0
WARM_UP_S = 3.0
PERCENTILES_BAR = 5
THROUGHPUT_BAR = 1
PLAIN = ("--workers", "2", "--batch", "1")
"""The same server as a pool of two one-thread interpreters that answer one request at a time."""

REQUESTS: dict[str, Callable[[bytes], bytes]] = {
    "`:predict`": predict_request,
    "`/v1/analyze`": analyze_request,
}


def measure(shared: Path) -> list[dict]:
    """Asks a server for 60 s, in turns with one that does not batch.

    Args:
        shared: Folder with `photos`.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    photo = (shared / "photos" / PHOTO).read_bytes()
    rows = []
    with both_servers() as servers:
        for route, make in REQUESTS.items():
            loads = in_turns(servers, make(photo))
            rows += load_rows(route, loads)
        peaks = {name: round(server.memory_mib(peak=True)) for name, server in servers.items()}
    what, peak = "peak memory of the server after both, MiB", peaks["batching"]
    memory = row(what, peak, runs=spread([peak]), details=peaks)
    return [*rows, memory]


@contextlib.contextmanager
def both_servers() -> Iterator[dict[str, RunningServer]]:
    """Starts the server as it is by default, and as a plain pool."""
    with contextlib.ExitStack() as stack:
        servers = {}
        for name, arguments in (("batching", ()), ("plain pool", PLAIN)):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            servers[name] = stack.enter_context(running_server(folder, *arguments))
        yield servers


def in_turns(servers: dict[str, RunningServer], request: bytes) -> dict[str, list[Load]]:
    """Asks both servers in turns, the first time to warm up; the order changes every round."""
    plan = [(WARM_UP_S, list(servers))]
    plan += [(ROUND_S, sorted(servers, reverse=bool(turn % 2))) for turn in range(ROUNDS)]
    expected = expected_answer(next(iter(servers.values())), request)
    loads = {name: [] for name in servers}
    for seconds, names in plan:
        for name in names:
            load = run_load(
                servers[name].port,
                [request] * CLIENTS,
                right=lambda _, body: same_answer(expected, body),
                seconds=seconds,
            )
            loads[name].append(load)
    return {name: rounds[1:] for name, rounds in loads.items()}


def expected_answer(server: RunningServer, request: bytes) -> bytes:
    """Returns the first answer to a request, checked to be one on a photo with one face."""
    answer = ask_once(server.port, request)
    faces = json.loads(answer).get("faces")
    if faces is not None and len(faces) != 1:
        raise EmoError(f"{PHOTO}: expected one face. Received: {len(faces)}")
    return answer


def load_rows(route: str, loads: dict[str, list[Load]]) -> list[dict]:
    """Returns errors, waiting times and throughput of one kind of request."""
    joined = {name: _joined(rounds) for name, rounds in loads.items()}
    ours, plain = joined["batching"], joined["plain pool"]
    rates = {name: [load.rate for load in rounds] for name, rounds in loads.items()}
    tails = [load.percentile(0.99) / load.percentile(0.5) for load in loads["batching"]]
    tail = statistics.median(tails)
    what = f"{route}, {CLIENTS} clients for {ROUNDS * ROUND_S:g} s"
    answered = {name: len(load.latencies) for name, load in joined.items()}
    return [
        row(
            f"{what}: requests without a right answer",
            len(ours.failures),
            bar="0",
            met=not ours.failures,
            details={
                "answered": answered,
                "plain pool": len(plain.failures),
                **({"first": ours.failures[0]} if ours.failures else {}),
            },
        ),
        row(
            f"{what}: 99th percentile / median of the time to an answer",
            round(tail, 2),
            bar=f"≤ {PERCENTILES_BAR}",
            met=tail <= PERCENTILES_BAR,
            runs=spread(tails, digits=2),
            details={f"{name}, ms": _milliseconds(rounds) for name, rounds in loads.items()},
        ),
        ratio_row(
            f"{what}: requests a second / those of two one-thread interpreters without batching",
            rates["batching"],
            rates["plain pool"],
            peer="plain pool",
            unit="requests a second",
            at_least=THROUGHPUT_BAR,
        ),
    ]


def _joined(loads: list[Load]) -> Load:
    return Load(
        seconds=sum(load.seconds for load in loads),
        latencies=[latency for load in loads for latency in load.latencies],
        failures=[failure for load in loads for failure in load.failures],
    )


def _milliseconds(rounds: list[Load]) -> dict[str, dict]:
    shares = {"50 %": 0.5, "90 %": 0.9, "99 %": 0.99, "100 %": 1.0}
    return {
        name: spread([1000 * load.percentile(share) for load in rounds], digits=1)
        for name, share in shares.items()
    }


if __name__ == "__main__":
    main(measure)
