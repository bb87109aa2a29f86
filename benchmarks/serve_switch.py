"""New versions of a model put below a server's ROOT, and old ones removed, while clients ask."""

import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Load, ask_once, run_load, same_answer
from benchmarks.raw_http import analyze_request, predict_request, request_bytes
from emo_tf.errors import EmoError
from emo_tf.export.served_root import remove_old
from tests.running_server import running_server
from tests.served_models import FLOAT16, INT8, write_version

MODEL = "expression"
FILES = {"float16": FLOAT16, "int8": INT8}
PRECISIONS = tuple(FILES)
CLIENTS_A_ROUTE = 8
LOADED_S = 60
BETWEEN_S = 0.5
LONGEST_S = 600


@dataclass(frozen=True)
class Switch:
    """What came of a server whose versions changed.

    Attributes:
        load: What became of the requests.
        versions: Those that were put below ROOT while clients asked.
        answered: The precisions whose answers came on each route.
    """

    load: Load
    versions: Sequence[int]
    answered: dict[str, list[str]]


def switch_under_load(
    folder: Path, photo: bytes, *, versions: int = 6, clients: int = CLIENTS_A_ROUTE
) -> Switch:
    """Lets clients ask for the newest version while it is replaced again and again.

    Versions are the shipped network in float16 and in int8 by turns; both routes are asked
    without a version, and an answer is right if it is that of one of the two.

    Args:
        folder: An empty one, for ROOT and the server's log.
        photo: A picture's file.
        versions: How many there are, with the two that are there before clients ask.
        clients: Clients of each of the two routes.
    """
    model = folder / "root" / MODEL
    requests = {"predict": predict_request(photo), "analyze": analyze_request(photo)}
    routes = [route for route in requests for _ in range(clients)]
    expected: dict[str, dict[str, bytes]] = {}
    seen: dict[str, set[str]] = {route: set() for route in requests}
    write_version(model, 1, file=FILES[PRECISIONS[0]])
    with running_server(folder, "--models", folder / "root", "--poll", "0.2") as server:
        for number, precision in enumerate(PRECISIONS, start=1):
            if number > 1:
                write_version(model, number, file=FILES[precision])
            _wait_until_served(server.port, number)
            expected[precision] = {name: ask_once(server.port, requests[name]) for name in requests}

        def right(client: int, body: bytes) -> bool:
            route = routes[client]
            same = [name for name in PRECISIONS if same_answer(expected[name][route], body)]
            seen[route].update(same)
            return bool(same)

        over = threading.Event()
        with ThreadPoolExecutor(1) as thread:
            asked = thread.submit(
                run_load,
                server.port,
                [requests[route] for route in routes],
                right=right,
                seconds=LONGEST_S,
                ended=over.is_set,
            )
            try:
                for number in range(3, versions + 1):
                    time.sleep(BETWEEN_S)
                    write_version(model, number, file=FILES[PRECISIONS[(number - 1) % 2]])
                    _wait_until_served(server.port, number)
                    time.sleep(BETWEEN_S)
                    remove_old(model, keep=1)
                time.sleep(BETWEEN_S)
            finally:
                over.set()
            load = asked.result()
    answered = {route: sorted(names) for route, names in seen.items()}
    return Switch(load, range(3, versions + 1), answered)


def _wait_until_served(port: int, version: int) -> None:
    """Waits until `/v1/analyze` uses a version, which it does right after `:predict`."""
    deadline = time.monotonic() + LOADED_S
    request = request_bytes("/v1/models", method="GET")
    while (used := json.loads(ask_once(port, request))["analysis"][MODEL])["version"] != version:
        if time.monotonic() > deadline:
            raise EmoError(f"server: expected version {version}. Received: {used}")
        time.sleep(0.05)
