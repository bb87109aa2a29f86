"""A small share of what `benchmarks/serve_hostile.py` does to the server."""

import asyncio
import io

import pytest
from PIL import Image

from benchmarks.hostile_clients import Tally, send_all, slow_clients
from benchmarks.load import ask_once, same_answer
from benchmarks.malformed import forms, heads, json_bodies, pictures, random_bytes
from benchmarks.raw_http import analyze_request, predict_request
from benchmarks.serve_hostile import memory_at_rest_mib
from benchmarks.serve_switch import switch_under_load

BODIES = {"JSON": json_bodies, "forms": forms}
GROWTH_MIB = 50


@pytest.fixture(scope="module")
def portrait(astronaut) -> bytes:
    """A JPEG file of a portrait."""
    stream = io.BytesIO()
    Image.open(astronaut).convert("RGB").save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture(scope="module")
def hasty_server(start_server):
    """A server that waits for bodies for five seconds."""
    return start_server("--time-limit", 5)


@pytest.fixture
def unharmed(server, portrait):
    """Checks that right requests get the same answers after a test as before."""
    requests = predict_request(portrait), analyze_request(portrait)
    before = [ask_once(server.port, request) for request in requests]
    yield
    after = [ask_once(server.port, request) for request in requests]
    assert all(map(same_answer, before, after))


def send(server, requests, *, clients: int = 8) -> Tally:
    return asyncio.run(send_all(server.port, requests, clients=clients))


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("kind", BODIES)
def test_wrong_bodies_are_answered_and_none_by_a_server_error(server, portrait, kind):
    tally = send(server, BODIES[kind](0, 60, portrait))
    assert tally.faults == []
    assert tally.outcomes[kind]["400"] > 20


@pytest.mark.usefixtures("unharmed")
def test_odd_heads_end_in_no_server_error(server, portrait):
    tally = send(server, heads(0, 100, portrait), clients=16)
    assert tally.faults == []
    assert tally.outcomes["heads"]["400"] > 20


@pytest.mark.usefixtures("unharmed")
def test_what_is_no_http_ends_in_no_server_error(server):
    tally = send(server, random_bytes(0, 80), clients=32)
    assert tally.faults == []
    assert set(tally.outcomes["random bytes"]) <= {"400", "closed", "no answer"}


@pytest.mark.slow
@pytest.mark.usefixtures("unharmed")
def test_image_bombs_are_answered_and_leave_no_memory_behind(server, portrait):
    send(server, pictures(portrait, size=1 << 16, full_size=False), clients=4)
    before = memory_at_rest_mib(server)
    tally = send(server, pictures(portrait, size=1 << 16, full_size=False), clients=4)
    assert tally.faults == []
    assert tally.outcomes["broken pictures"]["400"] > 20
    assert memory_at_rest_mib(server) - before <= GROWTH_MIB


@pytest.mark.slow
def test_slow_clients_are_let_go_and_others_are_answered_meanwhile(hasty_server, portrait):
    async def both() -> Tally:
        slow = asyncio.create_task(slow_clients(hasty_server.port, each=4, hold_s=30))
        await asyncio.sleep(0.5)
        request = analyze_request(portrait)
        await asyncio.to_thread(ask_once, hasty_server.port, request)
        assert not slow.done()
        return await slow

    tally = asyncio.run(both())
    assert tally.faults == []
    assert tally.outcomes["bodies byte by byte"] == {"408": 4}


@pytest.mark.slow
def test_new_versions_under_load_fail_no_request(tmp_path, portrait):
    switch = switch_under_load(tmp_path, portrait, versions=4, clients=2)
    assert switch.load.failures == []
    assert switch.answered == {"predict": ["float16", "int8"], "analyze": ["float16", "int8"]}
