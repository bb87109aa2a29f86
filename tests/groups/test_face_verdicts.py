import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.groups.scene_tables import FaceVerdicts

CLASSES = "image,actual,cnn\na.jpg,positive,neutral\nb.jpg,negative,\nc.jpg,neutral,positive\n"
DISTRIBUTIONS = (
    "image,actual,positive,neutral,negative\na.jpg,positive,0.5,0.3,0.2\nb.jpg,negative,,,\n"
)


@pytest.fixture
def read(tmp_path):
    """Reads a table of that text."""

    def read_table(text: str) -> FaceVerdicts:
        path = tmp_path / "faces.csv"
        path.write_text(text, "utf-8")
        return FaceVerdicts.read(path)

    return read_table


def test_a_class_a_picture_is_read_as_certain_and_an_empty_one_as_no_face(read, tmp_path):
    verdicts = read(CLASSES)
    assert verdicts.pictures == ("a.jpg", "b.jpg", "c.jpg")
    assert verdicts.actual.tolist() == [2, 0, 1]
    np.testing.assert_array_equal(verdicts.faces, [[0, 1, 0], [np.nan] * 3, [0, 0, 1]])
    assert verdicts.source == str(tmp_path / "faces.csv")


def test_probabilities_are_read_in_the_order_of_the_classes(read):
    verdicts = read(DISTRIBUTIONS)
    assert verdicts.actual.tolist() == [2, 0]
    np.testing.assert_allclose(verdicts.faces, [[0.2, 0.3, 0.5], [np.nan] * 3])


def test_probabilities_count_where_there_is_a_class_too(read):
    verdicts = read("image,actual,cnn,negative,neutral,positive\na.jpg,neutral,negative,.1,.2,.7\n")
    np.testing.assert_allclose(verdicts.faces, [[0.1, 0.2, 0.7]])


def test_the_class_counts_where_not_all_probabilities_are_there(read):
    verdicts = read("image,actual,cnn,negative,positive\na.jpg,neutral,negative,.1,.7\n")
    np.testing.assert_array_equal(verdicts.faces, [[1, 0, 0]])


def test_probabilities_of_few_digits_are_brought_to_a_sum_of_1(read):
    verdicts = read("image,actual,negative,neutral,positive\na.jpg,neutral,.33,.33,.33\n")
    np.testing.assert_allclose(verdicts.faces, [[1 / 3, 1 / 3, 1 / 3]])


def test_other_columns_are_passed_over_and_capitals_do_not_matter(read):
    verdicts = read("faces_detected,CNN,image,actual\nTrue,Positive,A.jpg,NEGATIVE\n")
    assert verdicts.pictures == ("A.jpg",)
    assert verdicts.actual.tolist() == [0]
    np.testing.assert_array_equal(verdicts.faces, [[0, 0, 1]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            CLASSES.replace("cnn", "verdict"), "line 1: .* without cnn", id="no verdict of faces"
        ),
        pytest.param(
            CLASSES.replace("actual", "truth"), "line 1: .* without actual", id="no truth"
        ),
        pytest.param(CLASSES.replace("image", "file"), "line 1: .* without image", id="no names"),
        pytest.param(
            DISTRIBUTIONS.replace("neutral,", "neural,"), "line 1: .* without cnn", id="two classes"
        ),
        pytest.param(
            CLASSES.replace("neutral,positive", "netural,positive"),
            "line 4, column actual: .*did you mean neutral.* 'netural'",
            id="unknown true class",
        ),
        pytest.param(
            CLASSES.replace("b.jpg,negative", "b.jpg,"), "line 3, column actual", id="no true class"
        ),
        pytest.param(
            CLASSES.replace("positive,neutral", "positive,positiv"),
            "line 2, column cnn: .*did you mean positive.* 'positiv'",
            id="unknown class of the faces",
        ),
        pytest.param(
            CLASSES.replace("c.jpg", "a.jpg"),
            "line 4, column image: expected each picture once. Received: 'a.jpg'",
            id="a picture twice",
        ),
        pytest.param(CLASSES.replace("c.jpg", ""), "line 4, column image", id="no name"),
        pytest.param(
            DISTRIBUTIONS.replace("0.5", "0.6"),
            "line 2, .*add up to 1. Received: a sum of 1.1",
            id="sum above 1",
        ),
        pytest.param(
            DISTRIBUTIONS.replace("0.5", "1.5"),
            "line 2, column positive: expected a probability",
            id="above 1",
        ),
        pytest.param(
            DISTRIBUTIONS.replace("0.5", "nan"),
            "line 2, column positive: expected a probability",
            id="not a number",
        ),
        pytest.param(
            DISTRIBUTIONS.replace("0.5,0.3", "0.5,much"),
            "line 2, column neutral: expected a number. Received: 'much'",
            id="a word",
        ),
        pytest.param(
            DISTRIBUTIONS.replace("0.3", ""), "line 2, column neutral: expected a number", id="gap"
        ),
        pytest.param("", "an empty file", id="empty"),
    ],
)
def test_verdicts_that_cannot_be_used_are_refused_by_row_and_column(read, tmp_path, text, message):
    with pytest.raises(EmoError, match=message) as caught:
        read(text)
    assert str(caught.value).startswith(str(tmp_path / "faces.csv"))
