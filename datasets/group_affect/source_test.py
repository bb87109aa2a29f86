"""Finding the pictures and cutting val by the lists."""

import pickle
import shutil

import pytest

from emo_tf.corpora.report import LeftOut
from emo_tf.corpora.testing import encoded
from emo_tf.errors import EmoError

from .hard_copies import write_group_affect
from .source import (
    UNLABELLED,
    Photo,
    check_class_folders,
    find_splits,
    required_paths,
)

LISTS = {"val": ["neu_1.jpg", "neg_1.jpg"], "eval": ["neg_2.jpg"]}


def paths_of(splits):
    """Returns the paths of the pictures that are kept, by split."""
    return {
        split: [item.path for item in items if isinstance(item, Photo)]
        for split, items in splits.items()
    }


def left_out_of(splits):
    """Returns who is left out, by split, of the splits where somebody is."""
    found = {
        split: [item for item in items if isinstance(item, LeftOut)]
        for split, items in splits.items()
    }
    return {split: items for split, items in found.items() if items}


def test_without_lists_val_is_whole(tmp_path):
    splits = find_splits(write_group_affect(tmp_path / "raw"))

    assert splits == {
        "train": [
            Photo("train/Negative/neg_1.jpg", "train", "negative"),
            Photo("train/Positive/pos_1.jpg", "train", "positive"),
        ],
        "val": [
            Photo("val/Negative/neg_1.jpg", "val", "negative"),
            Photo("val/Negative/neg_2.jpg", "val", "negative"),
            Photo("val/Neutral/neu_1.jpg", "val", "neutral"),
        ],
        "test": [Photo("test/test_shared/test_1.jpg", "test", UNLABELLED)],
    }


def test_lists_cut_val_in_two(tmp_path):
    splits = find_splits(write_group_affect(tmp_path / "raw", lists=LISTS))

    assert list(splits) == ["train", "val", "test", "eval"]
    assert splits["val"] == [
        Photo("val/Neutral/neu_1.jpg", "val", "neutral"),
        Photo("val/Negative/neg_1.jpg", "val", "negative"),
    ]
    assert splits["eval"] == [Photo("val/Negative/neg_2.jpg", "eval", "negative")]


@pytest.mark.parametrize("suffix", ["", ".npz"], ids=["without", "of features"])
def test_a_list_may_name_pictures_without_their_suffix(tmp_path, suffix):
    names = {"val": [f"neu_1{suffix}", f"neg_1{suffix}"], "eval": [f"neg_2{suffix}"]}
    splits = find_splits(write_group_affect(tmp_path / "raw", lists=names))

    assert paths_of(splits)["val"] == ["val/Neutral/neu_1.jpg", "val/Negative/neg_1.jpg"]
    assert paths_of(splits)["eval"] == ["val/Negative/neg_2.jpg"]
    assert not left_out_of(splits)


def test_without_the_folder_test_there_is_no_such_split(tmp_path):
    raw = write_group_affect(tmp_path / "raw")
    shutil.rmtree(raw / "test")

    assert list(find_splits(raw)) == ["train", "val"]


def test_pictures_of_any_known_suffix_are_found_and_hidden_files_passed_over(tmp_path):
    found = ["train/Neutral/neu_1.JPG", "train/Neutral/neu_2.jpeg", "train/Neutral/neu_3.Png"]
    passed_over = ["train/.DS_Store", "train/Neutral/._neu_1.jpg", "train/Neutral/Thumbs.db"]
    passed_over += ["test/.thumbnails/test_1.jpg", "val/.thumbnails/x.jpg"]
    raw = write_group_affect(tmp_path / "raw", files=dict.fromkeys(found + passed_over, b""))

    paths = paths_of(find_splits(raw))
    assert [path for path in paths["train"] if "Neutral" in path] == found
    assert [len(paths[split]) for split in ("val", "test")] == [3, 1]


def test_hidden_files_are_passed_over_in_lists_too(tmp_path):
    lists = {split: [".DS_Store", *names, ".DS_Store"] for split, names in LISTS.items()}
    raw = write_group_affect(tmp_path / "raw", lists=lists)

    assert not left_out_of(find_splits(raw))


def test_a_picture_in_neither_list_is_left_out(tmp_path):
    raw = write_group_affect(tmp_path / "raw", lists={"val": ["neu_1.jpg"], "eval": ["neg_2.jpg"]})

    text = "val/Negative/neg_1.jpg: in neither val_list nor test_list"
    assert left_out_of(find_splits(raw)) == {"val": [LeftOut("in neither list", text)]}


