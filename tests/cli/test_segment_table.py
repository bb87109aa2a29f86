import io

import pytest
from rich.console import Console

from emo_tf.cli.segment_table import SegmentTable
from emo_tf.results import Group
from emo_tf.video_results import Segment, VideoFailure

SAD = Segment("a.mp4", 1, 0.0, 2.26, "sad", 0.5239)
HAPPY = Segment("a.mp4", 12, 62.3, 3723.95, "happy", 0.791)
GROUP = Group("positive", {"negative": 0.04, "neutral": 0.02, "positive": 0.94}, source="faces")


@pytest.fixture
def table_of():
    """A table for videos on a terminal of `width` cells, and a function that gives its lines."""

    def open_table(*names: str, width: int = 80, encoding: str = "utf-8"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        console = Console(file=stream, width=width, highlight=False)

        def lines() -> list[str]:
            stream.flush()
            printed = stream.buffer.getvalue().decode(encoding).splitlines()
            assert max(map(len, printed)) <= width
            return [line.rstrip() for line in printed]

        return SegmentTable(console, names), lines

    return open_table


def test_a_row_a_segment_under_the_name_of_its_video(table_of):
    table, lines = table_of("a.mp4", "b.mp4")
    for segment in (SAD, HAPPY, Segment("b.mp4", 1, 0, 0, "fear", 1)):
        table.add(segment)
    assert lines() == [
        "file   track      start        end  expression    %",
        "a.mp4      1     0:00.0     0:02.2  sad          52  ██████████▍",
        "          12     1:02.3  1:02:03.9  happy        79  ███████████████▊",
        "b.mp4      1     0:00.0     0:00.0  fear        100  ████████████████████",
    ]


def test_a_video_without_faces_and_one_that_cannot_be_read_say_so(table_of):
    table, lines = table_of("a.mp4", "b.mp4")
    table.add_reason("a.mp4", "no face of at least 40 pixels found")
    table.add_failure(VideoFailure("b.mp4", "b.mp4: expected a video. Received: text"))
    assert lines()[1:] == [
        "a.mp4  no face of at least 40 pixels found",
        "b.mp4  error: expected a video. Received: text",
    ]


def test_the_verdict_on_the_group_is_worded_as_that_on_a_picture(table_of):
    table, lines = table_of("a.mp4")
    table.add(SAD)
    table.add_verdict("a.mp4", GROUP, frames=1234)
    assert lines()[2:] == [
        "       group: positive 94 %, negative 4 %, neutral 2 % (mean of 1,234 frames)",
    ]


def test_a_terminal_without_blocks_or_room_shows_no_bar(table_of):
    for options in ({"encoding": "ascii"}, {"width": 60}):
        table, lines = table_of("a.mp4", **options)
        table.add(SAD)
        assert lines()[1].endswith("sad          52")


def test_long_names_are_folded_on_a_narrow_terminal(table_of):
    table, lines = table_of("x" * 40, width=60)
    table.add(Segment("x" * 40, 1, 0, 1, "sad", 0.5))
    assert lines()[1].split() == ["x" * 14, "1", "0:00.0", "0:01.0", "sad", "50"]
