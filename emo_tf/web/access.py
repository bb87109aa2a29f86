"""Who may ask: bearer tokens, RFC 6750."""

import hmac
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from emo_tf.errors import EmoError
from emo_tf.web.answers import error_answer

TOKEN_VARIABLE = "EMO_TF_TOKEN"


def read_token(file: Path | None, *, environment: Mapping[str, str] = os.environ) -> str | None:
    """Returns the token of a file, else that of the environment, else `None`.

    Args:
        file: A file that holds nothing but the token and white space around it.
        environment: Variables, among which `EMO_TF_TOKEN` may hold it.

    Raises:
        EmoError: The file cannot be read, or the token is empty or has characters that no header
            can carry.
    """
    if file is not None:
        name = str(file)
        try:
            token = file.read_text("utf-8").strip()
        except OSError as error:
            raise EmoError(
                f"{file}: expected a file with a token. Received: {error.strerror}"
            ) from error
        except UnicodeDecodeError as error:
            raise EmoError(f"{file}: expected a token in UTF-8. Received: other bytes") from error
    elif TOKEN_VARIABLE in environment:
        name, token = TOKEN_VARIABLE, environment[TOKEN_VARIABLE].strip()
    else:
        return None
    if not token or not all("!" <= character <= "~" for character in token):
        received = "others" if token else "an empty one"
        raise EmoError(f"{name}: expected a token of printable ASCII. Received: {received}")
    return token


class Access:
    """Lets requests through if they show the token, or ask for what is open to all.

    Args:
        app: What is behind it.
        token: The token.
        guarded: What paths begin with that are not open to all.
        refused: Called at each refusal.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        guarded: tuple[str, ...],
        refused: Callable[[], None] = lambda: None,
    ):
        self._app = app
        self._token = token.encode("ascii")
        self._guarded = guarded
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        guarded = scope["type"] == "http" and scope["path"].startswith(self._guarded)
        if guarded and not hmac.compare_digest(_shown(scope), self._token):
            self._refused()
            answer = error_answer(
                401,
                "Authorization: expected `Bearer TOKEN` with the server's token. "
                f"Received: {'another' if _shown(scope) else 'none'}",
                headers={"WWW-Authenticate": "Bearer"},
            )
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _shown(scope: Scope) -> bytes:
    """Returns the token that a request shows, empty where it shows none."""
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, token = (values or [b""])[0].strip().partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else b""
