import functools
import http.server
import socket
import threading
import time
from itertools import pairwise

import av
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime import video_sources
from emo_tf.runtime.video_reader import VideoReader
from tests.made_up_videos import number_of, numbered, write_sound, write_video

RATE = 25


def unused_port(kind):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def camera():
    """The URL of a stream that sends numbered frames at 25/s until the test is over."""
    url, over = f"udp://127.0.0.1:{unused_port(socket.SOCK_DGRAM)}", threading.Event()

    def send():
        with av.open(url, "w", format="mpegts") as container:
            options = {"g": "5", "tune": "zerolatency"}
            stream = container.add_stream("libx264", rate=RATE, options=options)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            began = time.monotonic()
            for number in range(20 * RATE):
                frame = av.VideoFrame.from_ndarray(numbered(number % 256), format="rgb24")
                container.mux(stream.encode(frame))
                if over.wait(max(0.0, began + number / RATE - time.monotonic())):
                    return

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    yield url
    over.set()
    thread.join()


@pytest.fixture
def served(tmp_path):
    """The URL of a folder's files."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_of_a_live_stream_a_slow_reader_gets_the_newest_frames(camera):
    with VideoReader(camera) as reader:
        assert reader.live
        assert (reader.width, reader.height) == (64, 48)
        assert reader.duration_s is reader.frames_expected is None
        frames = []
        for frame in reader:
            frames.append(frame)
            if len(frames) == 5:
                break
            time.sleep(0.3)
    steps = [late.index - early.index for early, late in pairwise(frames)]
    assert all(step >= 3 for step in steps), steps
    for frame in frames:
        assert frame.time_s == pytest.approx(frame.index / RATE, abs=0.05)
    # Numbers run on however many frames were dropped.
    contents = [number_of(frame.image) for frame in frames]
    assert [late - early for early, late in pairwise(contents)] == steps


def test_a_reader_that_stops_lets_the_stream_go(camera):
    before = threading.active_count()
    with VideoReader(camera) as reader:
        next(iter(reader))
    assert threading.active_count() == before


def test_a_live_stream_has_no_start(camera):
    message = "expected no start, since what is live has no beginning. Received: 3 s"
    with pytest.raises(EmoError, match=message), VideoReader(camera, start_s=3.0):
        pass


def test_a_file_on_a_server_is_read_whole_and_by_time(served, tmp_path):
    write_video(tmp_path / "a.mp4", 50)
    with VideoReader(f"{served}/a.mp4") as reader:
        assert not reader.live
        for number, frame in enumerate(reader):
            assert frame.index == number_of(frame.image) == number
        assert (number, reader.cut) == (49, None)
    with VideoReader(f"{served}/a.mp4", start_s=1.0) as reader:
        assert [frame.index for frame in reader] == list(range(25, 50))


def test_what_a_server_does_not_have_is_told(served):
    message = "none.mp4: expected a stream that can be reached. Received: .*404"
    with pytest.raises(EmoError, match=message), VideoReader(f"{served}/none.mp4"):
        pass


def test_sound_from_a_server_is_no_video(served, tmp_path):
    write_sound(tmp_path / "a.m4a")
    message = "expected a video stream. Received: audio alone"
    with pytest.raises(EmoError, match=message), VideoReader(f"{served}/a.m4a"):
        pass


@pytest.mark.parametrize("scheme", ["rtsp", "http", "rtmp"])
def test_a_stream_that_cannot_be_reached_is_told(scheme):
    url = f"{scheme}://127.0.0.1:{unused_port(socket.SOCK_STREAM)}/stream"
    message = f"{url}: expected a stream that can be reached. Received: "
    with pytest.raises(EmoError, match=message), VideoReader(url):
        pass


def test_a_stream_that_sends_nothing_is_waited_for_only_so_long(monkeypatch):
    monkeypatch.setattr(video_sources, "_PATIENCE_S", 0.5)
    url = f"udp://127.0.0.1:{unused_port(socket.SOCK_DGRAM)}"
    message = "expected a stream that can be reached. Received: nothing within 0.5 s"
    with pytest.raises(EmoError, match=message), VideoReader(url):
        pass


def test_a_webcam_that_is_not_there_is_told():
    message = "webcam 97: expected one that is there and free. Received: "
    with pytest.raises(EmoError, match=message), VideoReader("97"):
        pass
