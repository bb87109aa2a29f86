"""Things that are built by name: models, backbones."""

import fnmatch
import inspect
from collections.abc import Callable
from typing import Generic, TypeVar

import keras

from emo_tf.errors import EmoError, unknown_name

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """Named entries of one kind.

    Args:
        kind: What the entries are, for messages, e.g. `"model"`.
    """

    def __init__(self, kind: str):
        self._kind = kind
        self._entries: dict[str, Entry] = {}

    def add(self, name: str, entry: Entry) -> None:
        """Adds an entry.

        Args:
            name: What it is asked for by.
            entry: What is registered.

        Raises:
            EmoError: The name is taken.
        """
        if name in self._entries:
            raise EmoError(
                f"{self._kind} name: expected one not registered yet. Received: {name!r}"
            )
        self._entries[name] = entry

    def get(self, name: str) -> Entry:
        """Returns an entry.

        Raises:
            EmoError: None has that name; close matches are listed.
        """
        if name not in self._entries:
            raise unknown_name(self._kind, name, self._entries)
        return self._entries[name]

    def names(self, pattern: str = "*") -> tuple[str, ...]:
        """Returns the names that match a wildcard pattern, sorted."""
        return tuple(sorted(fnmatch.filter(self._entries, pattern)))


MODELS: Registry[Callable[..., keras.Model]] = Registry("model")
"""The functions that build models."""


def register(name: str, *, settings: type | None = None) -> Callable:
    """Returns a decorator that registers a function which builds a model under `name`.

    Args:
        name: The model's name.
        settings: The class that the function makes of its keywords, where it names none itself:
            whoever looks at its signature sees the arguments of the class.

    Raises:
        EmoError: The name is taken.
    """

    def decorate(builder):
        if settings is not None:
            builder.__signature__ = inspect.signature(settings)
        MODELS.add(name, builder)
        return builder

    return decorate


def create(name: str, **arguments) -> keras.Model:
    """Builds the model registered under `name`.

    Args:
        name: One of `names()`.
        arguments: The model's own.

    Raises:
        EmoError: No model has that name; close matches are listed.
    """
    return MODELS.get(name)(**arguments)


def names(pattern: str = "*") -> tuple[str, ...]:
    """Returns the names of the models that match a wildcard pattern, sorted."""
    return MODELS.names(pattern)
