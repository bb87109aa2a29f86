"""How many faces the pictures of a data set have."""

from collections import Counter
from collections.abc import Mapping
from itertools import accumulate

_PERCENTS = (50, 80, 90, 95, 100)
_PUBLISHED = {80: "12"}  # Gupta et al. 2018


def face_quantiles(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Returns lines of a table: for each split, how many faces a share of its pictures has at most.

    Args:
        counts: For each split, pictures by their number of faces.
    """
    by_split = {
        split: Counter({int(faces): pictures for faces, pictures in found.items()})
        for split, found in counts.items()
    }
    rows = by_split | {"all": sum(by_split.values(), Counter())}
    head = [
        "faces a picture, at most in",
        *(f"{percent}%" for percent in _PERCENTS),
        "none at all in",
    ]
    lines = [head]
    for split, found in rows.items():
        if found:
            most = [str(_quantile(found, percent)) for percent in _PERCENTS]
            lines.append([split, *most, f"{found[0] / found.total():.1%}"])
    lines.append(["published", *(_PUBLISHED.get(percent, "-") for percent in _PERCENTS), "-"])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]


def _quantile(found: Counter[int], percent: int) -> int:
    """Returns the least number of faces that so many of the pictures do not pass."""
    numbers = sorted(found)
    passed = accumulate(found[faces] for faces in numbers)
    return next(
        faces
        for faces, pictures in zip(numbers, passed, strict=True)
        if 100 * pictures >= percent * found.total()
    )
