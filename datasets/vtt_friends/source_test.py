"""Finding the annotations and the frames of every episode."""

import pickle
import re

import pytest

from emo_tf.errors import EmoError

from . import source
from .frames import FrameFolder, VideoFile
from .hard_copies import annotations_path, frame, record, write_annotations, write_frames
from .source import EPISODES, check_pairs, parts_of, required_paths


def files_of(folder, episode, *names):
    """Writes the annotations of an episode and empty files beside them."""
    write_annotations(annotations_path(folder, episode), record())
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "ep03.mkv",
        "EP03.MP4",
        "1x03 - The One with the Thumb.mkv",
        "01X03.avi",
        "Friends.S01E03.1080p.m4v",
        "friends_s01e03_720p.webm",
        "Friends 1x03.mpg",
    ],
)
def test_a_video_is_found_by_any_name_that_says_its_episode(tmp_path, name):
    files_of(tmp_path, 3, name)

    check_pairs(tmp_path)
    (part,) = parts_of(tmp_path, 3)

    assert part.frames == VideoFile(tmp_path / name)
    assert required_paths(tmp_path)[5] == (tmp_path / "ep03", tmp_path / name)


@pytest.mark.parametrize(
    "name",
    ["11x03.mkv", "s02e03.mkv", "ep033.mkv", "step03.mkv", "1x03.srt", "._1x03.mkv", "1x04.mkv"],
)
def test_other_files_are_no_video_of_the_episode(tmp_path, name):
    files_of(tmp_path, 3, name)

    with pytest.raises(EmoError, match="episode 3: expected "):
        check_pairs(tmp_path)


def test_paths_are_listed_by_requirement_best_first(tmp_path):
    paths = required_paths(tmp_path)

    assert len(paths) == 2 * len(EPISODES) == 20
    assert paths[:2] == (
        (tmp_path / "s01_ep01_tag2_visual_Final_180809.json",),
        (tmp_path / "ep01", tmp_path / "ep01.mkv"),
    )
    assert paths[-1] == (tmp_path / "ep10", tmp_path / "ep10.mkv")
    assert required_paths(tmp_path / "nowhere")[0][0].parent == tmp_path / "nowhere"


def test_frames_go_before_a_video_beside_them(tmp_path):
    files_of(tmp_path, 3, "ep03.mkv", "1x03.mkv")
    write_frames(tmp_path / "ep03", [frame(0)])

    check_pairs(tmp_path)

    assert parts_of(tmp_path, 3)[0].frames == FrameFolder(tmp_path / "ep03")


def test_a_part_of_a_folder_is_one_record_and_of_a_video_all_of_them(tmp_path):
    records = [record(12), record(4), record(12), record(8)]
    for episode in (3, 4):
        files_of(tmp_path, episode, "ep04.mkv")
        write_annotations(annotations_path(tmp_path, episode), *records)
    write_frames(tmp_path / "ep03", [frame(0)])

    folder_parts, video_parts = (parts_of(tmp_path, episode) for episode in (3, 4))

    by_part = [[one.index for one in part.records] for part in folder_parts]
    assert by_part == [[1], [3], [0], [2]]
    assert [[one.index for one in part.records] for part in video_parts] == [[1, 3, 0, 2]]
    assert {part.episode for part in folder_parts} == {3}
    assert pickle.loads(pickle.dumps(video_parts)) == video_parts


def test_two_videos_of_an_episode_are_an_error_that_names_both(tmp_path):
    files_of(tmp_path, 3, "1x03.mkv", "ep03.mp4")

    paths = f"{tmp_path / '1x03.mkv'} and {tmp_path / 'ep03.mp4'}"
    message = f"episode 3: expected one video. Received: {paths}"
    with pytest.raises(EmoError, match=re.escape(message)):
        check_pairs(tmp_path)
    assert required_paths(tmp_path)[5][1:] == (tmp_path / "1x03.mkv", tmp_path / "ep03.mp4")


def test_frames_without_annotations_are_an_error_that_names_the_path_expected(tmp_path):
    write_frames(tmp_path / "ep03", [frame(0)])

    with pytest.raises(EmoError) as caught:
        check_pairs(tmp_path)

    expected, there = annotations_path(tmp_path, 3), tmp_path / "ep03"
    message = f"episode 3: expected {expected} beside {there}. Received: no such file"
    assert str(caught.value) == message


def test_annotations_without_frames_are_an_error_that_names_the_paths_expected(tmp_path):
    files_of(tmp_path, 3)

    with pytest.raises(EmoError) as caught:
        check_pairs(tmp_path)

    expected = f"{tmp_path / 'ep03'} or {tmp_path / 'ep03.mkv'}"
    message = f"expected {expected} beside {annotations_path(tmp_path, 3)}."
    assert str(caught.value) == f"episode 3: {message} Received: no such file"


def test_a_folder_without_frames_is_an_error_that_names_it(tmp_path):
    files_of(tmp_path, 3)
    (tmp_path / "ep03").mkdir()

    message = f"{tmp_path / 'ep03'}: expected frames 00000.jpg and so on. Received: none"
    with pytest.raises(EmoError, match=re.escape(message)):
        source.check_pairs(tmp_path)
