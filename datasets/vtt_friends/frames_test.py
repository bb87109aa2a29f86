"""Clips from folders of frames and from videos."""

import gc
import wave

import numpy as np
import pytest
from PIL import Image

from emo_tf.corpora.testing import encoded
from emo_tf.errors import EmoError

from . import frames as frames_module
from .frames import FrameFolder, NoClip, VideoFile
from .hard_copies import FRAMES, frame, write_frames, write_video

PICTURES = [frame(number) for number in range(FRAMES)]


@pytest.fixture
def folder(tmp_path):
    return write_frames(tmp_path / "ep01", PICTURES)


@pytest.fixture
def video(tmp_path):
    return write_video(tmp_path / "ep01.mkv", PICTURES)


@pytest.fixture(params=["folder", "video"])
def source(request):
    path = request.getfixturevalue(request.param)
    return FrameFolder(path) if request.param == "folder" else VideoFile(path)


def test_a_clip_holds_the_frames_counted_from_0(source):
    clips = list(source.clips([0, 0, 3, 16], length=4))

    for first, clip in zip([0, 0, 3, 16], clips, strict=True):
        np.testing.assert_array_equal(clip, PICTURES[first : first + 4])


def test_a_clip_that_begins_before_the_first_frame_is_missing(source):
    first, second = source.clips([-2, 0], length=4)

    detail = "the clip begins before frame 0, with frame -2"
    assert first == NoClip("missing frame", detail)
    np.testing.assert_array_equal(second, PICTURES[:4])


def test_a_clip_that_ends_after_the_last_frame_is_missing(source):
    *_, crossing, beyond = source.clips([16, 18, 30], length=4)

    if isinstance(source, FrameFolder):
        details = [f"{source.path / name} is missing" for name in ("00020.jpg", "00030.jpg")]
    else:
        details = [f"{source.path} has 20 frames, frame {n} is missing" for n in (20, 30)]
    assert [crossing, beyond] == [NoClip("missing frame", detail) for detail in details]


def test_a_frame_that_is_not_in_the_folder_is_named(folder):
    (folder / "00007.jpg").unlink()

    before, missing = FrameFolder(folder).clips([3, 4], length=4)

    np.testing.assert_array_equal(before, PICTURES[3:7])
    assert missing == NoClip("missing frame", f"{folder / '00007.jpg'} is missing")


def test_a_frame_that_cannot_be_decoded_is_named(folder):
    path = folder / "00007.jpg"
    path.write_bytes(encoded()[:500])

    (clip,) = FrameFolder(folder).clips([4], length=4)

    assert clip.reason == "unreadable frame"
    assert clip.detail.startswith(f"{path} cannot be read: ")


def test_frames_of_different_sizes_are_no_clip(folder):
    (folder / "00007.jpg").write_bytes(encoded(Image.new("RGB", (60, 40))))

    (clip,) = FrameFolder(folder).clips([4], length=4)

    found = "expected one size. Received: 60 x 40 and 64 x 48 pixels"
    detail = f"{folder}, frames 4 to 7: {found}"
    assert clip == NoClip("frames of different sizes", detail)


def test_a_folder_is_empty_where_nothing_is_called_as_a_frame(folder, tmp_path):
    (tmp_path / "notes.jpg").write_bytes(b"")

    assert not FrameFolder(folder).is_empty
    assert FrameFolder(tmp_path).is_empty


@pytest.mark.slow
def test_a_video_keeps_the_frames_of_one_clip_alone(tmp_path):
    path = write_video(tmp_path / "long.mkv", [frame(n % 20) for n in range(120)])

    for _ in VideoFile(path).clips([0, 60, 100], length=4):
        gc.collect()
        kept = sum(isinstance(one, frames_module._Frame) for one in gc.get_objects())
        assert kept <= 4 + 1  # the last of the clip before


def test_a_video_that_ends_early_lacks_its_last_clips(video):
    data = video.read_bytes()
    video.write_bytes(data[: len(data) // 2])

    first, last = VideoFile(video).clips([0, 16], length=4)

    np.testing.assert_array_equal(first, PICTURES[:4])
    assert last.reason == "missing frame"
    assert last.detail.startswith(f"{video} has ")


def damaged(path, *, part, length):
    """Changes bytes of a file from a part of it on."""
    data = bytearray(path.read_bytes())
    first = int(part * len(data))
    data[first : first + length] = bytes(value ^ 0x5A for value in data[first : first + length])
    path.write_bytes(data)
    return path


def test_a_frame_that_the_decoder_made_up_is_no_part_of_a_clip(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, size=(24, 96, 128, 3), dtype=np.uint8)
    path = write_video(tmp_path / "ep01.mp4", noise, codec="mpeg4", pixel_format="yuv420p")
    whole = list(VideoFile(path).clips([0, 20], length=4))
    assert not any(isinstance(clip, NoClip) for clip in whole)

    clips = list(VideoFile(damaged(path, part=0.1, length=2)).clips([0, 20], length=4))

    assert clips[0].reason == "unreadable frame"
    assert clips[0].detail.startswith(f"{path}: frame ")
    np.testing.assert_array_equal(clips[1], whole[1])


def test_damaged_data_that_stops_the_decoder_is_an_error_that_names_the_file(video):
    damaged(video, part=0.3, length=4000)

    with pytest.raises(EmoError) as caught:
        list(VideoFile(video).clips([0, 16], length=4))

    message = "expected a whole video. Received: Invalid data found when processing input"
    assert str(caught.value) == f"{video}: {message}"


def a_text(path):
    path.write_text("no video")


def nothing(path):
    path.write_bytes(b"")


def a_sound(path):
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        sound.writeframes(bytes(8000))


def the_head_of_a_video(path):
    write_video(path, PICTURES)
    path.write_bytes(path.read_bytes()[:700])


@pytest.mark.parametrize("write", [a_text, nothing, a_sound, the_head_of_a_video])
def test_a_file_that_is_no_video_is_an_error_that_names_it(tmp_path, write):
    path = tmp_path / "ep01.mkv"
    write(path)

    with pytest.raises(EmoError) as caught:
        list(VideoFile(path).clips([0], length=4))

    assert str(caught.value).startswith(f"{path}: expected a ")
    assert "video" in str(caught.value)


def test_a_video_that_is_not_needed_is_not_opened(tmp_path):
    assert list(VideoFile(tmp_path / "nowhere.mkv").clips([], length=4)) == []
