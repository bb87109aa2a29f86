"""What the worker pool is given to do, and why it may refuse."""

from collections.abc import Sequence
from typing import Protocol

from emo_tf.errors import EmoError


class Answerer(Protocol):
    """Answers requests, several at once where that is cheaper.

    Attributes:
        name: For metrics and logs.
    """

    name: str

    def answer(self, worker: int, requests: Sequence[object]) -> list[bytes | EmoError]:
        """Answers requests on one of the pool's threads.

        Args:
            worker: Number of the thread, from 0; no two calls with one number overlap.
            requests: One or more.

        Returns:
            As many as requests, in their order: the answer, or what the request gets wrong.
        """
        ...


class QueueFull(Exception):  # noqa: N818 (as `asyncio.QueueFull`)
    """As many requests wait as may.

    Attributes:
        retry_after_s: After how many seconds those that wait now should be answered, 1 or more.
    """

    def __init__(self, retry_after_s: int):
        super().__init__(f"as many requests wait as may; try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class TimeLimit(Exception):  # noqa: N818
    """The request was not answered in its time."""


class Stopped(Exception):  # noqa: N818
    """The pool answers no more."""
