import asyncio
import gc
import threading
import time
import warnings
import weakref

import pytest

from emo_tf.errors import EmoError
from emo_tf.serve.work import QueueFull, Stopped, TimeLimit
from tests.serve.gated_answerers import PATIENCE_S, Failing, Gate, ask, behind


def test_a_request_whose_caller_has_gone_is_never_answered(open_pool):
    pool, gate = open_pool(), Gate()

    async def leave():
        blocker, stays, leaves, stays_too = await behind(pool, gate, 1, 2, 3)
        leaves.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaves
        assert pool.waiting == 2
        gate.let_pass()
        await asyncio.gather(blocker, stays, stays_too)

    asyncio.run(leave())
    assert gate.batches[1:] == [[1, 3]]


def test_a_request_out_of_time_is_told_so_and_dropped(open_pool):
    pool, gate = open_pool(), Gate()

    async def hurry():
        (blocker,) = await behind(pool, gate)
        (hasty,) = ask(pool, gate, "hasty", time_limit_s=0.05)
        with pytest.raises(TimeLimit, match=r"0\.05 s"):
            await hasty
        assert pool.waiting == 0
        gate.let_pass()
        assert await blocker == b"blocker 0!"

    asyncio.run(hurry())
    assert gate.batches == [["blocker 0"]]


def test_a_request_out_of_time_while_it_is_answered_leaves_the_worker_whole(open_pool):
    pool, gate = open_pool(), Gate()

    async def hurry():
        with pytest.raises(TimeLimit):
            await pool.run(gate, "slow", time_limit_s=0.05)
        gate.let_pass()
        return await pool.run(gate, "next", time_limit_s=PATIENCE_S)

    assert asyncio.run(hurry()) == b"next!"


def test_a_full_queue_refuses_and_estimates_when_to_come_again(open_pool):
    pool, gate = open_pool(workers=2, queue=4), Gate()

    async def crowd():
        tasks = ask(pool, gate, "measured")
        await gate.busy()
        await asyncio.sleep(0.6)
        gate.let_pass(1)
        await asyncio.gather(*tasks)
        tasks = await behind(pool, gate, 1, 2, 3, 4)
        with pytest.raises(QueueFull) as refused:
            await pool.run(gate, 5, time_limit_s=PATIENCE_S)
        gate.let_pass()
        await asyncio.gather(*tasks)
        return refused.value.retry_after_s

    # Four that take 0.6 s each, by two workers: 1.2 s.
    assert asyncio.run(crowd()) == 2


def test_a_full_queue_of_a_new_pool_says_to_come_again_in_a_second(open_pool):
    pool, gate = open_pool(queue=1), Gate()

    async def crowd():
        tasks = await behind(pool, gate, 1)
        with pytest.raises(QueueFull, match="again in 1 s"):
            await pool.run(gate, 2, time_limit_s=PATIENCE_S)
        gate.let_pass()
        await asyncio.gather(*tasks)

    asyncio.run(crowd())


def test_requests_for_idle_workers_do_not_count_as_waiting(open_pool):
    pool, gate = open_pool(workers=4, queue=1), Gate(is_open=True)

    async def at_once():
        await pool.run(gate, "wake", time_limit_s=PATIENCE_S)
        await asyncio.sleep(0.3)
        return await asyncio.gather(*ask(pool, gate, 1, 2, 3, 4))

    assert asyncio.run(at_once()) == [b"1!", b"2!", b"3!", b"4!"]


def test_wrong_input_is_told_to_its_own_caller_alone(open_pool):
    pool, gate = open_pool(), Failing()

    async def mixed():
        tasks = await behind(pool, gate, 1, EmoError("a picture: expected one."), 3)
        gate.let_pass()
        return await asyncio.gather(*tasks, return_exceptions=True)

    _, first, wrong, third = asyncio.run(mixed())
    assert (first, third) == (b"1!", b"3!")
    assert isinstance(wrong, EmoError)
    assert len(gate.batches) == 2


