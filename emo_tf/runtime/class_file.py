"""JSON files of numbers about the three classes of a group: networks and ensembles."""

import json
from collections.abc import Mapping
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.files import read_object, replace_whole
from emo_tf.labels import GROUP_EMOTIONS

VERSION = 1


def write_class_file(path: Path, values: Mapping[str, object], *, kind: str) -> None:
    """Writes values below a header, whole or not at all.

    Args:
        path: The file.
        values: What JSON takes.
        kind: What the file holds, e.g. `"emo_tf ensemble"`.
    """
    header = {"format": kind, "version": VERSION, "classes": GROUP_EMOTIONS}
    text = json.dumps({**header, **values}, indent=1, ensure_ascii=False)
    with replace_whole(path) as part:
        # JSON writes lone surrogates, which names may hold, just so.
        part.write_text(text + "\n", "utf-8", "backslashreplace")


def read_class_file(path: Path, *, kind: str, expected: str) -> dict:
    """Returns the object that `write_class_file` wrote, after a look at the header.

    Args:
        path: The file.
        kind: As it was written.
        expected: What the file should be, for messages.

    Raises:
        EmoError: The file is missing or damaged, of another kind or version, or its classes are
            others or stand in another order.
    """
    values = read_object(path, expected=expected)
    found = values.get("format"), values.get("version")
    if found != (kind, VERSION):
        raise EmoError(
            f"{path}: expected a file of format {kind!r}, version {VERSION}. Received: "
            f"{found[0]!r}, {found[1]!r}"
        )
    if values.get("classes") != list(GROUP_EMOTIONS):
        raise EmoError(
            f"{path}: expected the classes {', '.join(GROUP_EMOTIONS)} in this order. "
            f"Received: {values.get('classes')}"
        )
    return values
