import unicodedata

import pytest

from emo_tf.annotation.annotator_names import checked_name, same_name
from emo_tf.errors import EmoError


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("  Ada  ", "Ada"),
        ("Ada   Byron", "Ada Byron"),
        (unicodedata.normalize("NFD", "Zoë"), "Zoë"),
        ("李", "李"),
        ("a/b?c#d%", "a/b?c#d%"),
        ("x" * 60, "x" * 60),
        ("نام\u200cخانوادگی", "نام\u200cخانوادگی"),
    ],
    ids=["trimmed", "spaces", "composed", "Chinese", "signs", "longest", "a joiner"],
)
def test_a_name_is_kept_in_one_form(name, kept):
    assert checked_name(name) == kept


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "expected 1 to 60 characters. Received: none"),
        (" \u3000 ", "expected 1 to 60 characters. Received: none"),
        ("x" * 61, "expected 1 to 60 characters. Received: 61"),
        ("A\nB", r"printable characters. Received: 'A\\nB'"),
        ("A\x00", "printable"),
        ("A\ud800", "printable"),
        ("A\u2028B", "printable"),
        ("Ada\u200b", "printable"),
        ("\u202eadA", "printable"),
        ("..", "a letter or a digit"),
        ("🙂", "a letter or a digit"),
        (7, "expected text"),
        (None, "expected text"),
    ],
    ids=[
        *("empty", "spaces", "long", "a new line", "a null", "half a character", "a line's end"),
        *("no width", "backwards"),
        *("dots", "a sign", "a number", "nothing"),
    ],
)
def test_a_name_that_cannot_be_told_or_shown_is_refused(name, message):
    with pytest.raises(EmoError, match=f"name: .*{message}"):
        checked_name(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ada", "aDA"), ("Zoë", "ZOE\u0308"), ("Straße", "STRASSE"), ("Ada  B", " ada b")],
    ids=["case", "accents", "folded", "spaces"],
)
def test_names_that_look_alike_are_the_same(one, other):
    assert same_name(one) == same_name(other)


def test_names_with_other_letters_are_not_the_same():
    assert len({same_name(name) for name in ("Zoë", "Zoe", "Zo e", "Zoé")}) == 4
