"""Requests to a server on this machine, as its users send them."""

import http.client
import json
from dataclasses import dataclass

_BOUNDARY = "emo-tf-picture"


@dataclass(frozen=True)
class Answer:
    """What a server said.

    Attributes:
        status: The status, or `None` where no answer came.
        body: The JSON of the answer; where there is none, its beginning or what went wrong.
    """

    status: int | None
    body: object

    @property
    def error(self) -> str | None:
        """The sentence of an answer that is an error."""
        text = self.body.get("error") if isinstance(self.body, dict) else None
        return text if isinstance(text, str) and text else None

    @property
    def summary(self) -> str:
        """The answer in a few words."""
        said = self.error or (self.body if isinstance(self.body, str) else "")
        return ": ".join(part for part in (str(self.status or ""), said) if part)


class HttpClient:
    """Asks one server, each time on a connection of its own; no proxy comes between.

    Args:
        host: Where it listens.
        port: At which port.
        time_limit_s: How long it may be silent.
    """

    def __init__(self, host: str, port: int, *, time_limit_s: float):
        self._address = (host, port)
        self._time_limit_s = time_limit_s

    def get(self, path: str) -> Answer:
        """Asks for a resource."""
        return self._ask("GET", path, None, {})

    def post(self, path: str, body: bytes) -> Answer:
        """Sends JSON, or what claims to be.

        Args:
            path: Below the server's address.
            body: What is sent.
        """
        return self._ask("POST", path, body, {"Content-Type": "application/json"})

    def post_picture(self, path: str, content: bytes, *, field: str) -> Answer:
        """Sends a picture's file as a form in a browser does.

        Args:
            path: Below the server's address.
            content: The picture's file.
            field: The name of the form's field.
        """
        head = (
            f"--{_BOUNDARY}\r\n"
            f'Content-Disposition: form-data; name="{field}"; filename="picture"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        content_type = f"multipart/form-data; boundary={_BOUNDARY}"
        return self._ask("POST", path, body, {"Content-Type": content_type})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(*self._address, timeout=self._time_limit_s)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            return Answer(None, f"{type(error).__name__}: {error}")
        finally:
            connection.close()
        try:
            return Answer(response.status, json.loads(content))
        except ValueError:
            return Answer(response.status, content[:200].decode("utf-8", "replace"))
