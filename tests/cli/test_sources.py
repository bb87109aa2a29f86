import io
import os
from types import SimpleNamespace

import pytest

from emo_tf.cli.sources import PictureSource, expand_sources
from emo_tf.errors import EmoError
from emo_tf.runtime.analyzer import BoxedPhoto


@pytest.fixture
def album(tmp_path, monkeypatch):
    """A folder `album` in the working directory; the files are empty, only names matter."""
    for name in (
        "b.jpg",
        "a.JPG",
        "notes.md",
        ".hidden.jpg",
        "2019/c.png",
        "2019/deep er/ü.webp",
        ".cache/d.jpg",
        "drawn/b.jpg",
        "none/readme.md",
    ):
        path = tmp_path / "album" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "album"


def names(*arguments, **options) -> list[str]:
    return [source.name for source in expand_sources(arguments, **options)]


def test_a_folder_stands_for_the_pictures_in_it_and_below_sorted_without_hidden_ones(album):
    assert names("album") == [
        "album/a.JPG",
        "album/b.jpg",
        "album/2019/c.png",
        "album/2019/deep er/ü.webp",
        "album/drawn/b.jpg",
    ]


def test_a_folder_keeps_the_name_it_was_given_by(album):
    assert names("album/../album/2019/")[0] == "album/../album/2019/c.png"
    assert names(str(album))[0] == str(album / "a.JPG")


@pytest.mark.parametrize("argument", ["album", "album/**/*.jpg", ".", "**"])
def test_a_folder_left_out_is_passed_over_when_found_from_outside(album, argument):
    assert "album/drawn/b.jpg" in names(argument)
    assert "album/drawn/b.jpg" not in names(argument, left_out=album / "drawn")


@pytest.mark.parametrize("argument", ["album/drawn", "album/drawn/*"])
def test_a_folder_left_out_is_taken_when_named_itself(album, argument):
    assert names(argument, left_out=album / "drawn") == ["album/drawn/b.jpg"]


def test_a_pattern_stands_for_the_pictures_that_match(album):
    assert names("album/*") == ["album/a.JPG", "album/b.jpg"]
    assert names("album/**/*.png") == ["album/2019/c.png"]
    assert names(f"{album}/?.jpg") == [f"{album}/b.jpg"]


def test_a_file_is_taken_as_named_whatever_its_suffix_or_brackets(album):
    (album / "x[1].jpg").touch()
    assert names("album/notes.md", "album/x[1].jpg") == ["album/notes.md", "album/x[1].jpg"]


def test_sources_stay_in_the_order_given_repeats_included(album):
    assert names("album/b.jpg", "album/2019/*.png", "album/b.jpg") == [
        "album/b.jpg",
        "album/2019/c.png",
        "album/b.jpg",
    ]


def test_a_list_stands_for_its_pictures_each_once_with_its_people(album):
    rows = ["b.jpg 0 0 9 9", "2019/c.png 0 0 8 8", "gone.jpg 0 0 9 9", "b.jpg 1 2 3 5"]
    (album / "people.txt").write_text("\n".join(rows))
    first, second, third, fourth = expand_sources(["album/people.txt", "album/b.jpg"])
    assert (first.name, [row.line for row in first.rows]) == ("album/b.jpg", [1, 4])
    assert first.content() == BoxedPhoto("album/b.jpg", ((0, 0, 9, 9), (1, 2, 2, 3)))
    assert second.name == "album/2019/c.png"
    assert (third.name, third.error) == (
        "album/people.txt",
        "album/people.txt, line 3: expected a picture file. Received: no such file, gone.jpg",
    )
    assert fourth.content() == "album/b.jpg"


def test_a_list_that_cannot_be_read_is_an_error_entry(album):
    (source,) = expand_sources(["gone.txt"])
    assert source.error.startswith("gone.txt: expected a list with rows path x1 y1 x2 y2")


def test_a_missing_file_is_left_for_the_reader_to_report(album):
    assert expand_sources(["gone.jpg"]) == [PictureSource("gone.jpg")]
    assert expand_sources(["long" * 2000]) == [PictureSource("long" * 2000)]


@pytest.mark.parametrize(
    ("argument", "kind"), [("album/none", "folder"), ("album/*.bmp", "pattern")]
)
def test_what_holds_no_pictures_is_an_error_entry(album, argument, kind):
    (source,) = expand_sources([argument])
    assert source.name == argument
    assert source.error == (
        f"{argument}: expected a {kind} with pictures (.jpg, .png, ...). Received: none found"
    )


def test_a_folder_that_cannot_be_read_is_an_error_entry_beside_the_others(album, monkeypatch):
    scandir = os.scandir

    def guarded(path):
        if str(path).endswith("2019"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    *found, last = expand_sources(["album"])
    assert [source.name for source in found] == ["album/a.JPG", "album/b.jpg", "album/drawn/b.jpg"]
    assert last.error == "album/2019: folder cannot be read (Permission denied)"


def test_standard_input_gives_its_bytes_under_the_name_of_a_dash(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"picture")))
    (source,) = expand_sources(["-"])
    assert source.path is None
    assert source.content() == ("-", b"picture")


def test_standard_input_can_be_read_once_only():
    with pytest.raises(EmoError, match=r"expected - .* once"):
        expand_sources(["-", "a.jpg", "-"])
