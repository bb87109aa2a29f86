"""Names of annotators: which are allowed, and which are the same."""

import unicodedata

from emo_tf.errors import EmoError

LONGEST_NAME = 60
# Control and format characters, halves of characters, ends of lines and of paragraphs.
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # which some scripts spell with


def checked_name(name: str) -> str:
    """Returns a name as it is kept: trimmed, single spaces, accents composed (NFC).

    Raises:
        EmoError: It is empty, too long, without a letter or digit, or not printable.
    """
    if not isinstance(name, str):
        raise EmoError(f"name: expected text. Received: {name!r}")
    kept = unicodedata.normalize("NFC", " ".join(filter(None, name.strip().split(" "))))
    if not kept or len(kept) > LONGEST_NAME:
        raise EmoError(
            f"name: expected 1 to {LONGEST_NAME} characters. Received: {len(kept) or 'none'}"
        )
    if any(unicodedata.category(sign) in _INVISIBLE and sign not in _JOINERS for sign in kept):
        raise EmoError(f"name: expected printable characters. Received: {kept!a}")
    if not any(map(str.isalnum, kept)):  # `..` among them, which is no part of an address
        raise EmoError(f"name: expected a letter or a digit in it. Received: {kept!a}")
    return kept


def same_name(name: str) -> str:
    """Returns what is equal for names that are the same but for case, accents' form and spaces."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return unicodedata.normalize("NFC", " ".join(folded.split()))
