"""One connection of a client, who may be slow, silent or hostile."""

import json
from collections.abc import Callable

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_LIMIT_S = 10.0
"""Seconds in which the head of a request has to be there, and a new client has to say something."""

WRITE_LIMIT_S = 20.0
"""Seconds in which a client has to take what waits to be sent."""

LINGER_LIMIT_S = 5.0
"""Seconds for the rest of a body that was answered before its end, and for last bytes."""

_PIECE = 16 * 1024
"""Bytes that are taken apart before other connections have their turn."""

_BUSY = {"error": "server: expected fewer connections at once. Received: another; try again"}
_INVALID = {"error": "request: expected HTTP/1.1 as of RFC 9112. Received: another"}


class ClientConnection(H11Protocol):
    """HTTP/1.1 with a limit on everything that a client can leave undone.

    Uvicorn itself ends a connection that is idle between requests and nothing else.

    Args:
        max_connections: Connections that may be open at once.
        count: Told the reason of each refusal.
        **options: What uvicorn gives its connections.
    """

    def __init__(self, *, max_connections: int, count: Callable[[str], None], **options):
        super().__init__(**options)
        self._max_connections = max_connections
        self._count = count
        self._head_timer = self._write_timer = self._linger_timer = None
        self._waiting = b""

    def connection_made(self, transport) -> None:
        super().connection_made(transport)
        if len(self.connections) > self._max_connections and not self._displace():
            self._count("connections")
            self._send_and_close(429, "Too Many Requests", _BUSY, "Retry-After: 1\r\n")
            return
        self._head_timer = self.loop.call_later(HEAD_LIMIT_S, self._give_up, "slow_head")

    def connection_lost(self, exc) -> None:
        self._head_timer = _cancelled(self._head_timer)
        self._write_timer = _cancelled(self._write_timer)
        self._linger_timer = _cancelled(self._linger_timer)
        # Uvicorn forgets this timer where the connection broke.
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._waiting:
            self._waiting += data
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        """Has data taken apart, a piece a turn: their chunks may be of a byte each."""
        self._waiting = b""
        if self.transport.is_closing():
            return
        if not self._is_in_plain_body():
            data, self._waiting = data[:_PIECE], data[_PIECE:]
        if self._waiting:
            self.transport.pause_reading()
            self.loop.call_soon(lambda: self._take(self._waiting))
        elif not self.flow.read_paused:
            self.transport.resume_reading()
        super().data_received(data)
        self._watch_head()
        if self._linger_timer and self.conn.their_state is not h11.SEND_BODY:
            self._linger_timer = _cancelled(self._linger_timer)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._close_soon()
            return
        # The rest of a body that nobody wants is read and dropped: a client that is still sending
        # would see a broken connection in place of the answer.
        if self.conn.their_state is h11.SEND_BODY and self._linger_timer is None:
            self._linger_timer = self.loop.call_later(LINGER_LIMIT_S, self._give_up, "slow_body")
        self._watch_head()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(WRITE_LIMIT_S, self._give_up, "slow_reader")

    def resume_writing(self) -> None:
        super().resume_writing()
        self._write_timer = _cancelled(self._write_timer)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._close_soon()

    def shutdown(self) -> None:
        super().shutdown()
        if self.transport.is_closing():
            self._close_soon()

    def send_400_response(self, msg: str) -> None:
        self._count("invalid_http")
        if self.cycle is not None and not self.cycle.response_complete:
            # Whoever is about to answer must not write behind this answer.
            self.cycle.disconnected = True
            if self.cycle.response_started:
                self._give_up("invalid_http", counted=True)
                return
        elif self.conn.our_state is not h11.IDLE and self.conn.our_state is not h11.SEND_RESPONSE:
            # The broken rest of a body that has been answered.
            self.transport.close()
            self._close_soon()
            return
        self._send_and_close(400, "Bad Request", _INVALID)

    def _is_in_plain_body(self) -> bool:
        """Returns whether a body that is not chunked is arriving, which costs nothing to take."""
        names = {name for name, _ in self.headers or ()}
        return self.conn.their_state is h11.SEND_BODY and b"transfer-encoding" not in names

    def _displace(self) -> bool:
        """Closes a connection that is idle between requests, the one that is so longest."""
        idle = [one for one in self.connections if one.timeout_keep_alive_task is not None]
        if not idle:
            return False
        min(idle, key=lambda one: one.timeout_keep_alive_task.when()).timeout_keep_alive_handler()
        return True

    def _watch_head(self) -> None:
        """Starts the time for a head with its first byte and stops it with its last."""
        if self.conn.their_state is not h11.IDLE:
            self._head_timer = _cancelled(self._head_timer)
        elif self.timeout_keep_alive_task is None and self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_LIMIT_S, self._give_up, "slow_head")

    def _send_and_close(self, status: int, phrase: str, values: dict, headers: str = "") -> None:
        body = json.dumps(values)
        self.transport.write(
            f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{headers}Connection: close\r\n\r\n{body}".encode()
        )
        self.transport.close()
        self._close_soon()

    def _close_soon(self) -> None:
        """Breaks off a connection that is being closed if the client takes no more of it."""
        if self._linger_timer is None and self.transport.get_write_buffer_size():
            self._linger_timer = self.loop.call_later(LINGER_LIMIT_S, self.transport.abort)

    def _give_up(self, reason: str, *, counted: bool = False) -> None:
        if not counted:
            self._count(reason)
        self.transport.abort()


def _cancelled(timer) -> None:
    """Cancels a timer, if there is one."""
    if timer is not None:
        timer.cancel()
