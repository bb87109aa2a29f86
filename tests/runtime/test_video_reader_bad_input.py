import subprocess
import sys

import pytest
from PIL import Image

from emo_tf.errors import EmoError
from emo_tf.runtime.video_reader import VideoReader
from tests.made_up_videos import number_of, write_sound, write_video

INDEX_FIRST = {"movflags": "+faststart"}
KEY_FRAMES = {"g": "20", "bf": "0"}


def cut(path, share):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def no_file(folder):
    return folder / "none.mp4"


def a_folder(folder):
    return folder


def no_bytes(folder):
    (folder / "empty.mp4").write_bytes(b"")
    return folder / "empty.mp4"


def text(folder):
    (folder / "text.mp4").write_text("not a video\n" * 50)
    return folder / "text.mp4"


def a_text_file(folder):
    (folder / "notes.txt").write_text("not a video\n" * 50)
    return folder / "notes.txt"


def a_picture(folder):
    path = folder / "picture.mp4"
    Image.new("RGB", (64, 48)).save(path, "PNG")
    return path


def sound_alone(folder):
    return write_sound(folder / "sound.m4a")


def no_index(folder):
    return cut(write_video(folder / "cut.mp4", 50), 0.5)


def no_frames(folder):
    path = folder / "none.y4m"
    path.write_bytes(b"YUV4MPEG2 W64 H48 F25:1 Ip A1:1 C420jpeg\n")
    return path


def an_unknown_codec(folder):
    path = write_video(folder / "codec.mp4", 10)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    return path


def damage_alone(folder):
    path = write_video(folder / "damage.mkv", 5, codec="ffv1", pixel_format="bgra")
    data = bytearray(path.read_bytes())
    start = data.index(b"\x1f\x43\xb6\x75") + 40  # behind the first cluster's beginning
    for place in range(start, len(data), 3):
        data[place] = 255 - data[place]
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (no_file, "none.mp4: expected a video file. Received: no such file"),
        (a_folder, "expected a video file. Received: a folder"),
        (no_bytes, "empty.mp4: expected a video. Received: no bytes"),
        (text, r"text.mp4: expected a whole video. Received: a file that begins with b'not a vi"),
        (a_text_file, r"notes.txt: expected a .*video. Received: "),
        (a_picture, "picture.mp4: expected a video. Received: a picture"),
        (sound_alone, "sound.m4a: expected a video stream. Received: audio alone"),
        (no_index, "cut.mp4: expected a whole video. Received: an MP4 file without its index"),
        (no_frames, "none.y4m: expected a video with frames. Received: none"),
        (an_unknown_codec, "codec.mp4: expected a video that this FFmpeg can decode. Received: "),
        (damage_alone, "damage.mkv: expected .* Received: "),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_no_video_is_refused_in_one_line(tmp_path, make, message):
    with pytest.raises(EmoError, match=message) as caught, VideoReader(make(tmp_path)):
        pass
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"every": 0}, "every: expected a whole number from 1. Received: 0"),
        ({"every": 1.5}, "every: expected a whole number from 1. Received: 1.5"),
        ({"fps": 0.0}, "fps: expected frames a second above 0. Received: 0.0"),
        ({"fps": float("nan")}, "fps: expected frames a second above 0. Received: nan"),
        ({"every": 2, "fps": 5}, "expected either every or fps. Received: every=2 and fps=5"),
        ({"start_s": -1.0}, "start: expected seconds from 0. Received: -1.0"),
        ({"end_s": 0.0}, "end: expected seconds above 0. Received: 0.0"),
        ({"start_s": 2, "end_s": 1}, "expected a start before the end. Received: start 2 s, end 1"),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit_are_refused_before_anything_is_opened(choice, message):
    with pytest.raises(EmoError, match=f"nowhere.mp4: {message}"):
        VideoReader("nowhere.mp4", **choice)


def test_a_start_behind_the_end_of_the_video_is_refused(tmp_path):
    path = write_video(tmp_path / "a.mp4", 25)
    message = "a.mp4: expected a frame after the start of 1 s in all. Received: start 1.5 s"
    with pytest.raises(EmoError, match=message), VideoReader(path, start_s=1.5):
        pass


def test_frames_over_the_limit_are_refused_before_they_are_decoded(tmp_path):
    path = write_video(tmp_path / "a.mp4", 3)
    message = "expected frames of at most 3,000 pixels. Received: 64 x 48 = 3,072"
    with pytest.raises(EmoError, match=message), VideoReader(path, max_pixels=3000):
        pass


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".flv"])
@pytest.mark.parametrize("share", [0.75, 0.9])
def test_of_a_file_that_was_cut_off_the_rest_is_read_and_the_cut_told(tmp_path, suffix, share):
    codec = {".webm": "libvpx", ".flv": "flv"}.get(suffix, "libx264")
    path = write_video(
        tmp_path / f"a{suffix}",
        100,
        codec=codec,
        options=KEY_FRAMES,
        container_options=INDEX_FIRST if suffix == ".mp4" else None,
    )
    with VideoReader(cut(path, share)) as reader:
        frames = list(reader)
        assert 0 < len(frames) < 100
        assert [frame.index for frame in frames] == [number_of(frame.image) for frame in frames]
        assert reader.cut.startswith("ends early: ")
        assert reader.cut.endswith(" of 4.0 s could be read")


def test_a_cut_behind_the_end_that_was_asked_for_is_not_told(tmp_path):
    path = cut(write_video(tmp_path / "a.mkv", 100, options=KEY_FRAMES), 0.9)
    with VideoReader(path, end_s=1.0) as reader:
        assert len(list(reader)) == 25
        assert reader.cut is None


def test_a_cut_is_told_also_where_reading_began_late(tmp_path):
    path = write_video(tmp_path / "a.mp4", 100, options=KEY_FRAMES, container_options=INDEX_FIRST)
    with VideoReader(cut(path, 0.9), start_s=1.0) as reader:
        assert next(iter(reader)).index == 25
        assert len(list(reader)) < 74
        assert reader.cut.startswith("ends early: 3.")
        assert reader.cut.endswith(" of 4.0 s could be read")


def test_damaged_frames_are_passed_over_and_counted(tmp_path):
    path = write_video(tmp_path / "a.mp4", 100, options=KEY_FRAMES)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 2500
    data[start : start + 300] = bytes(255 - value for value in data[start : start + 300])
    path.write_bytes(data)
    with VideoReader(path) as reader:
        frames = list(reader)
        assert reader.damaged > 0
        assert len(frames) == 100 - reader.damaged
        assert reader.cut is None
    last = frames[-1]
    assert (last.index, number_of(last.image), last.time_s) == (99, 99, pytest.approx(3.96))


def test_ffmpeg_prints_nothing_of_its_own(tmp_path):
    path = cut(write_video(tmp_path / "a.mp4", 100, container_options=INDEX_FIRST), 0.8)
    code = """
import sys
from emo_tf.errors import EmoError
from emo_tf.runtime.video_reader import VideoReader
from emo_tf.runtime.video_writer import VideoWriter
with VideoReader(sys.argv[1]) as reader:
    with VideoWriter(sys.argv[2], width=64, height=48) as writer:
        for frame in reader:
            writer.write(frame.image, frame.time_s)
try:
    VideoReader(sys.argv[3]).__enter__()
except EmoError:
    pass
"""
    arguments = [path, tmp_path / "out.mp4", no_index(tmp_path)]
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""
