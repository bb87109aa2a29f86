"""The outermost layer: every request is counted, logged and answered, whatever happens inside."""

import logging
import secrets
from time import perf_counter

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emo_tf.serve.answers import BUG, Response
from emo_tf.serve.logs import log
from emo_tf.serve.measurements import Measurements
from emo_tf.web.answers import JSON, SAFE_HEADERS, head_as_get
from emo_tf.web.error_answers import CLIENT_GONE

OTHER = "other"
"""The route of paths that the server does not know."""

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}


class Observation:
    """Counts and logs requests and turns what nobody foresaw into an answer of status 500.

    Args:
        app: What is behind it.
        measurements: Where requests are counted.
    """

    def __init__(self, app: ASGIApp, *, measurements: Measurements):
        self._app = app
        self._measurements = measurements

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = _Seen(scope, receive, send)
        try:
            await self._app(seen.scope, seen.receive, seen.send)
        except Exception as error:  # a bug, which must not end the connection of the client
            log("failed", level=logging.ERROR, fault=error, id=seen.id, route=seen.route)
            if seen.status is None:
                await Response(BUG, 500, media_type=JSON)(seen.scope, seen.receive, seen.send)
        finally:
            self._report(seen)

    def _report(self, seen: "_Seen") -> None:
        seconds = perf_counter() - seen.start
        status = seen.status or CLIENT_GONE
        self._measurements.add_request(
            route=seen.route, method=seen.method, status=status, seconds=seconds
        )
        model = seen.scope.get("path_params", {}).get("name")
        log(
            "request",
            id=seen.id,
            method=seen.method,
            route=seen.route,
            status=status,
            ms=round(1000 * seconds, 1),
            bytes=seen.bytes,
            **({"model": model} if model and status < 400 else {}),
        )


class _Seen:
    """One request on its way through, and what is known of it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send):
        self.start = perf_counter()
        self.id = secrets.token_hex(8)
        self.status: int | None = None
        self.bytes = 0
        self._receive, self._send = receive, send
        method = scope["method"]
        self.method = method if method in _METHODS else OTHER
        self.scope = head_as_get(scope) | {"path": _path(scope["path"])}

    @property
    def route(self) -> str:
        route = self.scope.get("route")
        return getattr(route, "path_format", OTHER)

    async def receive(self) -> Message:
        message = await self._receive()
        self.bytes += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.id
            for name, value in SAFE_HEADERS.items():
                headers[name] = value
            if "cache-control" not in headers:
                headers["Cache-Control"] = "no-store"
        await self._send(message)


def _path(path: str) -> str:
    """Returns the path alone of one in absolute form, which RFC 9112 lets clients send."""
    for scheme in ("http://", "https://"):
        if path.lower().startswith(scheme):
            _, _, rest = path[len(scheme) :].partition("/")
            return f"/{rest}"
    return path
