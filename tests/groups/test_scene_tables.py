import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.groups.scene_tables import SceneCounts, read_confusion, write_confusion

COUNTS = "label,positive,negative,neutral\nTeam,3,0,1\ngrass,0,2,1\ntotal,4,2,3\n"
CONFUSION = "actual,positive,negative,neutral\npositive,7,1,2\nnegative,3,5,2\nneutral,4,0,6\n"


@pytest.fixture
def write(tmp_path):
    """Writes a table of bytes or text."""

    def write_table(content):
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_table


def counts_with(**lines: str) -> str:
    """Returns the table of counts with lines replaced: `counts_with(line_2="sea,1,0,0")`."""
    rows = COUNTS.splitlines()
    for name, text in lines.items():
        rows[int(name.removeprefix("line_")) - 1] = text
    return "\n".join(rows)


def test_counts_are_in_the_order_of_the_classes_with_labels_in_lower_case(write):
    path = write(COUNTS)
    counts = SceneCounts.read(path)
    assert counts.labels == ("team", "grass")
    assert counts.counts.tolist() == [[0, 1, 3], [2, 1, 0]]
    assert counts.totals.tolist() == [2, 3, 4]
    assert counts.source == str(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            "neutral,label,notes,negative,positive\n1,team,x,0,3\n1,grass,,2,0\n3,total,,2,4\n",
            id="columns in another order",
        ),
        pytest.param(
            "Label, Positive ,NEGATIVE,neutral\n Team ,3, 0,1\nGRASS,0,2,1\nTotal,4,2,3\n",
            id="blanks and capitals",
        ),
        pytest.param(b"\xef\xbb\xbf" + COUNTS.replace("\n", "\r\n\r\n").encode(), id="from Excel"),
    ],
)
def test_the_way_a_table_is_written_does_not_matter(write, content):
    counts = SceneCounts.read(write(content))
    assert counts.labels == ("team", "grass")
    assert counts.counts.tolist() == [[0, 1, 3], [2, 1, 0]]
    assert counts.totals.tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "Received: an empty file", id="empty"),
        pytest.param("\n \n", "Received: an empty file", id="blank lines"),
        pytest.param("label,positive,negative,neutral\n", "names alone", id="names alone"),
        pytest.param(
            counts_with(line_1="label,positive,negative,neural"),
            ", line 1: expected the columns .*, without neutral",
            id="missing column",
        ),
        pytest.param(
            counts_with(line_1="label,positive,neutral,neutral"),
            ", line 1: expected each column once",
            id="column twice",
        ),
        pytest.param(
            counts_with(line_2="team,3,0"), ", line 2: expected 4 cells. Received: 3", id="short"
        ),
        pytest.param(
            counts_with(line_2="team,3,0.5,1"),
            ", line 2, column negative: expected a whole number.* Received: '0.5'",
            id="half a picture",
        ),
        pytest.param(
            counts_with(line_3="grass,,2,1"),
            ", line 3, column positive: expected a whole number.* Received: ''",
            id="no count",
        ),
        pytest.param(
            counts_with(line_3="grass,0,-2,1"),
            ", line 3, column negative: expected a whole number, 0 or more. Received: '-2'",
            id="negative",
        ),
        pytest.param(
            counts_with(line_3=f"grass,0,{'9' * 30},1"), ", line 3, column negative", id="huge"
        ),
        pytest.param(
            counts_with(line_2="team,5,0,1"),
            "row team, column positive: expected 0 up to the 4 pictures .* Received: 5",
            id="above the total",
        ),
        pytest.param(
            counts_with(line_3="TEAM,0,2,1"), "row team, column label: .* twice", id="label twice"
        ),
        pytest.param(
            counts_with(line_3=" ,0,2,1"), ", line 3, column label: expected a text", id="no label"
        ),
        pytest.param(
            counts_with(line_2="team,0,0,0"), "row team: .* Received: zeros", id="label of zeros"
        ),
        pytest.param(
            counts_with(line_2="team,0,0,0", line_3="grass,0,0,0", line_4="total,0,0,0"),
            "row total, column negative: expected pictures of every class. Received: 0",
            id="zeros alone",
        ),
        pytest.param(
            counts_with(line_4="total,4,2,0"),
            "row total, column neutral: .* Received: 0",
            id="class without pictures",
        ),
        pytest.param(
            counts_with(line_4="sea,1,1,1"),
            ", line 4, column label: expected 'total' in the last row. Received: 'sea'",
            id="no total",
        ),
        pytest.param(
            counts_with(line_2="total,4,2,3"),
            ", line 2, column label: expected 'total' in the last row alone",
            id="two totals",
        ),
        pytest.param(
            "label,positive,negative,neutral\ntotal,4,2,3\n", "Received: not one", id="total alone"
        ),
        pytest.param(
            COUNTS.replace("grass", "gr\u00e4s").encode("latin-1"),
            ", line 3: expected text in UTF-8",
            id="no UTF-8",
        ),
        pytest.param(f"label\n{'1' * 200_000}\n", ", line 2: expected CSV text", id="endless"),
    ],
)
def test_a_table_of_counts_that_cannot_be_used_is_refused_by_row_and_column(
    write, content, message
):
    path = write(content)
    with pytest.raises(EmoError, match=message) as caught:
        SceneCounts.read(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("read", [SceneCounts.read, read_confusion], ids=["counts", "confusion"])
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, read):
    with pytest.raises(EmoError, match=r"gone\.csv: expected a file .* No such file"):
        read(tmp_path / "gone.csv")
    with pytest.raises(EmoError, match="expected a file that can be read"):
        read(tmp_path)


