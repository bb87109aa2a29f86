"""Where annotated pictures are written."""

import os
from collections.abc import Sequence
from pathlib import Path

from emo_tf.cli.sources import PictureSource
from emo_tf.errors import EmoError

KEPT_SUFFIXES = (".jpg", ".jpeg", ".png")
OTHER_SUFFIX = ".png"


def plan_drawings(sources: Sequence[PictureSource], folder: Path) -> dict[PictureSource, Path]:
    """Gives every source a file of its own below `folder`.

    The folders of the sources below the one that they have in common are kept, so that
    `a/x.jpg` and `b/x.jpg` stay apart; where two names still agree, a number is added.

    Args:
        sources: The pictures that will be drawn on.
        folder: Where the annotated pictures go.

    Returns:
        The path of each source; a source that is named twice has one.

    Raises:
        EmoError: `folder` is a file, or an annotated picture would replace one of the sources.
    """
    if folder.exists() and not folder.is_dir():
        raise EmoError(f"--draw: expected a folder. Received: {folder}, which is a file")
    # Not resolved: a link is drawn under its own name.
    paths = {source: os.path.abspath(source.path or "stdin") for source in sources}  # noqa: PTH100
    common = os.path.commonpath([Path(path).parent for path in paths.values()]) if paths else ""
    inputs = {Path(path).resolve() for path in paths.values()}
    taken = set()
    targets = {}
    for source, path in paths.items():
        relative = Path(path).relative_to(common)
        if relative.suffix.lower() not in KEPT_SUFFIXES:
            relative = relative.with_suffix(OTHER_SUFFIX)
        target = folder / _free(relative, taken)
        if target.resolve() in inputs:
            raise EmoError(
                f"--draw: expected a folder other than that of the pictures. Received: {folder}, "
                f"where {target} would be replaced"
            )
        targets[source] = target
    return targets


def _free(relative: Path, taken: set[str]) -> Path:
    """Returns `relative`, numbered where it is taken, and takes it."""
    # Some file systems do not tell X.jpg from x.jpg.
    candidate, number = relative, 2
    while str(candidate).casefold() in taken:
        candidate = relative.with_stem(f"{relative.stem}-{number}")
        number += 1
    taken.add(str(candidate).casefold())
    return candidate
