from pathlib import Path

import pytest

from emo_tf.runtime.video_names import is_live, is_video


@pytest.mark.parametrize("name", ["a.mp4", "A.MOV", "folder.d/b.webm", Path("c.mkv")], ids=str)
def test_a_file_is_a_video_by_its_ending(name):
    assert is_video(name)
    assert not is_live(name)


@pytest.mark.parametrize("name", ["0", "12", "rtsp://host/way", "HTTP://host/a.jpg", "udp://:1"])
def test_numbers_and_addresses_are_webcams_and_streams(name):
    assert is_video(name)
    assert is_live(name)


@pytest.mark.parametrize("name", ["a.jpg", "a.gif", "mp4", "./0", "-1", "²", "a://b", ""])
def test_others_are_none(name):
    assert not is_video(name)


def test_a_path_is_always_a_file():
    assert not is_live(Path("0"))
