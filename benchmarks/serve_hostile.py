"""What malformed requests, slow clients and new versions under load do to the server: nothing.

python -m benchmarks.serve_hostile --shared ../shared --json serve_hostile.json
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.common import main, ratio_row, row, spread
from benchmarks.hostile_clients import Tally, send_all, slow_clients
from benchmarks.load import ask_once, run_load, same_answer
from benchmarks.malformed import Malformed, forms, heads, json_bodies, pictures, random_bytes
from benchmarks.raw_http import analyze_request, predict_request
from benchmarks.schema_requests import run_schemathesis
from benchmarks.serve import PHOTO
from benchmarks.serve_switch import Switch, switch_under_load
from tests.running_server import RunningServer, running_server

EXAMPLES = 220
"""Cases of schemathesis an operation."""

MALFORMED = 8400
PICTURE_ROUNDS = 2
SLOW_EACH = 12
HOLD_S = 60
WARM_UP = 2
"""Which part of them comes before memory is measured: after a tenth, the heaps of the threads are
sometimes as large as they become, and sometimes not. Bombs all come once."""

REQUESTS_BAR = 10_000
GROWTH_BAR_MIB = 50
REST_S = 3
PROBES, PROBE_S = 3, 2
SCHEMATHESIS_S = 600


def measure(shared: Path) -> list[dict]:
    """Sends 10,000 malformed requests to one server, and replaces the model of another under load.

    Args:
        shared: Folder with `photos`.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    photo = (shared / "photos" / PHOTO).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        rows = malformed_rows(Path(folder), photo)
    with tempfile.TemporaryDirectory() as folder:
        return [*rows, *switch_rows(switch_under_load(Path(folder), photo))]


def malformed_rows(folder: Path, photo: bytes) -> list[dict]:
    """Sends everything that is malformed to a server with its default settings."""
    with running_server(folder) as server:
        send_malformed(server, photo, seed=0, count=MALFORMED // WARM_UP)
        asyncio.run(slow_clients(server.port, each=SLOW_EACH, hold_s=HOLD_S))
        run_schemathesis(server.url, folder, examples=EXAMPLES // WARM_UP, limit_s=SCHEMATHESIS_S)
        before, quick_before = memory_at_rest_mib(server), probe(server, photo)
        tally = Tally()
        for turn in range(PICTURE_ROUNDS):
            count = MALFORMED // PICTURE_ROUNDS
            tally.add_all(send_malformed(server, photo, seed=turn + 1, count=count))
        tally.add_all(asyncio.run(slow_clients(server.port, each=SLOW_EACH, hold_s=HOLD_S)))
        schema = run_schemathesis(server.url, folder, examples=EXAMPLES, limit_s=SCHEMATHESIS_S)
        after, quick_after = memory_at_rest_mib(server), probe(server, photo)
    sent, growth = tally.sent + schema.requests, after - before
    faults = [*tally.faults, *schema.failures]
    kinds = {kind: counter.total() for kind, counter in tally.outcomes.items()}
    return [
        row(
            "malformed requests and slow clients",
            sent,
            bar=f"≥ {REQUESTS_BAR:,}",
            met=sent >= REQUESTS_BAR,
            details={**kinds, "schemathesis": schema.requests},
        ),
        row(
            "of them answered with 5xx, not answered, or never let go",
            len(faults),
            bar="0",
            met=not faults,
            details={
                "answers": {kind: dict(found) for kind, found in tally.outcomes.items()},
                **({"first": faults[0]} if faults else {}),
            },
        ),
        row(
            "what they add to the server's resident memory after warm-up, MiB",
            round(growth, 1),
            bar=f"≤ {GROWTH_BAR_MIB}",
            met=growth <= GROWTH_BAR_MIB,
            runs=spread([growth], digits=1),
            details={"before": round(before, 1), "after": round(after, 1)},
        ),
        ratio_row(
            "time of a right request on `/v1/analyze` after them / before",
            quick_after,
            quick_before,
            peer="before them",
            unit="ms",
        ),
    ]


def send_malformed(server: RunningServer, photo: bytes, *, seed: int, count: int) -> Tally:
    """Sends so many requests, and beside them bombs and broken pictures once.

    Raises:
        EmoError: The server does not answer right requests as it did before.
    """
    asked = {"predict": predict_request(photo), "analyze": analyze_request(photo)}
    right = {name: ask_once(server.port, request) for name, request in asked.items()}
    quarter = count // 4
    plan: list[tuple[int, Iterator[Malformed]]] = [
        (32, random_bytes(seed, quarter)),
        (16, heads(seed, quarter, photo)),
        (8, json_bodies(seed, quarter, photo)),
        (8, forms(seed, quarter, photo)),
        (4, pictures(photo)),
    ]
    tally = Tally()
    for clients, requests in plan:
        tally.add_all(asyncio.run(send_all(server.port, requests, clients=clients)))
    for name, request in asked.items():
        if not same_answer(right[name], ask_once(server.port, request)):
            tally.faults.append(f"{name}: another answer than before")
    return tally


def memory_at_rest_mib(server: RunningServer) -> float:
    """Returns the resident memory of a server that nobody asks anything."""
    time.sleep(REST_S)
    return server.memory_mib()


def probe(server: RunningServer, photo: bytes) -> list[float]:
    """Returns the median time in ms of one right request after the other, several times."""
    loads = [
        run_load(server.port, [analyze_request(photo)], right=lambda _, body: True, seconds=PROBE_S)
        for _ in range(PROBES)
    ]
    return [1000 * statistics.median(load.latencies) for load in loads]


def switch_rows(switch: Switch) -> list[dict]:
    """Returns what came of new versions under load."""
    load = switch.load
    return [
        row(
            f"{len(switch.versions)} new versions under load: requests without a right answer",
            len(load.failures),
            bar="0",
            met=not load.failures,
            details={
                "answered": len(load.latencies),
                "answers of": switch.answered,
                "most, ms": round(1000 * load.percentile(1.0), 1),
                **({"first": load.failures[0]} if load.failures else {}),
            },
        )
    ]


if __name__ == "__main__":
    main(measure)
