from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.scene_labels import SceneLabels

LABELS = SceneLabels(
    {"x.jpg": ("sea",), "a/x.jpg": ("team",), "b/a/x.jpg": ("grass",), "empty.jpg": ()}
)


@pytest.mark.parametrize(
    ("picture", "key"),
    [
        pytest.param("x.jpg", "x.jpg", id="name"),
        pytest.param("c/x.jpg", "x.jpg", id="name in another folder"),
        pytest.param("a/x.jpg", "a/x.jpg", id="folder and name"),
        pytest.param("c/a/x.jpg", "a/x.jpg", id="ending"),
        pytest.param("/album/b/a/x.jpg", "b/a/x.jpg", id="longest ending"),
        pytest.param(Path("c/a/x.jpg"), "a/x.jpg", id="path"),
        pytest.param("ax.jpg", None, id="not a part of a name"),
        pytest.param("y.jpg", None, id="another name"),
        pytest.param("a", None, id="folder alone"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_picture_has_the_entry_that_its_path_ends_with(picture, key):
    assert LABELS.key_of(picture) == key
    assert LABELS.of(picture) == (None if key is None else LABELS.by_picture[key])


def test_an_absolute_path_has_the_entry_of_its_own_name():
    labels = SceneLabels({"/album/x.jpg": ("team",), "x.jpg": ()})
    assert labels.of("/album/x.jpg") == ("team",)


def test_a_picture_in_which_nothing_was_found_is_labelled():
    assert LABELS.of("empty.jpg") == ()
    assert LABELS.of("missing.jpg") is None


def test_the_vocabulary_is_all_labels_that_occur():
    assert LABELS.vocabulary == {"sea", "team", "grass"}
    assert SceneLabels({"empty.jpg": ()}).vocabulary == frozenset()


def test_labels_are_brought_to_lower_case_and_count_once(tmp_path):
    path = tmp_path / "labels.json"
    path.write_text('{"x.jpg": ["Team", " team ", "Été", "sea"], "y.jpg": []}', "utf-8")
    read = SceneLabels.read(path)
    assert read == SceneLabels({"x.jpg": ("team", "été", "sea"), "y.jpg": ()}, str(path))


def test_labels_come_back_from_their_file(tmp_path):
    # A file name that is no UTF-8 reaches Python with surrogates in it.
    by_picture = {"b/Ü 顔.jpg": ("été", "team"), "empty.jpg": (), "\udcff.jpg": ("sea",)}
    path = tmp_path / "new" / "labels.json"
    SceneLabels(by_picture).write(path)
    assert SceneLabels.read(path) == SceneLabels(by_picture, str(path))
    assert "Ü 顔" in path.read_text("utf-8")
    assert [one.name for one in path.parent.iterdir()] == ["labels.json"]


def test_pictures_that_share_an_entry_are_refused():
    labels = SceneLabels({"x.jpg": ("team",)}, "labels.json")
    with pytest.raises(
        EmoError, match=r"labels\.json: expected .* Received: 'x\.jpg' for a/x\.jpg and b/x\.jpg"
    ):
        labels.check_told_apart(["a/x.jpg", Path("b/x.jpg")])


@pytest.mark.parametrize(
    "pictures",
    [
        pytest.param(["x.jpg", "a/x.jpg", "b/a/x.jpg"], id="each its own entry"),
        pytest.param(["y.jpg", "c/y.jpg"], id="no entries"),
        pytest.param(["x.jpg", Path("x.jpg")], id="the same picture"),
        pytest.param([], id="no picture"),
    ],
)
def test_pictures_with_entries_of_their_own_are_told_apart(pictures):
    LABELS.check_told_apart(pictures)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param('"team"', id="text"),
        pytest.param("null", id="null"),
        pytest.param("3", id="number"),
        pytest.param('{"team": 0.9}', id="object"),
        pytest.param('["team", 3]', id="a number among labels"),
        pytest.param('["team", ["sea"]]', id="a list among labels"),
    ],
)
def test_an_entry_that_is_no_list_of_texts_is_refused_by_file_and_picture(tmp_path, entry):
    path = tmp_path / "labels.json"
    path.write_text(f'{{"x.jpg": [], "y.jpg": {entry}}}')
    with pytest.raises(EmoError) as caught:
        SceneLabels.read(path)
    assert str(caught.value) == (
        f"{path}: y.jpg: expected a list of labels, each a text. Received: {entry}"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "scene labels, .* Received: no such file", id="no file"),
        pytest.param(b"", "expected JSON", id="empty"),
        pytest.param(b'{"x.jpg": ["te', "expected JSON", id="cut short"),
        pytest.param(b'{"x.jpg": ["\xe9"]}', "expected JSON", id="no UTF-8"),
        pytest.param(b"[" * 100_000, "expected JSON", id="endless lists"),
        pytest.param(
            b'[["x.jpg", "team"]]', "expected an object of JSON. Received: list", id="list"
        ),
    ],
)
def test_a_file_of_something_else_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "labels.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EmoError, match=message) as caught:
        SceneLabels.read(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_folder_in_place_of_the_file_is_refused_by_name(tmp_path):
    with pytest.raises(EmoError, match="a file that cannot be read"):
        SceneLabels.read(tmp_path)
