"""Experiments, one module each with `get_config(*, smoke=False)`."""

import importlib
import pkgutil

from emo_tf.errors import unknown_name
from emo_tf.training.config import Experiment


def names() -> tuple[str, ...]:
    """Returns the names of all experiments."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str, *, smoke: bool = False) -> Experiment:
    """Returns the experiment called `name`; with `smoke`, shrunk to seconds.

    Raises:
        EmoError: There is no such experiment; close matches are listed.
    """
    if name not in names():
        raise unknown_name("experiment", name, names())
    return importlib.import_module(f"{__name__}.{name}").get_config(smoke=smoke)
