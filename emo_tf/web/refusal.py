"""A request that is turned down before anybody works on it."""

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818 (an answer, not a fault)
    """An answer other than 200, as it is to be sent.

    Attributes:
        status: The HTTP status.
        message: One sentence: what was expected and what came.
        reason: One word for metrics.
        headers: Headers besides those of every answer.
    """

    def __init__(
        self, status: int, message: str, *, reason: str, headers: Mapping[str, str] | None = None
    ):
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.headers = dict(headers or {})
