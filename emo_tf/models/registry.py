"""Models by name."""

import fnmatch
from collections.abc import Callable

import keras

from emo_tf.errors import EmoError, unknown_name

_BUILDERS: dict[str, Callable[..., keras.Model]] = {}


def register(name: str) -> Callable:
    """Returns a decorator that registers a function which builds a model under `name`.

    Raises:
        EmoError: The name is taken.
    """

    def decorate(builder):
        if name in _BUILDERS:
            raise EmoError(f"model name: expected one not registered yet. Received: {name!r}")
        _BUILDERS[name] = builder
        return builder

    return decorate


def create(name: str, **arguments) -> keras.Model:
    """Builds the model registered under `name`.

    Raises:
        EmoError: No model has that name; close matches are listed.
    """
    if name not in _BUILDERS:
        raise unknown_name("model", name, _BUILDERS)
    return _BUILDERS[name](**arguments)


def names(pattern: str = "*") -> tuple[str, ...]:
    """Returns the registered names that match a wildcard pattern, sorted."""
    return tuple(sorted(fnmatch.filter(_BUILDERS, pattern)))
