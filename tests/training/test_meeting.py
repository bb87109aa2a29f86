import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from benchmarks.workers import free_ports
from emo_tf.errors import EmoError
from emo_tf.training import meeting
from emo_tf.training.meeting import meet
from emo_tf.training.tf_config import Worker, Workers

LONG_S = 30
SHORT_S = 1.0


def cluster(count: int) -> list[Workers]:
    """Makes up a cluster on this machine: what each of its workers knows."""
    ports = enumerate(free_ports(count))
    everyone = tuple(Worker("worker", task, f"127.0.0.1:{port}") for task, port in ports)
    return [Workers(everyone, me) for me in range(count)]


@pytest.fixture
def come() -> Iterator[Callable[..., Future]]:
    """Lets a worker come to the meeting in a thread of its own."""
    with ThreadPoolExecutor() as threads:
        yield lambda workers, timeout_s=LONG_S: threads.submit(meet, workers, timeout_s=timeout_s)


@contextmanager
def stranger(worker: Worker, reply: Callable[[bytes], bytes]) -> Iterator[None]:
    """Listens at the address of a worker and answers every line."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            while line := self.rfile.readline():
                self.wfile.write(reply(line))

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    with Server((worker.host, worker.port), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield
        server.shutdown()


def test_all_meet_in_any_order_and_leave_their_ports_free(come):
    workers = cluster(3)
    first = come(workers[2])
    assert not first.done()
    for meeting_of_one in [first, come(workers[0]), come(workers[1])]:
        meeting_of_one.result()
    for worker in workers[0].everyone:
        socket.create_server((worker.host, worker.port)).close()


def test_a_worker_that_gave_up_may_come_again(come):
    workers = cluster(3)
    patient = come(workers[0])
    with pytest.raises(EmoError, match="worker 2 "):
        come(workers[1], SHORT_S).result()
    for meeting_of_one in [patient, come(workers[1]), come(workers[2])]:
        meeting_of_one.result()


def test_one_alone_waits_for_nobody():
    meet(Workers((Worker("worker", 0, "host:1"),), 0), timeout_s=0)


def test_who_never_came_is_named(come):
    workers = cluster(3)
    late = f"{workers[0].everyone[2]}: expected within {{}} s. Received: no connection"
    patient, hasty = come(workers[0], 2 * SHORT_S), come(workers[1], SHORT_S)
    with pytest.raises(EmoError) as caught:
        hasty.result()
    assert str(caught.value) == late.format(1)
    with pytest.raises(EmoError) as caught:
        patient.result()
    left = f"{workers[0].everyone[1]}: expected within 2 s. Received: an answer, but then it left"
    assert str(caught.value) == f"{left}; {late.format(2)}"


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (lambda line: b"", "expected within 1 s. Received: a connection without an answer"),
        (
            lambda line: b"HTTP/1.1 400 Bad Request\r\n",
            r"expected another worker. Received: b'HTTP/1.1 400 Bad Request\r\n'",
        ),
        (
            lambda line: b"x" * 100_000,
            "expected another worker. Received: b'a line without an end'",
        ),
        (lambda line: line, "expected another worker. Received: a second worker 0 ("),
        (
            lambda line: line.replace(b"worker 0", b"worker 2"),
            "expected its own answer. Received: that of worker 2 (",
        ),
        (
            lambda line: b"emo-tf worker 1 of 0123456789abcdef\n",
            "expected the same TF_CONFIG cluster. Received: another one",
        ),
    ],
    ids=["silence", "web server", "no line", "echo", "third worker", "other cluster"],
)
def test_a_stranger_at_the_address_of_a_worker_is_named(come, reply, message):
    workers = cluster(3)
    with stranger(workers[0].everyone[1], reply), pytest.raises(EmoError) as caught:
        come(workers[0], SHORT_S).result()
    assert str(caught.value).startswith(str(workers[0].everyone[1]))
    assert message in str(caught.value)


def test_one_that_answers_but_reaches_nobody_is_named(come):
    workers = cluster(2)
    answer = stranger(workers[0].everyone[1], lambda line: line.replace(b"worker 0", b"worker 1"))
    with answer, pytest.raises(EmoError, match="an answer, but it has not reached all others"):
        come(workers[0], SHORT_S).result()


def test_a_stranger_that_calls_does_not_disturb(come):
    workers = cluster(2)
    patient = come(workers[0])
    this = workers[0].this
    for line in (b"GET / HTTP/1.1\r\n", b"x" * 100_000, b""):
        call = connected(this)
        call.sendall(line)
        call.close()
    assert not patient.done()
    for meeting_of_one in [patient, come(workers[1])]:
        meeting_of_one.result()


def connected(worker: Worker) -> socket.socket:
    """Calls a worker until it listens."""
    while True:
        try:
            return socket.create_connection((worker.host, worker.port))
        except ConnectionRefusedError:
            continue


def test_two_clusters_that_share_a_port_are_told_so_on_both_sides(come):
    ours, theirs = cluster(2), cluster(3)
    mixed = Workers((ours[0].this, theirs[1].this, theirs[2].this), 1)
    ours = Workers((ours[0].this, theirs[1].this), 0)
    for meeting_of_one in [come(ours), come(mixed)]:
        with pytest.raises(EmoError, match="expected the same TF_CONFIG cluster"):
            meeting_of_one.result()


def test_a_port_that_is_taken_is_an_error(come, monkeypatch):
    monkeypatch.setattr(meeting, "PORT_TIMEOUT_S", 0.2)
    workers = cluster(2)[0]
    with (
        socket.create_server(("", workers.this.port)),
        pytest.raises(EmoError, match="expected a port that this process can listen on") as caught,
    ):
        come(workers).result()
    assert "address already in use" in str(caught.value)
