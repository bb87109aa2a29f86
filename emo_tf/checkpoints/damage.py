"""What is said of files that are broken."""

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from safetensors import SafetensorError

from emo_tf.errors import EmoError

SIGNS_OF_DAMAGE = (
    AttributeError,
    DeprecationWarning,  # by pickletools on a broken escape, where warnings are errors
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    SafetensorError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
)
"""What the readers, and the libraries under them, raise on bytes that make no sense."""


def cut_short(what: str) -> EmoError:
    """Returns the error for a file that ends too early.

    Args:
        what: The format, e.g. `"torch zip"`.
    """
    return EmoError(f"expected a whole {what} file. Received: one that was cut short")


def refusal(received: str) -> EmoError:
    """Returns the error for a file that holds more than a checkpoint may."""
    return EmoError(f"expected tensors, modules and plain values. Received: {received}")


@contextmanager
def sound(what: str) -> Iterator[None]:
    """Turns whatever broken bytes raise inside into one `EmoError`.

    Args:
        what: The format, e.g. `"torch zip"`.

    Raises:
        EmoError: The bytes are broken.
    """
    try:
        yield
    except EmoError:
        raise
    except SIGNS_OF_DAMAGE as error:
        raise EmoError(
            f"expected a {what} file that can be read. "
            f"Received: a damaged one ({type(error).__name__}: {str(error)[:200]!r})"
        ) from error
