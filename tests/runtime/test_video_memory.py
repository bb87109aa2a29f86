import subprocess
import sys

import pytest

from tests.made_up_videos import numbered, write_video

# Reads a video so many times over and writes it as one; prints the most memory that this took.
COPY = """
import resource, sys
from emo_tf.runtime.video_reader import VideoReader
from emo_tf.runtime.video_writer import VideoWriter
with VideoWriter(sys.argv[2], width=320, height=240) as writer:
    for number in range(int(sys.argv[3])):
        with VideoReader(sys.argv[1]) as reader:
            for frame in reader:
                writer.write(frame.image, number * reader.duration_s + frame.time_s)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell the most memory used")
def test_reading_and_writing_take_as_much_memory_for_600_seconds_as_for_60(tmp_path):
    minute = tmp_path / "minute.mp4"
    frames = (numbered(number % 256, width=320, height=240) for number in range(60 * 10))
    write_video(minute, frames, rate=10)

    def most_memory(source, times):
        command = [sys.executable, "-c", COPY, str(source), str(tmp_path / "out.mp4"), str(times)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    short = most_memory(minute, 1)
    assert most_memory(minute, 10) < 1.1 * short
    # The last one written is itself a video of 600 seconds, read in one go.
    ten_minutes = (tmp_path / "out.mp4").rename(tmp_path / "ten.mp4")
    assert most_memory(ten_minutes, 1) < 1.1 * short
