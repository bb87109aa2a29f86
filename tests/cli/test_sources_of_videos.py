from pathlib import Path

import pytest

from emo_tf.cli.drawings import plan_drawings
from emo_tf.cli.sources import VideoSource, expand_videos, stand_for_videos
from emo_tf.errors import EmoError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Folders of pictures, of videos, of both and of neither; the files are empty."""
    for name in (
        *("films/b.mp4", "films/a.MKV", "films/.hidden.mp4", "films/more/c.webm", "films/notes.md"),
        *("album/a.jpg", "album/deep/b.png"),
        *("both/a.jpg", "both/deep/b.mp4"),
        *("neither/readme.md", "x.mp4", "x[1].mp4", "x.jpg"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "word",
    [
        "x.mp4",
        "gone.MOV",
        "0",
        "rtsp://host/live?x=[1]",
        "films",
        "films/*",
        "**/*.mp4",
        "x[1].mp4",
    ],
)
def test_videos_are_told_by_their_names_and_folders_by_what_is_in_them(word):
    assert stand_for_videos([word])


@pytest.mark.parametrize(
    "word",
    ["x.jpg", "-", "people.txt", "gone", "album", "both", "both/*", "neither", "*.bmp", "**"],
)
def test_everything_else_stands_for_pictures(word):
    assert not stand_for_videos([word])


def test_pictures_and_videos_are_not_looked_at_in_one_go():
    message = r"SOURCE: expected pictures or videos, not both .* Received: x\.jpg and films"
    with pytest.raises(EmoError, match=message):
        stand_for_videos(["films", "x.jpg", "x.mp4"])


def test_what_was_drawn_of_videos_does_not_make_their_folder_one_of_pictures():
    plots = Path("films/plots")
    plots.mkdir()
    (plots / "b.png").touch()
    assert not stand_for_videos(["films"])
    assert stand_for_videos(["films"], left_out=[Path("annotated"), plots])
    assert not stand_for_videos([str(plots)], left_out=[plots])


def test_a_folder_stands_for_the_videos_in_it_and_below():
    found = expand_videos(["films", "x.mp4", "7"])
    assert [source.name for source in found] == [
        *("films/a.MKV", "films/b.mp4", "films/more/c.webm"),
        *("x.mp4", "7"),
    ]


def test_a_folder_left_out_is_passed_over():
    found = expand_videos(["films"], left_out=Path("films/more"))
    assert [source.name for source in found] == ["films/a.MKV", "films/b.mp4"]


def test_a_folder_without_videos_is_an_error_of_its_own():
    (source,) = expand_videos(["neither"])
    assert source.error == (
        "neither: expected a folder with videos (.mp4, .mkv, ...). Received: none found"
    )


def planned(*names: str) -> list[str]:
    targets = plan_drawings(
        [VideoSource(name) for name in names],
        Path("out"),
        option="--plot",
        kept_suffixes=(".png",),
        other_suffix=".png",
    )
    return [target.relative_to("out").as_posix() for target in targets.values()]


def test_each_video_has_a_file_of_its_own_to_be_drawn_in():
    assert planned("a/x.mp4", "a/x.mkv", "b/x.mp4") == ["a/x.png", "a/x-2.png", "b/x.png"]


def test_webcams_and_streams_have_names_too():
    assert planned("0", "rtsp://user@host:554/live/1") == [
        *("webcam0.png", "user_host_554_live_1.png"),
    ]


def test_a_video_is_never_written_over():
    with pytest.raises(EmoError, match=r"--draw: .*where films/b\.mp4 would be replaced"):
        plan_drawings(
            [VideoSource("films/b.mp4")],
            Path("films"),
            kept_suffixes=(".mp4",),
            other_suffix=".mp4",
        )
