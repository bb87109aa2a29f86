"""Words for numbers, as the commands print them."""


def counted(number: int, noun: str) -> str:
    """Returns `1 face`, `2 faces`: `noun` in the singular, its plural formed by an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
