import pytest

from emo_tf.cli.wording import counted


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 faces"), (1, "1 face"), (2, "2 faces"), (1000, "1000 faces")]
)
def test_one_stands_alone(number, expected):
    assert counted(number, "face") == expected
