import struct
from fractions import Fraction

import numpy as np
import pytest

from emo_tf.runtime.video_reader import VideoReader
from tests.made_up_videos import number_of, numbered, write_video

FINE = {"qmin": "1", "qmax": "2"}
CONTAINERS = {
    "h264 in mp4": (".mp4", "libx264", {"g": "20", "bf": "3"}),
    "h264 in mkv": (".mkv", "libx264", {"g": "20", "bf": "3"}),
    "h264 in ts": (".ts", "libx264", {"g": "20", "bf": "3"}),
    "bare h264": (".h264", "libx264", {"g": "20"}),
    "vp8 in webm": (".webm", "libvpx", {"g": "20"}),
    "mpeg4 in avi": (".avi", "mpeg4", {"g": "20", "bf": "2"} | FINE),
    "mpeg4 in mov": (".mov", "mpeg4", {"g": "20"} | FINE),
}


def read(path, **choice):
    with VideoReader(path, **choice) as reader:
        return list(reader)


def numbers(frames):
    return [frame.index for frame in frames]


def times(frames):
    return [frame.time_s for frame in frames]


@pytest.fixture(scope="module")
def four_seconds(tmp_path_factory):
    return write_video(
        tmp_path_factory.mktemp("videos") / "four.mp4", 100, options={"g": "20", "bf": "3"}
    )


@pytest.fixture(params=CONTAINERS)
def any_container(request, tmp_path):
    suffix, codec, options = CONTAINERS[request.param]
    return write_video(tmp_path / f"video{suffix}", 100, codec=codec, options=options)


def test_every_frame_comes_once_in_order_with_its_number_and_time(any_container):
    frames = read(any_container)
    assert [number_of(frame.image) for frame in frames] == numbers(frames) == list(range(100))
    assert times(frames) == pytest.approx(np.arange(100) / 25, abs=1e-3)


def test_a_start_and_an_end_are_exact_and_keep_numbers_and_times(any_container):
    frames = read(any_container, start_s=2.1, end_s=3.0)
    assert [number_of(frame.image) for frame in frames] == numbers(frames) == list(range(53, 75))
    assert times(frames) == pytest.approx(np.arange(53, 75) / 25, abs=1e-3)


@pytest.mark.parametrize("start_s", [0.0, 0.04, 0.8, 0.79, 0.81, 3.96])
def test_the_first_frame_is_the_first_that_is_not_before_the_start(four_seconds, start_s):
    first = read(four_seconds, start_s=start_s)[0]
    assert first.index == number_of(first.image) == int(np.ceil(start_s * 25 - 1e-6))


def test_what_is_known_beforehand_is_right(four_seconds):
    with VideoReader(four_seconds) as reader:
        assert (reader.name, reader.width, reader.height) == (str(four_seconds), 64, 48)
        assert reader.duration_s == pytest.approx(4.0)
        assert (reader.frames_expected, reader.rate, reader.live) == (100, 25.0, False)
        frames = list(reader)
        assert frames[0].image.dtype == np.uint8
        assert frames[0].image.shape == (48, 64, 3)
        assert reader.cut is None
        assert reader.damaged == 0


@pytest.mark.parametrize(
    "choice",
    [
        {"every": 3},
        {"fps": 10},
        {"fps": 60},
        {"start_s": 1.0, "end_s": 2.0},
        {"start_s": 2.0, "every": 7},
        {"end_s": 9.0, "fps": 2},
    ],
    ids=str,
)
def test_as_many_frames_come_as_were_expected(four_seconds, choice):
    with VideoReader(four_seconds, **choice) as reader:
        assert len(list(reader)) == reader.frames_expected


def test_every_third_frame_is_counted_from_the_first_one_given(four_seconds):
    assert numbers(read(four_seconds, every=3, start_s=0.4, end_s=0.8)) == [10, 13, 16, 19]


def test_a_varying_rate_is_kept(tmp_path):
    shown = [0, 0.04, 0.5, 0.51, 2.0, 2.1]
    frames = read(write_video(tmp_path / "a.mp4", 6, times=shown))
    assert times(frames) == pytest.approx(shown, abs=1e-4)
    assert numbers(frames) == [number_of(frame.image) for frame in frames] == list(range(6))


def test_frames_are_chosen_by_the_moments_at_which_they_are_shown(tmp_path):
    shown = [0, 0.04, 0.5, 0.51, 2.0, 2.1]
    path = write_video(tmp_path / "a.mp4", 6, times=shown)
    # At 0, 0.5, 1.0 and 1.5, and 2.0 s; the fourth frame is shown at two of them.
    assert numbers(read(path, fps=2)) == [0, 2, 3, 4]


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".ts"])
def test_times_count_from_the_first_frame(tmp_path, suffix):
    late = [5 + number / 25 for number in range(60)]
    path = write_video(tmp_path / f"late{suffix}", 60, times=late)
    frames = read(path)
    assert times(frames) == pytest.approx(np.arange(60) / 25, abs=1e-3)
    assert numbers(read(path, start_s=2.0)) == list(range(50, 60))


def test_a_clock_that_is_set_back_does_not_make_times_shrink(tmp_path):
    halves = [write_video(tmp_path / f"{name}.ts", 50) for name in "ab"]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(half.read_bytes() for half in halves))
    frames = read(path)
    assert len(frames) >= 98  # the last frames before the seam may be lost
    assert np.diff(times(frames)).min() > 0


