"""Figures as reports hold them."""

import math


def rounded(value: float) -> float | None:
    """Returns a figure to five decimals, `None` for NaN: one that is not defined."""
    return None if math.isnan(value) else round(float(value), 5)
