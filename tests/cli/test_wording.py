import pytest

from emo_tf.cli.wording import counted


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 faces"), (1, "1 face"), (2, "2 faces"), (1000, "1000 faces")]
)
def test_one_stands_alone(number, expected):
    assert counted(number, "face") == expected


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 people"), (1, "1 person"), (2, "2 people")], ids=str
)
def test_a_plural_of_another_kind_is_given(number, expected):
    assert counted(number, "person", "people") == expected