@pytest.fixture
def corners():
    """Four corners of four colours, uint8 RGB of shape (48, 64, 3)."""
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[:24, :32], frame[:24, 32:], frame[24:, :32] = (200, 0, 0), (0, 200, 0), (0, 0, 200)
    return frame


@pytest.mark.parametrize("rotation", [0, 90, 180, -90, 270])
def test_a_rotated_video_stands_upright(tmp_path, corners, rotation):
    path = write_video(tmp_path / "a.mp4", [corners] * 3, rotation=rotation, pixel_format="yuv444p")
    upright = np.rot90(corners, rotation // 90)
    with VideoReader(path) as reader:
        assert (reader.height, reader.width) == upright.shape[:2]
        for frame in reader:
            assert np.abs(frame.image.astype(int) - upright).mean() < 4


@pytest.mark.parametrize("mirrored", ["hflip", "vflip"])
def test_a_mirrored_video_is_turned_back(tmp_path, corners, mirrored):
    path = write_video(tmp_path / "a.mp4", [corners] * 3, mirrored=mirrored, pixel_format="yuv444p")
    upright = corners[:, ::-1] if mirrored == "hflip" else corners[::-1]
    assert np.abs(read(path)[0].image.astype(int) - upright).mean() < 4


def test_pixels_that_are_not_square_are_told_and_left_as_they_are(tmp_path):
    path = write_video(tmp_path / "a.mp4", 3, pixel_aspect=Fraction(16, 11))
    with VideoReader(path) as reader:
        assert (reader.width, reader.height, reader.pixel_aspect) == (64, 48, Fraction(16, 11))
    path = write_video(tmp_path / "b.mp4", 3, pixel_aspect=Fraction(16, 11), rotation=90)
    with VideoReader(path) as reader:
        assert (reader.width, reader.height, reader.pixel_aspect) == (48, 64, Fraction(11, 16))


@pytest.mark.parametrize("pixel_format", ["gray", "gray16le", "yuv422p10le", "bgra", "yuv420p"])
def test_other_depths_and_colours_become_rgb(tmp_path, pixel_format):
    path = write_video(tmp_path / "a.mkv", 20, codec="ffv1", pixel_format=pixel_format)
    frames = read(path)
    assert [number_of(frame.image) for frame in frames] == list(range(20))
    assert frames[7].image.shape == (48, 64, 3)


def test_sound_is_passed_over_and_does_not_count_as_length(tmp_path):
    for suffix in (".mp4", ".mkv"):
        path = write_video(tmp_path / f"a{suffix}", 25, audio_s=3.0)
        with VideoReader(path) as reader:
            assert len(list(reader)) == reader.frames_expected == 25
            assert (reader.duration_s, reader.cut) == (pytest.approx(1.0, abs=0.01), None)


def test_of_a_trimmed_video_only_what_players_show_is_read(tmp_path):
    path = write_video(tmp_path / "a.mp4", 100, options={"g": "20", "bf": "0"})
    data = bytearray(path.read_bytes())
    edit = data.index(b"elst") + 12  # its length in ms, and where it begins in the media's ticks
    data[edit : edit + 8] = struct.pack(">II", 1000, 2 * 12_800)
    path.write_bytes(data)
    with VideoReader(path) as reader:
        frames = list(reader)
        assert numbers(frames) == list(range(25))
        assert [number_of(frame.image) for frame in frames] == list(range(50, 75))
        assert times(frames) == pytest.approx(np.arange(25) / 25, abs=1e-3)
        assert (reader.cut, reader.damaged) == (None, 0)
    later = read(path, start_s=0.8)
    assert (later[0].index, number_of(later[0].image)) == (20, 70)


def test_frames_of_one_pixel_come(tmp_path):
    frame = np.full((1, 1, 3), 200, np.uint8)
    path = write_video(tmp_path / "a.mp4", [frame] * 3, pixel_format="yuv444p")
    frames = read(path)
    assert [item.image.shape for item in frames] == [(1, 1, 3)] * 3


def test_a_colon_in_the_name_is_no_scheme(tmp_path):
    path = write_video(tmp_path / "a.mp4", 3).rename(tmp_path / "http:x.mp4")
    assert len(read(path)) == 3


@pytest.mark.parametrize(
    ("name", "frames", "seconds"),
    [("carphone", 120, 4.004), ("woman", 464, 15.482), ("short_face", 115, 4.6)],
)
def test_real_videos_are_read_whole(shared, name, frames, seconds):
    with VideoReader(shared / "videos" / f"{name}.mp4") as reader:
        found = list(reader)
        assert numbers(found) == list(range(frames))
        assert reader.frames_expected == frames
        assert reader.cut is None
        assert found[-1].time_s + 1 / reader.rate == pytest.approx(seconds, abs=0.02)


def test_a_start_in_a_real_video_gives_the_frames_of_the_whole(shared):
    path = shared / "videos" / "woman.mp4"
    whole, part = read(path), read(path, start_s=9.0, end_s=10.0)
    assert numbers(part) == [frame.index for frame in whole if 9 <= frame.time_s < 10]
    for frame in part:
        np.testing.assert_array_equal(frame.image, whole[frame.index].image)


def test_frames_carry_their_number_through_lossy_coding():
    assert [number_of(numbered(number)) for number in range(256)] == list(range(256))
