"""Where annotated pictures and videos are written."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from emo_tf.cli.sources import PictureSource, VideoSource
from emo_tf.errors import EmoError

KEPT_SUFFIXES = (".jpg", ".jpeg", ".png")
OTHER_SUFFIX = ".png"


def plan_drawings(
    sources: Sequence[PictureSource | VideoSource],
    folder: Path,
    *,
    option: str = "--draw",
    kept_suffixes: Collection[str] = KEPT_SUFFIXES,
    other_suffix: str = OTHER_SUFFIX,
) -> dict[PictureSource | VideoSource, Path]:
    """Gives every source a file of its own below `folder`.

    The folders of the sources below the one that they have in common are kept, so that
    `a/x.jpg` and `b/x.jpg` stay apart; where two names still agree, a number is added.

    Args:
        sources: The pictures or videos that will be drawn on.
        folder: Where the annotated ones go.
        option: By which the folder was given, for messages.
        kept_suffixes: Those that can be written.
        other_suffix: That of a source with any other.

    Returns:
        The path of each source; a source that is named twice has one.

    Raises:
        EmoError: `folder` is a file, or what is drawn would replace one of the sources.
    """
    if folder.exists() and not folder.is_dir():
        raise EmoError(f"{option}: expected a folder. Received: {folder}, which is a file")
    # Not resolved: a link is drawn under its own name.
    paths = {source: os.path.abspath(source.file) for source in sources}  # noqa: PTH100
    common = os.path.commonpath([Path(path).parent for path in paths.values()]) if paths else ""
    inputs = {Path(path).resolve() for path in paths.values()}
    taken = set()
    targets = {}
    for source, path in paths.items():
        relative = Path(path).relative_to(common)
        if relative.suffix.lower() not in kept_suffixes:
            relative = relative.with_suffix(other_suffix)
        target = folder / _free(relative, taken)
        if target.resolve() in inputs:
            raise EmoError(
                f"{option}: expected a folder other than that of the sources. Received: {folder}, "
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
