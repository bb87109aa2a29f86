"""Words for numbers, as the commands print them."""


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Returns `1 face`, `2 faces`; the plural is formed by an s unless it is given."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"
