import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.class_names import plain_names, read_class_names


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["/a/airfield", "/z/zen_garden"], ("airfield", "zen garden"), id="Places365"),
        pytest.param(
            ["/a/airfield 0", "/a/apartment_building/outdoor 1"],
            ("airfield", "apartment building outdoor"),
            id="Places365 with numbers",
        ),
        pytest.param(["airfield 1", "Beer_Hall 2"], ("airfield", "beer hall"), id="from one on"),
        pytest.param(["0  background", "1  tench"], ("background", "tench"), id="number before"),
        pytest.param(["0: tench", "1: goldfish"], ("tench", "goldfish"), id="with a colon"),
        pytest.param(
            ["n02119789 kit fox, Vulpes macrotis", "n02085620_Chihuahua"],
            ("kit fox", "chihuahua"),
            id="ImageNet with WordNet's numbers",
        ),
        pytest.param(
            ["tench, Tinca tinca", "black-and-tan coonhound"],
            ("tench", "black-and-tan coonhound"),
            id="ImageNet with synonyms",
        ),
        pytest.param(["boeing 747", "boeing 737"], ("boeing 747", "boeing 737"), id="not counted"),
        pytest.param(["tank 0", "tank"], ("tank 0", "tank"), id="not all numbered"),
        pytest.param(["  Group  of people\t"], ("group of people",), id="blanks"),
    ],
)
def test_usual_spellings_become_plain_words(names, expected):
    assert plain_names(names) == expected


@pytest.mark.parametrize("ending", ["", "\n", "\r\n\r\n"])
def test_a_label_file_has_a_class_a_line(ending, tmp_path):
    path = tmp_path / "labels.txt"
    path.write_bytes(("\ufeffSea\r\nMountain_Path" + ending).encode())
    assert read_class_names(path, count=2) == ("sea", "mountain path")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"a\nb\nc", "expected 2 labels, one a line.*Received: 3", id="too many"),
        pytest.param(b"", "expected 2 labels, one a line.*Received: 0", id="empty"),
        pytest.param(b"\nb", "line 1: expected the name of a class. Received: ''", id="blank"),
        pytest.param(
            b"a\n, b", "line 2: expected the name of a class. Received: ', b'", id="comma"
        ),
        pytest.param(b"a\n\xff", "expected text in UTF-8", id="no text"),
    ],
)
def test_a_label_file_that_does_not_fit_is_refused(content, message, tmp_path):
    path = tmp_path / "labels.txt"
    path.write_bytes(content)
    with pytest.raises(EmoError, match=rf"labels\.txt: {message}"):
        read_class_names(path, count=2)


def test_a_label_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(EmoError, match=r"gone\.txt: expected labels.*No such file"):
        read_class_names(tmp_path / "gone.txt", count=2)
