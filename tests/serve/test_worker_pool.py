import asyncio
import random
import time
from collections import Counter

import pytest

from emo_tf.errors import EmoError
from emo_tf.serve.work import QueueFull
from tests.serve.gated_answerers import PATIENCE_S, Failing, Gate, ask, behind


def test_a_request_gets_its_answer(open_pool):
    pool, gate = open_pool(workers=2), Gate(is_open=True)
    assert asyncio.run(pool.run(gate, "hello", time_limit_s=PATIENCE_S)) == b"hello!"


def test_a_lone_request_is_answered_alone_and_at_once(open_pool):
    pool, gate = open_pool(), Gate(is_open=True)

    async def one_by_one():
        for number in range(5):
            await pool.run(gate, number, time_limit_s=PATIENCE_S)

    asyncio.run(one_by_one())
    assert gate.batches == [[0], [1], [2], [3], [4]]


@pytest.mark.parametrize(
    ("workers", "batch", "expected"),
    [
        pytest.param(1, 16, [[0, 1, 2, 3, 4, 5]], id="one-worker-takes-all"),
        pytest.param(1, 4, [[0, 1, 2, 3], [4, 5]], id="at-most-a-batch"),
        pytest.param(1, 1, [[0], [1], [2], [3], [4], [5]], id="batch-of-one"),
        pytest.param(2, 16, [[0, 1, 2], [3, 4], [5]], id="half-of-what-waits"),
        pytest.param(4, 16, [[0, 1], [2], [3], [4], [5]], id="a-fourth-of-what-waits"),
    ],
)
def test_a_worker_takes_its_share_of_what_waits_in_order(open_pool, workers, batch, expected):
    pool, gate = open_pool(workers=workers, batch=batch), Gate()

    async def wait_and_go():
        tasks = await behind(pool, gate, *range(6))
        for _ in expected:  # one worker at a time, so that the order is certain
            gate.let_pass(1)
            await gate.busy()
        gate.let_pass()
        return await asyncio.gather(*tasks)

    answers = asyncio.run(wait_and_go())
    assert gate.batches[workers:] == expected
    assert answers[workers:] == [b"0!", b"1!", b"2!", b"3!", b"4!", b"5!"]


def test_a_batch_is_of_one_answerer_and_the_oldest_request_comes_first(open_pool):
    pool, gate, other = open_pool(), Gate("gate"), Gate("other", is_open=True)

    async def mixed():
        tasks = await behind(pool, gate)
        for number, answerer in enumerate([other, gate, gate, other]):
            tasks += ask(pool, answerer, number)
        await asyncio.sleep(0)
        gate.let_pass()
        return await asyncio.gather(*tasks)

    assert asyncio.run(mixed())[1:] == [b"0!", b"1!", b"2!", b"3!"]
    assert other.batches == [[0, 3]]
    assert gate.batches == [["blocker 0"], [1, 2]]


def test_no_two_calls_of_one_worker_overlap(open_pool):
    pool, gate = open_pool(workers=3), Gate()

    async def three():
        tasks = await behind(pool, gate)
        gate.let_pass()
        await asyncio.gather(*tasks)

    asyncio.run(three())
    assert sorted(worker for worker, _ in gate.calls) == [0, 1, 2]


def test_each_call_of_an_answerer_is_reported(open_pool):
    reports = []
    pool = open_pool(on_batch=lambda *report: reports.append(report))
    gate = Failing()

    async def mixed():
        tasks = await behind(pool, gate, 1, 2, ValueError())
        gate.let_pass()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(mixed())
    assert [report[:2] for report in reports] == [("gate", n) for n in (1, 3, 1, 1, 1)]
    assert all(0 <= seconds < PATIENCE_S for _, _, seconds in reports)


def test_an_idle_pool_takes_no_processor_time(open_pool):
    pool = open_pool(workers=4)
    asyncio.run(pool.run(Gate(is_open=True), 1, time_limit_s=PATIENCE_S))
    start = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - start < 0.05


def test_hundreds_of_callers_of_two_answerers_all_get_their_own_answer(open_pool):
    class Jittery(Failing):
        def answer(self, worker, requests):
            self.calls.append((worker, list(requests)))
            assert len(requests) <= 16
            time.sleep(random.Random(len(self.calls)).uniform(0, 0.002))
            return [self.say(request) for request in requests]

    pool = open_pool(workers=3, queue=100)
    answerers = [Jittery("one"), Jittery("two")]
    outcomes = Counter()

    async def caller(number: int):
        dice = random.Random(number)
        for turn in range(12):
            request = f"{number}/{turn}"
            kind = dice.choice(["fine"] * 8 + ["wrong", "failed", "cancelled"])
            if kind == "wrong":
                request = EmoError(request)
            elif kind == "failed":
                request = ValueError(request)
            (task,) = ask(pool, dice.choice(answerers), request)
            if kind == "cancelled":
                asyncio.get_running_loop().call_later(dice.uniform(0, 0.01), task.cancel)
            (outcome,) = await asyncio.gather(task, return_exceptions=True)
            if isinstance(outcome, asyncio.CancelledError):
                assert kind == "cancelled"
            elif isinstance(outcome, QueueFull):
                await asyncio.sleep(0.005)
            else:
                assert outcome == (
                    request if kind in ("wrong", "failed") else f"{request}!".encode()
                )
            outcomes[type(outcome)] += 1

    async def all_callers():
        await asyncio.gather(*map(caller, range(300)))

    asyncio.run(all_callers())
    assert outcomes.total() == 300 * 12
    assert set(outcomes) == {bytes, QueueFull, EmoError, ValueError, asyncio.CancelledError}
    assert pool.waiting == 0
