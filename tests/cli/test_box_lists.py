import pytest

from emo_tf.cli.box_lists import BoxRow, is_box_list, read_box_list
from emo_tf.errors import EmoError


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads a list of the given text or bytes, in a folder with `a.jpg` and `my photo.jpg`."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "my photo.jpg"):
        (tmp_path / name).touch()

    def read_list(content: str | bytes) -> list[BoxRow | EmoError]:
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "people.txt").write_bytes(data)
        return read_box_list("people.txt")

    return read_list


def test_a_row_is_a_picture_and_the_corners_of_a_person(read):
    (row,) = read("a.jpg 10 20.5 30 60\n")
    assert row == BoxRow("people.txt", 1, "a.jpg", "a.jpg", (10, 20.5, 30, 60))
    assert row.box_xywh == (10, 20.5, 20, 39.5)


def test_a_path_may_hold_blanks_and_blanks_round_a_row_do_not_matter(read):
    (row,) = read("  my photo.jpg  1\t2 3  4 \r\n")
    assert (row.given, row.corners) == ("my photo.jpg", (1, 2, 3, 4))


def test_empty_lines_and_comments_are_passed_over_but_counted(read):
    rows = read("\ufeff# people of a.jpg\n\n  \na.jpg 1 2 3 4\n# the end\na.jpg 5 6 7 8")
    assert [row.line for row in rows] == [4, 6]


def test_a_picture_is_looked_for_beside_the_list_then_in_the_working_directory(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lists").mkdir()
    for name in ("both.jpg", "here.jpg", "lists/both.jpg"):
        (tmp_path / name).touch()
    paths = ["both.jpg", "here.jpg", str(tmp_path / "both.jpg")]
    (tmp_path / "lists" / "people.txt").write_text("".join(f"{path} 0 0 1 1\n" for path in paths))
    rows = read_box_list("lists/people.txt")
    assert [row.picture for row in rows] == ["lists/both.jpg", *paths[1:]]
    assert [row.given for row in rows] == paths


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a.jpg 1 2 3", "expected path x1 y1 x2 y2. Received: 'a.jpg 1 2 3'"),
        ("a.jpg", "expected path x1 y1 x2 y2. Received: 'a.jpg'"),
        ("a.jpg 1 2 3 four", "expected a number as x1, y1, x2 or y2. Received: 'four'"),
        ("a.jpg 1 nan 3 4", "expected a number as x1, y1, x2 or y2. Received: 'nan'"),
        ("a.jpg 1 2 inf 4", "expected a number as x1, y1, x2 or y2. Received: 'inf'"),
        ("a.jpg 3 2 3 4", "expected x1 < x2 and y1 < y2. Received: 3 2 3 4"),
        ("a.jpg 1 4 3 2", "expected x1 < x2 and y1 < y2. Received: 1 4 3 2"),
        ("gone.jpg 1 2 3 4", "expected a picture file. Received: no such file, gone.jpg"),
        ("a\0.jpg 1 2 3 4", "expected a picture file. Received: no such file"),
        (f"{'long' * 2000}.jpg 1 2 3 4", "expected a picture file. Received: no such file"),
        (b"caf\xe9.jpg 1 2 3 4", "expected text in UTF-8. Received: 'utf-8' codec"),
    ],
    ids=[
        *("four fields", "one field", "a word", "nan", "infinity", "no width", "upside down"),
        *("missing file", "null byte", "long name", "latin-1"),
    ],
)
def test_a_row_that_cannot_be_used_is_an_error_beside_the_others(read, row, message):
    data = row if isinstance(row, bytes) else row.encode()
    first, error, last = read(b"a.jpg 1 2 3 4\n" + data + b"\na.jpg 5 6 7 8\n")
    assert isinstance(error, EmoError)
    assert str(error).startswith(f"people.txt, line 2: {message}")
    assert (first.line, last.line) == (1, 3)


@pytest.mark.parametrize("content", ["", "\n# nobody\n"], ids=["empty", "comments alone"])
def test_a_list_without_rows_is_an_error(read, content):
    message = r"people.txt: expected a list with rows path x1 y1 x2 y2. Received: no rows"
    with pytest.raises(EmoError, match=message):
        read(content)


def test_a_missing_list_is_an_error(tmp_path):
    with pytest.raises(EmoError, match=r"gone.txt: expected a list .*Received: No such file"):
        read_box_list(str(tmp_path / "gone.txt"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("people.txt", True), ("PEOPLE.TXT", True), ("folder.txt", False), ("a.jpg", False)],
)
def test_a_list_is_told_by_its_suffix_and_a_folder_is_none(tmp_path, monkeypatch, name, expected):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.txt").mkdir()
    assert is_box_list(name) == expected
