import pytest

from emo_tf import tables
from emo_tf.errors import EmoError


@pytest.fixture
def write(tmp_path):
    """Writes a file of bytes or text."""

    def write_file(content):
        path = tmp_path / "table.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def test_csv_rows_come_with_the_lines_that_they_stand_in(write):
    path = write('a,b\n\n"x, y",2\r\n')

    assert list(tables.csv_rows(path)) == [(1, ["a", "b"]), (3, ["x, y", "2"])]


def test_text_rows_are_set_apart_by_blanks_or_tabs(write):
    path = write("a.jpg 1\n\n \t\nb.jpg\t2  3 \r\n")

    assert list(tables.text_rows(path)) == [(1, ["a.jpg", "1"]), (4, ["b.jpg", "2", "3"])]


@pytest.mark.parametrize("read", [tables.csv_rows, tables.text_rows], ids=["csv", "text"])
def test_a_byte_order_mark_is_no_part_of_the_first_cell(write, read):
    assert list(read(write(b"\xef\xbb\xbfname\n"))) == [(1, ["name"])]


@pytest.mark.parametrize("read", [tables.csv_rows, tables.text_rows], ids=["csv", "text"])
def test_an_empty_file_has_no_rows(write, read):
    assert list(read(write(""))) == []


@pytest.mark.parametrize("read", [tables.csv_rows, tables.text_rows], ids=["csv", "text"])
def test_text_that_is_not_in_utf_8_is_an_error_that_names_the_line(write, read):
    path = write(b"a\nb\n" + "é\n".encode("latin-1") + b"c\n")

    with pytest.raises(EmoError) as caught:
        list(read(path))

    assert str(caught.value).startswith(f"{path}, line 3: expected text in UTF-8. Received: ")


@pytest.mark.parametrize("read", [tables.csv_rows, tables.text_rows], ids=["csv", "text"])
def test_a_missing_file_is_an_error_that_names_it(tmp_path, read):
    with pytest.raises(EmoError, match=r"gone\.csv: expected a file .* No such file"):
        list(read(tmp_path / "gone.csv"))


def test_an_endless_cell_is_an_error_that_names_the_line(write):
    with pytest.raises(EmoError, match=r"line 2: expected CSV text"):
        list(tables.csv_rows(write(f"a\n{'1' * 200_000}\n")))


def test_a_file_is_read_only_as_far_as_rows_are_asked_for(write):
    rows = tables.text_rows(write(b"a\n\xff\n"))

    assert next(rows) == (1, ["a"])


def test_numbers_are_read_in_any_notation():
    assert tables.numbers(["1", "-2.5", "3e2"], name="x") == [1, -2.5, 300]


@pytest.mark.parametrize("wrong", ["one", "", "nan", "-inf"])
def test_what_is_no_finite_number_is_an_error_that_names_it(wrong):
    with pytest.raises(EmoError) as caught:
        tables.numbers(["1", wrong, "2"], name="the box")

    assert str(caught.value) == f"expected a number as the box. Received: {wrong!r}"
