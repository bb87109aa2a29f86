import numpy as np
import pytest

from emo_tf.colours import EXPRESSION_COLOURS
from emo_tf.runtime import timeline
from emo_tf.runtime.timeline import Timeline
from tests.video_frames import frame, tracked


def drawn_strip(*moments, width=480, **options):
    """The strip after faces with some expression from some second on."""
    made = Timeline(width, font_size=11, **({"duration_s": 100.0} | options))
    for time_s, *tracks in moments:
        made.add(frame(time_s, *tracks))
    canvas = np.zeros((made.height, width, 3), np.uint8)
    made.draw(canvas)
    return canvas


def inks(strip, colour):
    """The columns in which a row of a colour holds something else too."""
    there = (strip[:50] == np.array(colour, np.uint8)).all(axis=-1)
    middle = there[18:38]
    columns = np.flatnonzero(middle.any(axis=0))
    return columns[~middle[:, columns].all(axis=0)]


@pytest.mark.parametrize("label", ["sad", "surprise"])
def test_long_stretches_say_what_they_are(label):
    strip = drawn_strip(
        (0, tracked(1, "happy")), (20, tracked(1, label)), (90, tracked(1, "happy"))
    )
    written = inks(strip, EXPRESSION_COLOURS[label])
    assert written.min() >= 100
    assert len(written) > 10


def test_short_stretches_say_less_and_the_shortest_nothing():
    def count(length_s):
        strip = drawn_strip(
            (0, tracked(1, "happy")),
            (50, tracked(1, "surprise")),
            (50 + length_s, tracked(1, "happy")),
        )
        return len(inks(strip, EXPRESSION_COLOURS["surprise"]))

    assert count(20) > count(5) > count(1) == 0


def test_the_number_of_a_track_stands_where_it_begins(monkeypatch):
    texts, write = [], timeline.write

    def record(canvas, text, place, *arguments):
        texts.append((text, round(place[0])))
        write(canvas, text, place, *arguments)

    moments = [(0, tracked(1)), (30, tracked(1, "sad")), (40,), (60, tracked(27)), (90,)]
    made = Timeline(480, font_size=11, duration_s=100.0)
    for time_s, *tracks in moments:
        made.add(frame(time_s, *tracks))
    monkeypatch.setattr(timeline, "write", record)
    made.draw(np.zeros((made.height, 480, 3), np.uint8))
    assert [text for text, _ in texts] == ["1", "27", "1:30.0"]
    assert texts[1][1] == pytest.approx(0.6 * 468, abs=8)


def test_the_colours_are_explained_in_words_or_where_they_do_not_fit_in_letters(monkeypatch):
    def legend(width):
        texts, write = [], timeline.write
        with monkeypatch.context() as patch:
            patch.setattr(
                timeline,
                "write",
                lambda *arguments: texts.append(arguments[1]) or write(*arguments),
            )
            Timeline(width, font_size=11, duration_s=None)
        return [text for text in texts if not text.startswith("-")]

    assert legend(480) == list(EXPRESSION_COLOURS)
    assert legend(240) == ["An", "Di", "Fe", "Ha", "Sa", "Su", "Ne"]
    assert legend(60) == []