@pytest.mark.parametrize(
    "error", [ValueError("a bug"), TimeoutError("inside"), MemoryError()], ids=lambda e: repr(e)
)
def test_a_request_that_breaks_a_batch_fails_alone(open_pool, error):
    pool, gate = open_pool(), Failing()

    async def mixed():
        tasks = await behind(pool, gate, 1, error, 3)
        gate.let_pass()
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert asyncio.run(mixed()) == [b"blocker 0!", b"1!", error, b"3!"]
    assert gate.batches[1:] == [[1, error, 3], [1], [error], [3]]


def test_an_answerer_that_loses_an_answer_is_a_bug_that_is_told(open_pool):
    class Forgetful(Gate):
        def answer(self, worker, requests):
            return []

    with pytest.raises(RuntimeError, match=r"forgetful: expected 1 answers. Received: 0"):
        asyncio.run(open_pool().run(Forgetful("forgetful"), 1, time_limit_s=PATIENCE_S))


def test_closing_answers_what_waits_and_takes_no_more(open_pool):
    pool, gate = open_pool(), Gate()

    async def close():
        tasks = await behind(pool, gate, 1, 2)
        closing = asyncio.create_task(asyncio.to_thread(pool.close, grace_s=PATIENCE_S))
        await asyncio.sleep(0.05)
        with pytest.raises(Stopped):
            await pool.run(gate, 3, time_limit_s=PATIENCE_S)
        gate.let_pass()
        await closing
        return await asyncio.gather(*tasks)

    assert asyncio.run(close()) == [b"blocker 0!", b"1!", b"2!"]


def test_closing_tells_those_whom_the_grace_does_not_reach(open_pool):
    pool, gate = open_pool(), Gate()

    async def close():
        tasks = await behind(pool, gate, 1)
        start = time.monotonic()
        await asyncio.to_thread(pool.close, grace_s=0.1)
        assert time.monotonic() - start < PATIENCE_S / 2
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert list(map(type, asyncio.run(close()))) == [Stopped, Stopped]
    gate.let_pass()


def test_a_closed_pool_leaves_no_threads(open_pool):
    before = threading.active_count()
    pool = open_pool(workers=5)
    assert threading.active_count() == before + 5
    pool.close(grace_s=PATIENCE_S)
    pool.close(grace_s=PATIENCE_S)
    assert threading.active_count() == before


@pytest.mark.parametrize("is_wrong", [False, True], ids=["answered", "wrong"])
def test_an_answered_request_is_forgotten_at_once(open_pool, is_wrong):
    class Picture:
        pass

    class Judge(Gate):
        def say(self, request):
            return EmoError("a picture: expected another.") if is_wrong else b"fine"

    pool, picture = open_pool(), Picture()
    seen = weakref.ref(picture)

    async def send(picture):
        try:
            await pool.run(Judge(is_open=True), picture, time_limit_s=PATIENCE_S)
        except EmoError:
            return "wrong"
        return "answered"

    gc.disable()
    try:
        runs = [send(picture)]
        del picture
        assert asyncio.run(runs.pop()) == ("wrong" if is_wrong else "answered")
        deadline = time.monotonic() + PATIENCE_S
        while seen() is not None and time.monotonic() < deadline:
            time.sleep(0.01)  # the worker's thread lets go of it soon after the answer
        assert seen() is None
    finally:
        gc.enable()


def test_errors_that_nobody_waits_for_are_not_reported_as_lost(open_pool):
    pool, gate = open_pool(), Failing()

    async def leave():
        (task,) = ask(pool, gate, ValueError("a bug"))
        await gate.busy()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.let_pass()
        assert await pool.run(gate, 2, time_limit_s=PATIENCE_S) == b"2!"

    lost = []

    async def watched():
        asyncio.get_running_loop().set_exception_handler(lambda _, told: lost.append(told))
        await leave()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(watched())
        gc.collect()
    assert lost == []


@pytest.mark.parametrize("name", ["workers", "queue", "batch"])
def test_a_number_below_one_is_refused(open_pool, name):
    with pytest.raises(EmoError, match=f"{name}: expected 1 or more. Received: 0"):
        open_pool(**{name: 0})
