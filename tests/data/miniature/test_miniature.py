import json
import subprocess
import sys

import pytest

from emo_tf.data import miniature
from emo_tf.errors import EmoError


def test_every_twin_says_its_size_and_unit():
    assert miniature.names() == (
        "affectnet",
        "emotic",
        "fer2013",
        "group_affect",
        "raf_db",
        "vtt_friends",
    )
    assert miniature.default_size("emotic") == (200, "people")
    assert miniature.default_size("fer2013") == (350, "faces")


def test_a_note_beside_the_twin_tells_how_it_was_made(tmp_path):
    folder = miniature.write("fer2013", tmp_path / "twin", seed=4, size=70)

    assert json.loads((folder / miniature.NOTE).read_text()) == {
        "name": "fer2013",
        "version": 1,
        "seed": 4,
        "size": 70,
        "made_up": True,
    }
    assert len(list(folder.rglob("*.png"))) == 70


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(EmoError, match="expected a new or empty folder"):
        miniature.write("fer2013", tmp_path, size=70)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("emotik", {}, "Unknown miniature: did you mean emotic"),
        ("emotic", {"seed": -1}, "seed: expected 0 or more. Received: -1"),
        ("emotic", {"size": 0}, "size: expected 10 people or more. Received: 0"),
        ("fer2013", {"size": 69}, "size: expected 70 faces or more. Received: 69"),
    ],
    ids=["name", "seed", "size", "too few faces"],
)
def test_what_cannot_be_drawn_is_an_error_that_names_it(tmp_path, name, options, message):
    with pytest.raises(EmoError, match=message):
        miniature.write(name, tmp_path / "twin", **options)
    with pytest.raises(EmoError, match=message):
        miniature.oracle(name, **options)
    assert not list(tmp_path.iterdir())


def test_drawing_needs_none_of_the_workshop(tmp_path):
    script = (
        "import sys; from emo_tf.data import miniature;"
        f"miniature.write('emotic', {str(tmp_path / 'twin')!r}, size=10);"
        "print([n for n in ('tensorflow', 'tensorflow_datasets', 'sklearn') if n in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout
    assert output == "[]\n"
