"""Loading matplotlib, which the extras `groups` and `train` bring."""

import contextlib
from collections.abc import Iterator

from emo_tf.errors import EmoError


@contextlib.contextmanager
def matplotlib(what: str) -> Iterator[None]:
    """Lets something import figures inside the block.

    Args:
        what: What they are for.

    Raises:
        EmoError: Matplotlib is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise EmoError(
            f"{what}: expected matplotlib (pip install 'emo_tf[groups]'). Received: {error}"
        ) from error
