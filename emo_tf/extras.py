"""Loading what only an extra brings."""

import contextlib
from collections.abc import Collection, Iterator

from emo_tf.errors import EmoError

SERVER_MODULES = {
    "fastapi",
    "h11",
    "prometheus_client",
    "pydantic",
    "python_multipart",
    "starlette",
    "uvicorn",
}
"""What the extra `serve` brings."""


@contextlib.contextmanager
def needing_extra(extra: str, *, what: str, modules: Collection[str] = ()) -> Iterator[None]:
    """Lets something be imported inside the block that an extra brings.

    Args:
        extra: Its name.
        what: The verb or the option that needs it, for messages.
        modules: Top-level names of what it brings, where others may be missing for other reasons.

    Raises:
        EmoError: One of `modules` is not there, or any where none are named.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if modules and (error.name or "").partition(".")[0] not in modules:
            raise
        raise EmoError(
            f"{what}: expected the extra `{extra}` (pip install 'emo_tf[{extra}]'). "
            f"Received: {error}"
        ) from error
