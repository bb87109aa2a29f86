import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from emo_tf.colours import EXPRESSION_COLOURS, GROUP_COLOURS
from emo_tf.labels import EXPRESSIONS
from emo_tf.plots import ExpressionTimeline, figure_pixels
from emo_tf.plots.expression_timeline import MOST_PANELS
from emo_tf.video_results import Segment
from tests.video_frames import frame, tracked


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def timeline_of(*results):
    made = ExpressionTimeline()
    for result in results:
        made.add(result)
    return made


def height_at(axes, time_s, label):
    """How much of the panel an expression takes at a moment."""
    colour = to_rgb([value / 255 for value in EXPRESSION_COLOURS[label]])
    for area in axes.collections:
        faces = area.get_facecolor()
        if len(faces) and tuple(faces[0][:3]) == pytest.approx(colour):
            for path in area.get_paths():
                x, y = path.vertices.T
                if x.min() <= time_s <= x.max():
                    at = y[np.abs(x - time_s) <= np.abs(x - time_s).min() + 1e-9]
                    return at.max() - at.min()
    return 0.0


def clip(seconds=10, *, rate=10, away=(4, 6)):
    return [
        frame(i / rate)
        if away[0] <= i / rate < away[1]
        else frame(i / rate, tracked(1, "happy" if i / rate < 5 else "sad"))
        for i in range(seconds * rate)
    ]


def test_the_picture_is_a_png_of_the_stated_size(tmp_path):
    timeline_of(*clip()).draw(tmp_path / "new" / "clip.png", title="clip.mp4")
    with Image.open(tmp_path / "new" / "clip.png") as image:
        assert image.format == "PNG"
        assert image.size == (1200, 312)


def test_probabilities_are_stacked_over_time():
    (axes,) = timeline_of(*clip()).figure().axes
    assert height_at(axes, 2.05, "happy") == pytest.approx(0.7, abs=0.01)
    assert height_at(axes, 2.05, "sad") == pytest.approx(0.05, abs=0.01)
    assert height_at(axes, 8.05, "sad") == pytest.approx(0.7, abs=0.01)
    assert axes.get_xlim() == pytest.approx((0, 10), abs=0.02)


def test_where_the_face_was_away_nothing_is_stacked():
    (axes,) = timeline_of(*clip()).figure().axes
    assert all(height_at(axes, 5.0, label) == 0 for label in EXPRESSIONS)
    pixels = figure_pixels(timeline_of(*clip()).figure())
    happy = (np.abs(pixels - np.array(EXPRESSION_COLOURS["happy"])) <= 2).all(axis=-1).sum(axis=0)
    assert happy[150:500].min() > 50
    assert happy[560:700].max() < 30  # the entry of the legend


def test_a_frame_counts_until_the_next():
    results = [frame(second, tracked(1, "fear")) for second in (0, 60, 120)]
    (axes,) = timeline_of(*results).figure().axes
    assert height_at(axes, 60, "fear") == pytest.approx(0.7, abs=0.01)
    fear = figure_pixels(axes.figure)
    share = (np.abs(fear - np.array(EXPRESSION_COLOURS["fear"])) <= 2).all(axis=-1).any(axis=0)
    assert share.mean() > 0.9


def test_the_labels_of_segments_stand_above_where_there_is_room():
    made = timeline_of(*clip())
    made.add_segments(
        [
            Segment("clip.mp4", 1, 0.0, 3.9, "happy", 0.7),
            Segment("clip.mp4", 1, 6.0, 6.1, "neutral", 0.7),
            Segment("clip.mp4", 2, 0.0, 9.0, "fear", 0.7),
        ]
    )
    (axes,) = made.figure().axes
    assert [text.get_text() for text in axes.texts] == ["happy"]
    assert axes.texts[0].get_position()[0] == pytest.approx(1.95)


def test_each_track_has_a_panel_and_the_group_the_last():
    figure = timeline_of(
        frame(0.0, tracked(2), group="positive"),
        frame(1.0, tracked(2), tracked(5, "sad"), group="negative"),
    ).figure(title="clip.mp4")
    labels = [axes.get_ylabel().split("\n")[0] for axes in figure.axes]
    assert labels == ["face 2", "face 5", "group"]
    assert "clip.mp4: 2 faces" in texts(figure)
    assert {"group: negative", "group: positive"} <= set(texts(figure))
    pixels = figure_pixels(figure)
    assert (np.abs(pixels - np.array(GROUP_COLOURS["positive"])) <= 2).all(axis=-1).sum() > 5000


def test_of_many_tracks_those_are_drawn_that_were_seen_longest():
    results = [frame(i / 10, *(tracked(n) for n in range(1, 21) if i < 10 + n)) for i in range(30)]
    figure = timeline_of(*results).figure(title="crowd.mp4")
    assert len(figure.axes) == MOST_PANELS
    assert figure.axes[0].get_ylabel().startswith("face 13")
    assert f"crowd.mp4: 20 faces, the {MOST_PANELS} seen longest" in texts(figure)


@pytest.mark.parametrize(
    "results",
    [[], [frame(0.0)], [frame(0.0, tracked(1, None))]],
    ids=["no-frame", "nobody", "face"],
)
def test_without_an_expression_the_picture_says_so(results, tmp_path):
    made = timeline_of(*results)
    made.draw(tmp_path / "clip.png")
    assert (tmp_path / "clip.png").is_file()
    assert "no face with an expression" in texts(made.figure())


def test_a_single_frame_is_drawn():
    (axes,) = timeline_of(frame(3.0, tracked(1, "angry"))).figure().axes
    assert height_at(axes, 3.05, "angry") == pytest.approx(0.7, abs=0.01)


def test_the_memory_does_not_grow_and_long_videos_keep_their_means():
    made = ExpressionTimeline()
    for i in range(6_000):
        time_s = 1.5 * i
        track = 1 if i % 50 < 49 else 2 + i // 50
        made.add(frame(time_s, tracked(track, "happy" if time_s < 4500 else "sad")))
        made.add_segments(
            [Segment("x", 1, time_s, time_s + (9.0 if i == 7 else 0.1), "happy", 0.5)]
        )
    assert len(made._tracks) <= 48
    assert len(made._segments) <= 1024
    assert made._frames.shape == (2048,)
    assert any(segment.end_s - segment.start_s > 8 for segment in made._segments)
    figure = made.figure()
    assert "121 faces, the 8 seen longest" in texts(figure)
    assert height_at(figure.axes[0], 2000, "happy") == pytest.approx(0.7, abs=0.02)
    assert height_at(figure.axes[0], 7000, "sad") == pytest.approx(0.7, abs=0.02)


def test_titles_of_every_kind_are_drawn(tmp_path):
    made = timeline_of(frame(0.0, tracked(1)))
    for title in ("costs $5$ or ${", "\u4eba", "_x"):
        made.draw(tmp_path / "clip.png", title=title)
    (title,) = [text for text in texts(made.figure(title="name" * 50)) if "1 face" in text]
    assert title.startswith("...")
    assert len(title) == 70 + len(": 1 face")


def test_ten_hours_are_measured_in_hours():
    ticks = timeline_of(*(frame(3600.0 * hour, tracked(1)) for hour in range(10))).figure()
    assert "8:00:00" in texts(ticks)
