"""The names of an image classifier's classes, and plain words for them."""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.model_metadata import ZIP_DAMAGE

_SUFFIX = ".txt"
# The number of a class before or behind its name.
_NUMBERED = (
    r"(?P<number>[0-9]{1,6}):?\s+(?P<name>\S.*)",
    r"(?P<name>.*\S)\s+(?P<number>[0-9]{1,6})",
)
_WORDNET_ID = r"n[0-9]{8}[\s_]+"
_INITIAL = r"/[a-z]/"


def read_class_names(path: Path, *, count: int) -> tuple[str, ...]:
    """Reads a label file, one class a line in the order of the scores.

    Args:
        path: The file.
        count: How many classes there are.

    Returns:
        Their names as `plain_names` gives them.

    Raises:
        EmoError: The file cannot be read, has another number of lines, or one without a name.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise EmoError(
            f"{path}: expected labels, one a line. Received: {error.strerror}"
        ) from error
    lines = _lines(content, source=str(path))
    if len(lines) != count:
        raise EmoError(
            f"{path}: expected {count} labels, one a line, as the model gives {count} scores. "
            f"Received: {len(lines)}"
        )
    return plain_names(lines, source=str(path))


def class_names_within(path: Path, *, count: int) -> tuple[str, ...]:
    """Reads the label file in the zip at a `.tflite` file's end: the first `.txt` that fits.

    Args:
        path: The model file, with the associated files of TFLite Metadata.
        count: How many classes there are.

    Returns:
        Their names as `plain_names` gives them.

    Raises:
        EmoError: There is none with as many lines, or the zip is damaged.
    """
    found = []
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.lower().endswith(_SUFFIX):
                    source = f"{path}: {name}"
                    lines = _lines(archive.read(name), source=source)
                    if len(lines) == count:
                        return plain_names(lines, source=source)
                    found.append(f"{name} of {len(lines)} lines")
    except ZIP_DAMAGE:
        found.append("none")
    raise EmoError(
        f"{path}: expected {count} labels, one a line, in the file's own zip or by "
        f"--labels FILE.txt. Received: {', '.join(found) or 'none'}"
    )


def plain_names(names: Sequence[str], *, source: str = "labels") -> tuple[str, ...]:
    """Returns the names of ImageNet and Places365 as plain words in lower case.

    In this order: the number of a class before or behind its name goes, where all names have one
    and they count up from 0 or 1 (`airfield 0`, `1  tench`; not `boeing 747`); WordNet's number
    (`n02119789 kit fox`) and Places365's initial (`/a/airfield`) go; of synonyms parted by commas
    the first stays; underscores and slashes become blanks.

    Args:
        names: The names in the order of the classes.
        source: Where they come from, for messages.

    Raises:
        EmoError: Nothing is left of one.

    Example:
        >>> plain_names(["/a/airfield 0", "/a/apartment_building/outdoor 1"])
        ('airfield', 'apartment building outdoor')
        >>> plain_names(["n01440764 tench, Tinca tinca"])
        ('tench',)
    """
    plain = tuple(map(_plain, _without_numbers([name.strip() for name in names])))
    if "" in plain:
        line = plain.index("")
        raise EmoError(
            f"{source}: line {line + 1}: expected the name of a class. Received: {names[line]!r}"
        )
    return plain


def _lines(content: bytes, *, source: str) -> list[str]:
    try:
        # Some editors begin a file with a byte order mark.
        return content.decode("utf-8-sig").rstrip().splitlines()
    except UnicodeDecodeError as error:
        raise EmoError(f"{source}: expected text in UTF-8. Received: {error}") from error


def _without_numbers(names: list[str]) -> list[str]:
    for pattern in _NUMBERED:
        parts = [re.fullmatch(pattern, name) for name in names]
        if not all(parts):
            continue
        numbers = [int(part["number"]) for part in parts]
        if numbers in ([*range(len(names))], [*range(1, len(names) + 1)]):
            return [part["name"] for part in parts]
    return names


def _plain(name: str) -> str:
    for beginning in (_WORDNET_ID, _INITIAL):
        name = re.sub(f"^{beginning}", "", name)
    return re.sub(r"[\s_/]+", " ", name.split(",")[0]).strip().lower()
