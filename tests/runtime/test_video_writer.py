import threading
from fractions import Fraction

import av
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime import video_writer
from emo_tf.runtime.video_reader import VideoReader
from emo_tf.runtime.video_writer import VideoWriter
from tests.made_up_videos import number_of, numbered


def write(path, times, *, width=64, height=48, **options):
    with VideoWriter(path, width=width, height=height, **options) as writer:
        for number, time_s in enumerate(times):
            writer.write(numbered(number, width=width, height=height), time_s)
    return path


def read(path):
    with VideoReader(path) as reader:
        return list(reader), reader


STEADY = [number / 25 for number in range(50)]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".MP4"])
def test_what_was_written_is_read_back(tmp_path, suffix):
    frames, reader = read(write(tmp_path / f"new/a{suffix}", STEADY))
    assert [number_of(frame.image) for frame in frames] == list(range(50))
    assert [frame.time_s for frame in frames] == pytest.approx(STEADY, abs=1e-3)
    assert (reader.duration_s, reader.rate) == (pytest.approx(2.0, abs=1e-3), pytest.approx(25))
    assert reader.cut is None


def test_players_everywhere_can_show_it(tmp_path):
    path = write(tmp_path / "a.mp4", STEADY)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_varying_rate_and_a_late_start_are_kept(tmp_path, suffix):
    times = [12.0, 12.04, 12.5, 12.51, 14.0, 14.1]
    frames, reader = read(write(tmp_path / f"a{suffix}", times))
    assert [frame.time_s + 12 for frame in frames] == pytest.approx(times, abs=6e-4)
    assert reader.duration_s == pytest.approx(2.2, abs=2e-3)


def test_odd_sizes_grow_by_a_copy_of_the_last_pixel(tmp_path):
    frames, reader = read(write(tmp_path / "a.mp4", STEADY[:3], width=63, height=47))
    assert (reader.width, reader.height) == (64, 48)
    last = frames[2].image.astype(int)
    assert np.abs(last[:, 62:] - last[:, 61:62]).max() < 12
    frames, _ = read(write(tmp_path / "b.mp4", STEADY[:3], width=1, height=1))
    assert [frame.image.shape for frame in frames] == [(2, 2, 3)] * 3


def test_colours_come_back(tmp_path):
    image = np.zeros((48, 64, 3), np.uint8)
    image[:24, :32], image[:24, 32:], image[24:, :32] = (200, 30, 30), (30, 200, 30), (30, 30, 200)
    with VideoWriter(tmp_path / "a.mp4", width=64, height=48) as writer:
        writer.write(image, 0.0)
    found = read(tmp_path / "a.mp4")[0][0].image.astype(int)
    for y, x in ((12, 16), (12, 48), (36, 16), (36, 48)):
        assert np.abs(found[y, x] - image[y, x]).max() < 8


def test_pixels_that_are_not_square_are_told(tmp_path):
    path = write(tmp_path / "a.mp4", STEADY[:3], pixel_aspect=Fraction(128, 117))
    assert read(path)[1].pixel_aspect == Fraction(128, 117)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_equal_pictures_give_equal_bytes(tmp_path, suffix, shared):
    with VideoReader(shared / "videos" / "carphone.mp4", end_s=1.5) as reader:
        frames = list(reader)
    written = []
    for name in "abc":
        path = tmp_path / f"{name}{suffix}"
        with VideoWriter(path, width=reader.width, height=reader.height) as writer:
            for frame in frames:
                writer.write(frame.image, frame.time_s)
        written.append(path.read_bytes())
    assert written[0] == written[1] == written[2]


def test_without_x264_mpeg4_takes_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(video_writer, "_ENCODERS", video_writer._ENCODERS[1:])
    frames, reader = read(write(tmp_path / "a.mp4", STEADY))
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.streams.video[0].codec_context.name == "mpeg4"
    assert [number_of(frame.image) for frame in frames] == list(range(50))
    assert [frame.time_s for frame in frames] == pytest.approx(STEADY, abs=1e-3)
    assert reader.cut is None


def test_the_picture_may_change_once_it_is_written(tmp_path):
    image = numbered(0)
    with VideoWriter(tmp_path / "a.mp4", width=64, height=48) as writer:
        for number in range(5):
            image[:] = numbered(number)
            writer.write(image, number / 25)
    assert [number_of(frame.image) for frame in read(tmp_path / "a.mp4")[0]] == list(range(5))


@pytest.mark.parametrize("raised", [EmoError, KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("frames", [0, 1, 40])
def test_an_error_in_the_block_leaves_what_was_there(tmp_path, raised, frames):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"before")

    def broken():
        with VideoWriter(path, width=64, height=48) as writer:
            for number in range(frames):
                writer.write(numbered(number), number / 25)
            raise raised("stop")

    with pytest.raises(raised, match="stop"):
        broken()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_without_a_picture_nothing_is_written(tmp_path):
    write(tmp_path / "a.mp4", [])
    assert not list(tmp_path.iterdir())


def test_nothing_stands_at_the_place_before_the_end(tmp_path):
    path = tmp_path / "a.mp4"
    with VideoWriter(path, width=64, height=48) as writer:
        for number in range(60):
            writer.write(numbered(number), number / 25)
        assert not path.exists()
    assert path.exists()


def test_no_thread_is_left(tmp_path):
    before = threading.active_count()
    write(tmp_path / "a.mp4", STEADY)
    assert threading.active_count() == before


def test_another_ending_is_refused():
    with pytest.raises(EmoError, match=r"video ending of a\.mp3: did you mean \.mp4"):
        VideoWriter("a.mp3", width=64, height=48)


def test_a_size_without_pixels_is_refused():
    with pytest.raises(EmoError, match=r"a\.mp4: expected a size from 1 x 1\. Received: 0 x 48"):
        VideoWriter("a.mp4", width=0, height=48)


def test_a_place_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "a.mp4"
    with pytest.raises(EmoError, match=r"a\.mp4: expected a writable place\. Received: "):
        write(path, STEADY[:2])


@pytest.mark.parametrize(
    ("image", "time_s", "message"),
    [
        (np.zeros((48, 65, 3), np.uint8), 1.0, r"of shape \(48, 64, 3\). Received: uint8 of shape"),
        (np.zeros((48, 64, 3), np.float32), 1.0, "expected uint8 pictures .* Received: float32"),
        (numbered(1), 0.5, "expected as time more than 0.5 s. Received: 0.5"),
        (numbered(1), float("nan"), "expected as time more than 0.5 s. Received: nan"),
    ],
    ids=["size", "type", "time", "no time"],
)
def test_pictures_and_times_that_do_not_fit_are_refused(tmp_path, image, time_s, message):
    def wrong():
        with VideoWriter(tmp_path / "a.mp4", width=64, height=48) as writer:
            writer.write(numbered(0), 0.5)
            writer.write(image, time_s)

    with pytest.raises(EmoError, match=message):
        wrong()
    assert not list(tmp_path.iterdir())
