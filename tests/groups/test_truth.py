import re
from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.groups.truth import Truth, class_by_folder, read_truth, split_name, splits_by_folder


@pytest.mark.parametrize(
    ("picture", "root", "expected"),
    [
        ("album/positive/x.jpg", "album", 2),
        ("album/Neutral/x.jpg", "album", 1),
        ("album/val/NEGATIVE/day/late/x.jpg", "album", 0),
        ("album/positive/negative/x.jpg", "album", 0),
        ("positive/x.jpg", "positive", 2),
        ("positive/album/x.jpg", "positive/album", None),
        ("album/very positive/x.jpg", "album", None),
        ("album/positive.jpg", "album", None),
        ("other/positive/x.jpg", "album", None),
    ],
    ids=[
        "below the root",
        "another case",
        "any depth",
        "the nearest",
        "the root itself",
        "beyond the root",
        "part of a name",
        "the picture's own name",
        "elsewhere",
    ],
)
def test_the_nearest_folder_of_a_class_counts(picture, root, expected):
    assert class_by_folder(Path(picture), Path(root)) == expected


def test_the_working_directory_may_be_the_folder_of_a_class(tmp_path, monkeypatch):
    (tmp_path / "Positive").mkdir()
    monkeypatch.chdir(tmp_path / "Positive")
    assert class_by_folder(Path("x.jpg"), Path()) == 2


@pytest.mark.parametrize(
    ("pictures", "root", "expected"),
    [
        (["val/positive/x.jpg", "val/negative/x.jpg"], "val", ("val",)),
        (["a/Validation/positive/x.jpg", "a/val/y.jpg"], "a", ("val",)),
        (["a/test/positive/x.jpg", "a/train/y.jpg"], "a", ("test", "train")),
        (["a/test/positive/x.jpg", "a/positive/y.jpg"], "a", ()),
        (["val/a/positive/x.jpg"], "val/a", ()),
    ],
    ids=["the root", "between", "several", "not all", "beyond the root"],
)
def test_the_split_is_that_of_the_folders(pictures, root, expected):
    assert splits_by_folder(map(Path, pictures), Path(root)) == expected


def test_other_splits_keep_their_names():
    assert (split_name("Validation"), split_name("holdout")) == ("val", "holdout")


def test_a_table_gives_classes_by_picture(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("actual,image,by\nPositive,x.jpg,Ann\n\nneutral,a/y.jpg,Bo\n")
    assert read_truth(path) == {"x.jpg": 2, "a/y.jpg": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,class\nx.jpg,positive\n", "expected the columns image, actual"),
        ("image,actual\nx.jpg,postive\n", "line 2, column actual: .*did you mean positive"),
        ("image,actual\nx.jpg,\n", "line 2, column actual"),
        ("image,actual\n,positive\n", "line 2, column image: expected a text"),
        (
            "image,actual\nx.jpg,positive\nx.jpg,neutral\n",
            "line 3, column image: expected each picture once",
        ),
        ("", "Received: an empty file"),
        ("image,actual\n", "expected a row of names and rows below"),
    ],
    ids=["column", "class", "no class", "no picture", "twice", "empty", "no row"],
)
def test_a_table_that_is_none_is_refused(tmp_path, text, message):
    path = tmp_path / "truth.csv"
    path.write_text(text)
    with pytest.raises(EmoError, match=re.escape(str(path)) + ".*" + message):
        read_truth(path)


def test_pictures_of_no_class_are_left_out():
    truth = Truth.of_pictures(["a/positive/x.jpg", "a/y.jpg"], Path("a"))
    assert truth == Truth({"a/positive/x.jpg": 2}, "folders")


def test_one_class_may_be_given_for_all():
    truth = Truth.of_pictures(["a/negative/x.jpg", "a/y.jpg"], Path("a"), given="Positive")
    assert truth == Truth({"a/negative/x.jpg": 2, "a/y.jpg": 2}, "positive")


def test_pictures_are_the_rows_that_their_paths_end_with(tmp_path):
    path = tmp_path / "truth"
    path.write_text("image,actual\nx.jpg,positive\nb/x.jpg,neutral\nz.jpg,neutral\n")
    truth = Truth.of_pictures(["p/a/x.jpg", "p/b/x.jpg", "p/y.jpg"], Path("p"), given=str(path))
    assert truth == Truth({"p/a/x.jpg": 2, "p/b/x.jpg": 1}, str(path), rows_without_picture=1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("postive", "did you mean positive"),
        ("none.csv", "none.csv: expected a file that can be read"),
        ("alike.csv", "'x.jpg' for p/a/x.jpg and p/b/x.jpg"),
        ("others.csv", "p: expected pictures that others.csv has a row for. Received: none of 2"),
        (None, "p: expected a folder named negative, neutral or positive"),
    ],
    ids=["near a class", "no file", "alike", "no picture", "no folder"],
)
def test_a_truth_that_says_nothing_is_refused(tmp_path, monkeypatch, given, message):
    monkeypatch.chdir(tmp_path)
    Path("alike.csv").write_text("image,actual\nx.jpg,positive\n")
    Path("others.csv").write_text("image,actual\nz.jpg,positive\n")
    with pytest.raises(EmoError, match=message):
        Truth.of_pictures(["p/a/x.jpg", "p/b/x.jpg"], Path("p"), given=given)
