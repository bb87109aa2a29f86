"""Which entry of a file is about which picture: the one that the picture's path ends with."""

from collections.abc import Container, Iterable
from pathlib import Path, PurePosixPath

from emo_tf.errors import EmoError


def longest_ending(picture: str | Path, keys: Container[str]) -> str | None:
    """Returns the key that a picture's path ends with, the longest there is, or `None`.

    Args:
        picture: A path, such as `album/day/x.jpg`.
        keys: File names, or paths with `/` between their parts.

    Example:
        >>> longest_ending("album/day/x.jpg", {"x.jpg", "day/x.jpg"})
        'day/x.jpg'
    """
    if str(picture) in keys:
        return str(picture)
    parts = PurePosixPath(Path(picture).as_posix()).parts
    endings = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((ending for ending in endings if ending in keys), None)


def check_told_apart(
    pictures: Iterable[str | Path], keys: Container[str], *, source: str | Path
) -> None:
    """Checks that no key stands for two of these pictures.

    Args:
        pictures: Their paths.
        keys: What `longest_ending` takes.
        source: Where the keys come from, for the message.

    Raises:
        EmoError: One does, as `x.jpg` for `a/x.jpg` and `b/x.jpg`.
    """
    taken: dict[str, str] = {}
    for picture in map(str, pictures):
        key = longest_ending(picture, keys)
        if key is not None and taken.setdefault(key, picture) != picture:
            raise EmoError(
                f"{source}: expected an entry for each picture, with its folder where names are "
                f"alike. Received: {key!r} for {taken[key]} and {picture}"
            )
