"""Reading the tables of labels."""

import numpy as np
import pytest

from emo_tf.errors import EmoError

from .annotations import COLUMNS, NOT_RATED, read_rows
from .hard_copies import LANDMARKS, no_face, row, write_table


@pytest.fixture
def read(tmp_path):
    """Writes a table of rows and reads it back."""

    def write_and_read(*rows, header=True):
        return read_rows(write_table(tmp_path / "training.csv", rows, header=header))

    return write_and_read


def in_another_order(cells: dict) -> dict:
    return {"notes": "x"} | dict(reversed(cells.items()))


@pytest.mark.parametrize("header", [True, False], ids=["header", "no header"])
def test_a_row_says_all_of_a_face(read, header):
    (face,) = read(row("7/a b.jpg"), header=header)

    assert (face.line, face.path, face.code) == (1 + header, "7/a b.jpg", 1)
    assert face.box_xywh == (10, 5, 20, 30)
    assert (face.valence, face.arousal) == (0.5, -0.25)
    points = face.landmarks_xy
    assert (points.shape, points.dtype) == ((68, 2), np.float32)
    np.testing.assert_array_equal(points.ravel(), np.arange(136) / 2)


def test_with_a_header_columns_may_stand_in_any_order_and_others_are_ignored(read):
    assert read(in_another_order(row())) == read(row())


def test_a_byte_order_mark_blank_lines_and_blanks_round_cells_do_not_matter(tmp_path):
    plain = write_table(tmp_path / "plain.csv", [row()])
    text = plain.read_text().replace(",", " , ").replace("\n", "\r\n\r\n")
    odd = tmp_path / "odd.csv"
    odd.write_bytes(b"\xef\xbb\xbf" + text.encode())

    (face,), (other,) = read_rows(plain), read_rows(odd)

    assert (face.path, face.box_xywh, face.landmarks) == (
        *(other.path, other.box_xywh, other.landmarks),
    )


@pytest.mark.parametrize("nothing", ["", "NULL"])
def test_a_face_may_have_no_landmarks(read, nothing):
    (face,) = read(row(facial_landmarks=nothing))

    assert face.landmarks_xy.shape == (68, 2)
    assert np.isnan(face.landmarks_xy).all()


@pytest.mark.parametrize("nothing", ["", "NULL"])
def test_a_box_may_be_missing(read, nothing):
    (face,) = read(row(face_x=nothing, face_y=nothing, face_width=nothing, face_height=nothing))

    assert face.box_xywh is None


@pytest.mark.parametrize("code", [8, 9, 10])
def test_of_a_row_that_is_dropped_the_code_alone_is_kept(read, code):
    (face,) = read(row(expression=code))

    assert (face.code, face.box_xywh, face.landmarks) == (code, None, b"")


def test_a_picture_without_a_face_is_a_row(read):
    (face,) = read(no_face())

    assert (face.code, face.box_xywh) == (10, None)
    assert (face.valence, face.arousal) == (NOT_RATED, NOT_RATED)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (row(expression=11), "expected an expression of 0 to 10. Received: '11'"),
        (row(expression=""), "expected an expression of 0 to 10. Received: ''"),
        (row(face_x="left"), "expected a number as the box. Received: 'left'"),
        (row(face_width="inf"), "expected a number as the box. Received: 'inf'"),
        (row(valence="good"), "expected a number as valence. Received: 'good'"),
        (row(arousal="nan"), "expected a number as arousal. Received: 'nan'"),
        (row(valence=1.5), "expected valence of -1 to 1, or -2 for not rated. Received: '1.5'"),
        (row(facial_landmarks="1;2;3"), "expected 68 landmarks x;y;x;y;... Received: 3 numbers"),
        (
            row(facial_landmarks=LANDMARKS.replace("67.50", "x")),
            "expected a number as a landmark. Received: 'x'",
        ),
        (row("../x.jpg"), "expected a path inside the folder of pictures. Received: '../x.jpg'"),
        (row("1/../../x.jpg"), "Received: '1/../../x.jpg'"),
        (row("/etc/x.jpg"), "Received: '/etc/x.jpg'"),
        (row("..\\x.jpg"), "Received: '..\\\\x.jpg'"),
        (row(""), "expected a path inside the folder of pictures. Received: ''"),
        (no_face("../x.jpg"), "expected a path inside the folder of pictures."),
    ],
    ids=[
        *("code 11", "no code", "box of text", "endless box", "valence of text", "no arousal"),
        *("valence too high", "few landmarks", "landmark of text", "folder above"),
        *("folder above inside", "root", "backslash", "no path", "dropped row's path"),
    ],
)
def test_a_row_that_cannot_be_understood_is_an_error_that_names_its_line(
    read, tmp_path, cells, message
):
    with pytest.raises(EmoError) as caught:
        read(row(), cells)

    assert str(caught.value).startswith(f"{tmp_path / 'training.csv'}, line 3: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("header", [True, False], ids=["header", "no header"])
def test_a_row_with_too_few_cells_is_an_error_that_names_its_line(read, header):
    cut_off = dict(list(row().items())[:4])

    with pytest.raises(EmoError) as caught:
        read(row(), cut_off, header=header)

    assert str(caught.value).endswith(f", line {2 + header}: expected 9 cells. Received: 4")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_an_error_that_names_it(read, column):
    cells = {name: cell for name, cell in row().items() if name != column}

    with pytest.raises(EmoError) as caught:
        read(cells)

    place = "training.csv, line 1: expected the columns subDirectory_filePath, face_x, "
    assert place in str(caught.value)
    assert str(caught.value).endswith(f" Received: no {column}")


def test_a_file_that_is_not_in_utf_8_is_an_error_that_names_the_line(tmp_path):
    path = write_table(tmp_path / "training.csv", [row(), row("1/é.jpg")])
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))

    with pytest.raises(EmoError, match=r"training\.csv, line 3: expected text in UTF-8"):
        read_rows(path)


@pytest.mark.parametrize("text", ["", "\n\n", f"{','.join(COLUMNS)}\n"])
def test_a_file_without_rows_is_an_error(tmp_path, text):
    path = tmp_path / "training.csv"
    path.write_text(text)

    with pytest.raises(EmoError) as caught:
        read_rows(path)

    assert str(caught.value) == f"{path}: expected a row a picture. Received: none"
