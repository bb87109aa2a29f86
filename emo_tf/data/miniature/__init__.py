"""Small made-up twins of the corpora, in the layouts of the originals, drawn from a seed.

Nothing is downloaded and nobody is shown: tests, tours and continuous integration run on them.
Labels follow from the drawing by a rule that each twin's module states. A twin of a name, version,
seed and size never changes.
"""

import json
from pathlib import Path
from types import ModuleType

from emo_tf.data.miniature import (
    affectnet,
    emotic,
    fer2013,
    group_affect,
    raf_db,
    vtt_friends,
)
from emo_tf.data.miniature.oracle import Oracle
from emo_tf.errors import EmoError, unknown_name
from emo_tf.files import new_folder

NOTE = "MINIATURE.json"
"""File beside a twin that tells it from the original."""

_TWINS = {
    "affectnet": affectnet,
    "emotic": emotic,
    "fer2013": fer2013,
    "group_affect": group_affect,
    "raf_db": raf_db,
    "vtt_friends": vtt_friends,
}


def names() -> tuple[str, ...]:
    """Returns the names of the data sets that have a twin, sorted."""
    return tuple(sorted(_TWINS))


def default_size(name: str) -> tuple[int, str]:
    """Returns how large a twin is unless told otherwise, and what is counted: `(200, "people")`.

    Raises:
        EmoError: There is no twin of that name.
    """
    twin = _twin(name)
    return twin.DEFAULT_SIZE, twin.UNIT


def version(name: str) -> int:
    """Returns the version of what a twin draws: pictures of another are others.

    Raises:
        EmoError: There is no twin of that name.
    """
    return _twin(name).VERSION


def write(name: str, folder: Path, *, seed: int = 0, size: int | None = None) -> Path:
    """Writes a data set's twin in the layout that its builder reads, whole or not at all.

    Args:
        name: One of `names()`.
        folder: Where to put it: a new or empty folder, the builder's `manual_dir`.
        seed: Draws another twin, 0 or more.
        size: People, faces or what the data set counts; the twin's own default where `None`.

    Returns:
        `folder`.

    Raises:
        EmoError: There is no twin of that name, a number cannot be used, or `folder` holds
            something.
    """
    twin = _twin(name)
    size = _checked(twin, seed, size)
    with new_folder(folder) as temporary:
        twin.write(temporary, seed=seed, size=size)
        note = {"name": name, "version": twin.VERSION, "seed": seed, "size": size, "made_up": True}
        (temporary / NOTE).write_text(json.dumps(note) + "\n", encoding="utf-8")
    return Path(folder)


def oracle(name: str, *, seed: int = 0, size: int | None = None) -> Oracle:
    """Returns the best scores that the labels of a twin allow, by source of evidence.

    Args:
        name: One of `names()`.
        seed: As for `write`.
        size: As for `write`.

    Raises:
        EmoError: There is no twin of that name, or a number cannot be used.
    """
    twin = _twin(name)
    return twin.oracle(seed=seed, size=_checked(twin, seed, size))


def _twin(name: str) -> ModuleType:
    if name not in _TWINS:
        raise unknown_name("miniature", name, _TWINS)
    return _TWINS[name]


def _checked(twin: ModuleType, seed: int, size: int | None) -> int:
    if seed < 0:
        raise EmoError(f"seed: expected 0 or more. Received: {seed}")
    return twin.DEFAULT_SIZE if size is None else size
