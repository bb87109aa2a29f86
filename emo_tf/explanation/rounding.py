"""Numbers as JSON holds them."""


def rounded(value: float | None) -> float | None:
    """Returns a share, score or correlation to six decimals, and `None` as it is."""
    return None if value is None else round(value, 6)
