"""Keeps other pages of the same browser out: a server on this machine is within their reach."""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emo_tf.web.answers import JSON, SAFE_HEADERS, error_answer, head_as_get

API = "/api/"
"""What the paths of everything but the page's own files begin with."""

_BODY_METHODS = ("POST", "PUT")
_OWN_FETCHES = ("same-origin", "none")
_EVERY_ANSWER = {**SAFE_HEADERS, "Cross-Origin-Resource-Policy": "same-origin"}


class OwnPage:
    """Lets through what the tool's page asks for, and turns down what other pages send.

    Another page could send a form to this server, show its pictures, or take its address under a
    name of its own (DNS rebinding). Browsers say where a request comes from: it has to be this
    server. Bodies have to be JSON, which a page may send elsewhere only if that server agrees.

    Args:
        app: What is behind it.
        loopback: Whether the server is for this machine alone and has to be called by such a name.
    """

    def __init__(self, app: ASGIApp, *, loopback: bool):
        self._app = app
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_EVERY_ANSWER)
                headers.setdefault("Cache-Control", "private, no-store")
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await error_answer(*refusal)(scope, receive, send_guarded)
            return
        await self._app(head_as_get(scope), receive, send_guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Returns status and sentence for a request that another page may have sent."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._loopback and not _is_loopback_name(host):
            return 403, f"Host: expected localhost or 127.0.0.1. Received: {host[:100] or 'none'}"
        if not scope["path"].startswith(API):
            return None
        for origin in headers.getlist("origin"):
            if _place(origin) != host.lower():
                return 403, f"Origin: expected this server's own page. Received: {origin[:100]}"
        for site in headers.getlist("sec-fetch-site"):
            if site not in _OWN_FETCHES:
                return 403, f"Sec-Fetch-Site: expected same-origin. Received: {site[:100]}"
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if scope["method"] in _BODY_METHODS and kind != JSON:
            return 415, f"Content-Type: expected {JSON}. Received: {kind[:100] or 'none'}"
        return None


def _is_loopback_name(host: str) -> bool:
    """Returns whether a `Host` header names this machine; no name of another ends up there."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _place(origin: str) -> str | None:
    """Returns host and port of an origin, as a `Host` header has them."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None
