"""From the sources of a command line to their results."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from emo_tf.cli.box_lists import BoxRow
from emo_tf.cli.sources import PictureSource
from emo_tf.errors import EmoError
from emo_tf.results import PhotoResult
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.image_io import read_image
from emo_tf.runtime.person_boxes import whole_pixels


@dataclass(frozen=True)
class Outcome:
    """What came of a source, or of a row of a list that could not be used.

    Attributes:
        source: The source; its rows are those that the people of the result come from.
        result: What was found, or the error.
        image: The upright RGB picture, uint8 (H, W, 3), where it was asked for and could be read.
    """

    source: PictureSource
    result: PhotoResult
    image: np.ndarray | None = None


def outcomes(
    analyzer: Analyzer, sources: Sequence[PictureSource], *, with_images: bool, max_pixels: int
) -> Iterator[list[Outcome]]:
    """Analyses sources one after the other.

    Args:
        analyzer: What analyses them.
        sources: The sources, those that stand for no picture included.
        with_images: Whether the pictures are wanted too.
        max_pixels: Pictures with more pixels are refused.

    Yields:
        For each source in turn its outcome. Where a list gives boxes outside of a picture, that
        of the picture with its other people, if there are any, then one for each such row.
    """
    for failed, part in itertools.groupby(sources, lambda source: source.error is not None):
        if failed:
            yield from ([_failure(source.name, source.error)] for source in part)
            continue
        for outcome in _analyzed(analyzer, list(part), with_images=with_images):
            errors = _errors_of_rows(outcome, max_pixels=max_pixels)
            if not errors:
                yield [outcome]
                continue
            rows = tuple(row for row in outcome.source.rows if row not in errors)
            others = [replace(outcome.source, rows=rows)] if rows else []
            yield [
                *_analyzed(analyzer, others, with_images=with_images),
                *(_failure(row.source_list, str(error)) for row, error in errors.items()),
            ]


def _analyzed(
    analyzer: Analyzer, sources: Sequence[PictureSource], *, with_images: bool
) -> Iterator[Outcome]:
    contents = (source.content() for source in sources)
    if with_images:
        results = analyzer.analyze_with_images(contents)
    else:
        results = ((result, None) for result in analyzer.analyze_many(contents))
    for source, (result, image) in zip(sources, results, strict=True):
        yield Outcome(source, result, image)


def _failure(name: str, error: str) -> Outcome:
    return Outcome(PictureSource(name, error=error), PhotoResult(name, error=error))


def _errors_of_rows(outcome: Outcome, *, max_pixels: int) -> dict[BoxRow, EmoError]:
    """Returns the rows whose boxes are why the analysis of a picture failed."""
    if outcome.result.error is None or not outcome.source.rows:
        return {}
    try:
        height, width = read_image(outcome.source.name, max_pixels=max_pixels).shape[:2]
    except EmoError:
        return {}
    return rows_outside(outcome.source.rows, width=width, height=height)


def rows_outside(rows: Sequence[BoxRow], *, width: int, height: int) -> dict[BoxRow, EmoError]:
    """Returns the rows of a list whose boxes have no area in their picture, each with its error.

    Args:
        rows: Of one picture.
        width: Of the picture.
        height: Of the picture.
    """
    errors = {}
    for row in rows:
        try:
            whole_pixels(row.box_xywh, width=width, height=height)
        except EmoError:
            errors[row] = row.error(
                f"a box with an area in the picture of {width} x {height} pixels"
            )
    return errors
