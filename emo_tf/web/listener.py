"""Where a server listens."""

import socket

from emo_tf.errors import EmoError

BACKLOG = 1024
"""Connections that wait to be accepted, at most."""


def listen(host: str, port: int) -> socket.socket:
    """Takes an address, which may be long before connections to it are answered.

    Args:
        host: A name or an address of this machine.
        port: 0 for any that is free.

    Returns:
        The socket that listens.

    Raises:
        EmoError: It is taken, or none of this machine's.
    """
    try:
        (family, kind, protocol, _, address), *_ = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        # Asyncio sends at once (TCP_NODELAY) only where it sees that the protocol is TCP.
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            # Two that load at once could both bind; whoever connects meanwhile is kept waiting.
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise EmoError(
            f"--host {host} --port {port}: expected an address to listen at. Received: {reason}"
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """Returns host and port as they stand in a URL."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(listener: socket.socket) -> bool:
    """Returns whether only this machine can reach it."""
    host = listener.getsockname()[0]
    return host.startswith("127.") or host == "::1"
