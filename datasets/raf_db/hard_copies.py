"""Writes small copies of RAF-DB for the tests, with whatever oddity a test is about."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from emo_tf.corpora.testing import encoded

from .label_lists import list_path

BOX = "10.5 5 30.5 35\n"
POINTS = "12\t10\n24\t10\n18\t16\n13\t22\n23\t22\n"
ATTRIBUTES = "1\n0\n2\n"

LABELS = {"basic": "4", "compound": "1", "multi": "0.2 0 0 0.5 0 0"}
"""A label of each set: happy, happy and surprise, and both with some neutral."""

_FILES = {
    "boundingbox": BOX,
    "manu_attri": POINTS + ATTRIBUTES,
    "manu_ldmk": POINTS,
}
_FILES_OF = {
    "basic": ("boundingbox", "manu_attri"),
    "compound": ("boundingbox", "manu_attri"),
    "multi": ("manu_ldmk",),
}


def lines(kind: str, *names: str) -> str:
    """Returns the lines of a set's list that give its usual label to some names."""
    return "".join(f"{name} {LABELS[kind]}\n" for name in names)


def write_set(
    folder: Path,
    kind: str,
    *,
    labels: str | None = None,
    names: Iterable[str] = ("train_00001.jpg", "test_0001.jpg"),
    changes: Mapping[str, str | bytes | None] | None = None,
) -> Path:
    """Writes one set of RAF-DB.

    Args:
        folder: The `manual_dir` above the set's own folder.
        kind: One of `label_lists.SETS`.
        labels: What the list holds; by default the usual label of each name.
        names: Pictures to write, with their files of annotations.
        changes: What other files hold, by name; `None` for one to leave out.

    Returns:
        `folder`.
    """
    home = folder / kind
    names = tuple(names)
    files = {list_path(home, kind): lines(kind, *names) if labels is None else labels}
    for name in names:
        stem = name.removesuffix(".jpg")
        files[home / "Image" / "original" / name] = encoded()
        for part in _FILES_OF[kind]:
            below = "boundingbox" if part == "boundingbox" else "manual"
            files[home / "Annotation" / below / f"{stem}_{part}.txt"] = _FILES[part]
    for path, usual in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        content = (changes or {}).get(path.name, usual)
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
