"""The annotation tool as a process: it listens until it is told to stop."""

import contextlib
import sys
from collections.abc import Callable

from emo_tf.annotation.app import create_app
from emo_tf.annotation.desk import Desk
from emo_tf.web.listener import address_of, is_loopback, listen
from emo_tf.web.stoppable_server import StoppableServer

_MAX_CONNECTIONS = 64


def serve_desk(
    desk: Desk,
    *,
    host: str,
    port: int,
    token: str | None = None,
    on_started: Callable[[str], None],
) -> None:
    """Lets people annotate until SIGTERM or Ctrl-C.

    Args:
        desk: What they annotate.
        host: Address to listen at.
        port: 0 for any that is free.
        token: What requests have to show; `None` for none.
        on_started: Told the page's address once it is there.

    Raises:
        EmoError: Nobody can listen at that address.
    """
    with contextlib.closing(listen(host, port)) as listener:
        url, loopback = f"http://{address_of(listener)}", is_loopback(listener)

        def say_where() -> None:
            on_started(url)
            if token is None and not loopback:
                print(
                    f"emo-tf: warning: whoever reaches {url} sees the pictures and may answer; "
                    "--token-file FILE asks for a token",
                    file=sys.stderr,
                )

        app = create_app(desk, loopback=loopback, token=token)
        server = StoppableServer(app, max_connections=_MAX_CONNECTIONS, on_started=say_where)
        server.run(sockets=[listener])
