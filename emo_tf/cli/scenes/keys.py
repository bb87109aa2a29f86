"""Under which key each picture of a command line stands in a file of scene labels."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from emo_tf.cli.box_lists import is_box_list
from emo_tf.cli.sources import STANDARD_INPUT, PictureSource, expand_sources
from emo_tf.errors import EmoError


def keyed_pictures(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Finds the pictures that the arguments name, each once, under keys of their own.

    A key is the picture's path below the folder that was given, or below the folder that a pattern
    begins with, with `/` between its parts; a file that is named itself goes by its file name.
    Where two pictures would have one key, both go by their paths as given.

    Args:
        arguments: Pictures, folders and patterns, as `expand_sources` takes them.

    Returns:
        The pictures' paths by key; and why others stand for no picture.

    Raises:
        EmoError: One is a list of people or standard input.
    """
    for argument in arguments:
        if argument == STANDARD_INPUT or is_box_list(argument):
            raise EmoError(f"SOURCE: expected pictures, folders or patterns. Received: {argument}")
    found = [
        (source, Path(argument)) for argument in arguments for source in expand_sources([argument])
    ]
    errors = [source.error for source, _ in found if source.error is not None]
    keys: dict[PictureSource, str] = {}
    seen = set()
    for source, argument in found:
        file = os.path.abspath(source.name)  # noqa: PTH100 (a link is a picture of its own)
        if source.error is None and file not in seen:
            seen.add(file)
            keys[source] = source.path.relative_to(_folder(argument, source)).as_posix()
    # A path as given may be another picture's key: once more until all differ.
    while shared := {key for key, count in Counter(keys.values()).items() if count > 1}:
        for source, key in keys.items():
            if key in shared:
                keys[source] = source.path.as_posix()
    return {key: source.name for source, key in keys.items()}, errors


def _folder(argument: Path, source: PictureSource) -> Path:
    """Returns the folder that an argument begins with, in which `source` was found."""
    if argument == source.path:
        return argument.parent
    parts = [argument, *argument.parents]
    return next(part for part in parts if source.path.is_relative_to(part))
