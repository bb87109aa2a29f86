"""A server that ends well when it is told to."""

import contextlib
import functools
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from emo_tf.web.connection import ClientConnection
from emo_tf.web.listener import BACKLOG

KEEP_ALIVE_S = 30
"""Seconds that a connection may be idle between requests."""

ACCEPTED = 128
"""Connections that are accepted in one turn, before the first of them is counted."""

CLOSING_S = 5
"""Seconds for what is still open at the end."""


class StoppableServer(uvicorn.Server):
    """Serves an app until SIGTERM or Ctrl-C; a second of them ends it at once.

    Args:
        app: What answers requests.
        max_connections: Connections that are open at once, at most.
        on_started: Called when it listens.
        refused: Told the reason of each connection that is turned down.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_connections: int,
        on_started: Callable[[], None],
        refused: Callable[[str], None] = lambda reason: None,
    ):
        connection = functools.partial(
            ClientConnection, max_connections=max_connections, count=refused
        )
        super().__init__(
            uvicorn.Config(
                app,
                http=connection,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=ACCEPTED,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=CLOSING_S,
            )
        )
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            # The loop has set it to what it accepts in one turn.
            listener.listen(BACKLOG)
        self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Uvicorn raises them again at its end; ours is then a success.
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: object) -> None:
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True