def test_labels_of_pictures_are_counted_once_a_picture():
    counts = SceneCounts.of_pictures(
        [["team", "Team ", "grass"], ("team",), [], ["sea"]], np.array([2, 2, 0, 1]), source="album"
    )
    assert counts.labels == ("grass", "sea", "team")
    assert counts.counts.tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 2]]
    assert counts.totals.tolist() == [1, 1, 2]
    assert counts.source == "album"


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        pytest.param([["a"]] * 2, [0, 2], "album: row total, column neutral", id="no neutral one"),
        pytest.param([[]] * 3, [0, 1, 2], "album: expected scene labels. Received: not", id="none"),
        pytest.param([["a"]] * 3, [0, 1], "classes: expected one for each of 3", id="fewer"),
        pytest.param([["a"]] * 3, [0, 1, 3], "classes: expected 0 to 2", id="a fourth class"),
        pytest.param([["a"]] * 3, [-1, 1, 2], "classes: .* Received: -1 to 2", id="negative"),
        pytest.param([], [], "album: row total", id="no picture"),
    ],
)
def test_pictures_that_cannot_be_counted_are_refused(labels, classes, message):
    with pytest.raises(EmoError, match=message):
        SceneCounts.of_pictures(labels, np.array(classes, int), source="album")


@pytest.mark.parametrize(
    ("counts", "totals", "message"),
    [
        pytest.param([[1, 0, 0]], [1, 1, 1], r"expected counts of shape \(2, 3\)", id="rows"),
        pytest.param([[1, 0, 0]] * 2, [1, 1], "3 totals", id="totals"),
        pytest.param([[1, 0, 0], [1, -1, 0]], [1, 1, 1], "row b, column neutral", id="negative"),
    ],
)
def test_counts_given_as_arrays_are_looked_at_too(counts, totals, message):
    with pytest.raises(EmoError, match=message):
        SceneCounts(("a", "b"), np.array(counts), np.array(totals), "by hand")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(CONFUSION, id="as published"),
        pytest.param(
            "neutral,negative,positive,Actual\n0,4,6,x\n".replace("0,4,6,x", "6,0,4,Neutral")
            + "2,1,7,positive\n2,5,3, negative \n",
            id="another order",
        ),
    ],
)
def test_a_confusion_table_has_actual_classes_in_rows(write, content):
    assert read_confusion(write(content)).tolist() == [[5, 2, 3], [0, 6, 4], [1, 2, 7]]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("actual", "true", "line 1: .*, without actual", id="no actual"),
        pytest.param("negative,neutral\n", "neg,neutral\n", "line 1: .*, without neg", id="column"),
        pytest.param(
            CONFUSION, "actual,positive,negative,neutral,mixed\n", "names alone", id="names alone"
        ),
        pytest.param(
            CONFUSION,
            "actual,positive,negative,neutral,mixed\npositive,1,1,1,1\n",
            "line 1: .* alone. Received: mixed too",
            id="a fourth class",
        ),
        pytest.param(
            "neutral,4", "netural,4", "line 4, column actual: .*did you mean neutral", id="unknown"
        ),
        pytest.param("neutral,4", "Negative,4", "line 4, column actual: .* once", id="class twice"),
        pytest.param("neutral,4,0,6\n", "", "column actual: .* none for neutral", id="no neutral"),
        pytest.param("7,1,2", "7,-1,2", "line 2, column negative: .* '-1'", id="negative"),
        pytest.param("7,1,2", "7,1,two", "line 2, column neutral: .* 'two'", id="a word"),
        pytest.param("7,1,2", "0,0,0", "confusion, row positive: ", id="class without pictures"),
    ],
)
def test_a_confusion_table_that_cannot_be_used_is_refused_by_row_and_column(
    write, old, new, message
):
    path = write(CONFUSION.replace(old, new))
    with pytest.raises(EmoError, match=message) as caught:
        read_confusion(path)
    assert str(caught.value).startswith(str(path))


def test_a_confusion_table_comes_back_from_its_file(tmp_path):
    confusion = np.array([[5, 2, 3], [0, 6, 4], [1, 2, 7]])
    path = tmp_path / "new" / "confusion.csv"
    write_confusion(path, confusion)
    np.testing.assert_array_equal(read_confusion(path), confusion)
    assert path.read_text().splitlines()[:2] == [
        "actual,negative,neutral,positive",
        "negative,5,2,3",
    ]
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "confusion",
    [
        pytest.param(np.eye(2), id="two classes"),
        pytest.param(np.diag([1, 1, 0]), id="class without pictures"),
        pytest.param(np.eye(3) / 2, id="shares"),
        pytest.param(np.eye(3) * np.nan, id="no numbers"),
        pytest.param(2 * np.eye(3) - 1, id="negative"),
    ],
)
def test_what_is_no_confusion_table_is_not_written(tmp_path, confusion):
    path = tmp_path / "confusion.csv"
    with pytest.raises(EmoError, match="confusion"):
        write_confusion(path, confusion)
    assert not path.exists()
