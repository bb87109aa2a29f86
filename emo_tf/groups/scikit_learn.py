"""Loading scikit-learn, which the extra `groups` brings."""

from collections.abc import Iterator
from contextlib import contextmanager

from emo_tf.errors import EmoError


@contextmanager
def scikit_learn(what: str) -> Iterator[None]:
    """Lets something import scikit-learn inside the block.

    Args:
        what: What it is for.

    Raises:
        EmoError: It is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise EmoError(
            f"{what}: expected the extra `groups` (pip install 'emo_tf[groups]'). Received: {error}"
        ) from error
