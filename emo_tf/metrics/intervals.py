"""How sure a figure is: 95 % intervals of shares, of their differences, and of any statistic."""

import math
from statistics import NormalDist

import numpy as np

CONFIDENCE = 0.95
_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf((1 + CONFIDENCE) / 2)


def wilson_interval(hits: int, count: int) -> tuple[float, float]:
    """Returns the 95 % interval of a share, which is one of chance even at 0 and at 1.

    Args:
        hits: How many of the examples count.
        count: How many there are, each on its own; at least 1.

    Returns:
        The lower and upper end, 0 to 1.

    Example:
        >>> [round(end, 4) for end in wilson_interval(8, 10)]
        [0.4902, 0.9433]

    Reference:
        Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    share, z2 = hits / count, _Z**2
    centre = share + z2 / (2 * count)
    half = _Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    low, high = ((centre + side * half) / (1 + z2 / count) for side in (-1, 1))
    # Rounding apart, no hit has the lower end 0 and no miss the upper end 1.
    return (low if hits else 0.0), (high if hits < count else 1.0)


def difference_interval(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """Returns the 95 % interval of the difference of two shares of different examples.

    Args:
        first: Hits and count of the share that the other is taken from.
        second: Hits and count of the other.

    Returns:
        The lower and upper end, -1 to 1; no difference is likely where 0 is between them.

    Reference:
        Newcombe 1998, "Interval estimation for the difference between independent proportions:
        comparison of eleven methods", method 10.
    """
    (share1, share2) = (hits / count for hits, count in (first, second))
    (low1, high1), (low2, high2) = wilson_interval(*first), wilson_interval(*second)
    gap = share1 - share2
    return (
        gap - math.hypot(share1 - low1, high2 - share2),
        gap + math.hypot(high1 - share1, share2 - low2),
    )


def bootstrap_interval(
    value: float, resampled: np.ndarray, left_out: np.ndarray
) -> tuple[float, float] | None:
    """Returns the 95 % interval of a statistic, corrected for bias and acceleration (BCa).

    Args:
        value: The statistic of the sample.
        resampled: Of samples drawn from it with replacement, shape (R,); NaN where it is not
            defined, which does not count.
        left_out: Of the sample without each example, or each of equal blocks of them, in turn,
            shape (J,); NaN likewise.

    Returns:
        The lower and upper end; `None` where the statistic is defined for less than half of the
        resamples, or the same in all of them, which tells nothing of other samples.

    Reference:
        Efron 1987, "Better bootstrap confidence intervals", sections 2 to 4 and 6.
    """
    known = resampled[~np.isnan(resampled)]
    if 2 * len(known) < len(resampled) or known.min() == known.max():
        return None
    below = ((known < value).mean() + (known <= value).mean()) / 2
    # As far as so many resamples can tell.
    least = 0.5 / len(known)
    bias = _NORMAL.inv_cdf(min(max(float(below), least), 1 - least))
    acceleration = _acceleration(left_out[~np.isnan(left_out)])
    places = []
    for side in (-_Z, _Z):
        moved = bias + side
        places.append(_NORMAL.cdf(bias + moved / max(1 - acceleration * moved, least)))
    low, high = np.quantile(known, places)
    return float(low), float(high)


def _acceleration(left_out: np.ndarray) -> float:
    """Returns a sixth of the skewness of what the parts add to a statistic, Efron's `a`."""
    added = left_out.mean() - left_out if len(left_out) else left_out
    scale = float((added**2).sum()) ** 1.5
    return float((added**3).sum()) / (6 * scale) if scale else 0.0