def test_a_listed_name_without_a_picture_is_left_out_with_its_place(tmp_path):
    lists = LISTS | {"eval": ["neg_2.jpg", "Negative/neg_1.jpg"]}
    raw = write_group_affect(tmp_path / "raw", lists=lists)

    text = "test_list, entry 1: no picture 'Negative/neg_1.jpg' in val"
    assert left_out_of(find_splits(raw)) == {"eval": [LeftOut("missing image", text)]}


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        (
            LISTS | {"eval": ["neg_2.jpg", "neg_1.jpg"]},
            r"test_list, entry 1: expected every picture once in the lists\. "
            r"Received: 'neg_1\.jpg', as in val_list, entry 1$",
        ),
        (
            LISTS | {"val": ["neg_1", "neu_1", "neg_1.jpg"]},
            r"val_list, entry 2: .* Received: 'neg_1\.jpg', as in val_list, entry 0$",
        ),
        (
            LISTS | {"val": ["neg_9.jpg", "neg_9.jpg"]},
            r"val_list, entry 1: .* Received: 'neg_9\.jpg', as in val_list, entry 0$",
        ),
    ],
    ids=["in both", "twice in one", "twice without a picture"],
)
def test_a_name_that_is_listed_twice_is_an_error(tmp_path, lists, message):
    raw = write_group_affect(tmp_path / "raw", lists=lists)

    with pytest.raises(EmoError, match=message) as caught:
        find_splits(raw)
    assert str(caught.value).startswith(f"{raw}: ")


def test_a_listed_name_that_two_classes_have_is_an_error(tmp_path):
    files = {"val/Positive/neg_1.jpg": encoded()}
    raw = write_group_affect(tmp_path / "raw", files=files, lists=LISTS)

    with pytest.raises(EmoError, match="val_list, entry 1: expected the name of one picture") as e:
        find_splits(raw)
    assert "val/Negative/neg_1.jpg and val/Positive/neg_1.jpg" in str(e.value)


@pytest.mark.parametrize(
    ("split", "name"), [("val", "val_list"), ("eval", "test_list")], ids=["VAL", "EVAL"]
)
def test_one_list_alone_is_an_error(tmp_path, split, name):
    raw = write_group_affect(tmp_path / "raw", lists={split: LISTS[split]})

    message = f"expected val_list and test_list, or neither. Received: {name} alone"
    with pytest.raises(EmoError, match=message):
        find_splits(raw)


def test_a_list_of_something_else_is_an_error_that_names_it(tmp_path):
    raw = write_group_affect(tmp_path / "raw", lists=LISTS)
    (raw / "val_list").write_bytes(pickle.dumps({"neg_1.jpg": 0}))

    with pytest.raises(EmoError, match=r"raw/val_list: expected a pickled list"):
        find_splits(raw)


def test_what_was_removed_is_left_out_by_name_and_bytes(tmp_path):
    same = ["train/Negative/neg_1.jpg", "test/test_shared/test_1.jpg"]
    others = {
        "val/Negative/neg_1.jpg": encoded() + b"longer",
        "val/Negative/neg_2.jpg": encoded()[:-1] + b"\0",
    }
    removed = {
        f"Removed_EmotiW/{name}": encoded() for name in ("a/neg_1.jpg", "neg_2.jpg", "test_1.jpg")
    }
    raw = write_group_affect(tmp_path / "raw", files=removed | others)

    splits = find_splits(raw)
    copies = ["Removed_EmotiW/a/neg_1.jpg", "Removed_EmotiW/test_1.jpg"]
    assert left_out_of(splits) == {
        split: [LeftOut("removed", f"{path}: the same as {copy}")]
        for split, path, copy in zip(("train", "test"), same, copies, strict=True)
    }
    assert len(paths_of(splits)["val"]) == 3


def test_what_was_removed_goes_from_the_parts_of_val_too(tmp_path):
    files = {"Removed_EmotiW/neg_2.jpg": encoded()}
    splits = find_splits(write_group_affect(tmp_path / "raw", files=files, lists=LISTS))

    assert [item.reason for item in left_out_of(splits)["eval"]] == ["removed"]


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_misspelt_class_folder_is_an_error_with_the_one_that_was_meant(tmp_path, split):
    raw = write_group_affect(tmp_path / "raw")
    (raw / split / "Positive").rename(raw / split / "Postive")

    message = f"{raw / split}: Unknown class folder: did you mean Positive.* Received: 'Postive'"
    with pytest.raises(EmoError, match=message):
        check_class_folders(raw)


def test_all_six_class_folders_are_required(tmp_path):
    paths = [path.relative_to(tmp_path).as_posix() for (path,) in required_paths(tmp_path)]

    names = ("Negative", "Neutral", "Positive")
    assert paths == [f"{split}/{name}" for split in ("train", "val") for name in names]


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_a_folder_without_any_picture_is_an_error(tmp_path, split):
    raw = write_group_affect(tmp_path / "raw")
    for path in (raw / split).rglob("*.jpg"):
        path.unlink()

    with pytest.raises(EmoError, match=rf"{raw / split}: expected pictures .* Received: none"):
        find_splits(raw)
