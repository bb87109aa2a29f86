import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from emo_tf import plots
from emo_tf.errors import EmoError

CLASSES = ("negative", "neutral", "positive")
COUNTS = np.array([[3, 1, 0, 0], [0, 0, 0, 0], [1000, 0, 3000, 1000]])
PROBABILITIES = np.array([[0.65, 0.25, 0.1], [0.6, 0.2, 0.2], [0.61, 0.29, 0.1], [0.0, 0.05, 0.95]])
LABELS = np.array([0, 1, 0, 2])
"""Of three pictures of the bin from 0.6 to 0.667 and one of 0.6, two and none are right."""


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def figures(**accuracies: float) -> tuple[dict, dict]:
    """Makes figures and intervals of sources, balanced accuracy being 0.1 below."""
    values = {
        source: {"accuracy": value, "balanced_accuracy": value - 0.1}
        for source, value in accuracies.items()
    }
    intervals = {
        source: {name: (value - 0.05, value + 0.04) for name, value in both.items()}
        for source, both in values.items()
    }
    return values, intervals


def draw_confusion() -> Figure:
    return plots.class_confusion_figure(
        COUNTS, actual=CLASSES, predicted=(*CLASSES, "no verdict"), title="Album on val"
    )


def test_confusion_shows_counts_and_shares_of_the_class():
    axes = draw_confusion().axes[0]
    written = [text.get_text() for text in axes.texts]
    assert written == [
        *("3\n75 %", "1\n25 %", "0\n0 %", "0\n0 %"),
        *("1,000\n20 %", "0\n0 %", "3,000\n60 %", "1,000\n20 %"),
    ]
    (image,) = axes.images
    np.testing.assert_allclose(image.get_array()[2], [20, 0, 60, 20])
    assert image.get_array()[1].mask.all()  # no picture is of that class


def test_confusion_names_classes_with_their_pictures():
    figure = draw_confusion()
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows == ["negative\n(4)", "neutral\n(0)", "positive\n(5,000)"]
    assert "no verdict" in texts(figure)
    assert "Album on val" in texts(figure)


def test_reliability_shows_accuracy_by_bins_of_confidence():
    figure = plots.reliability_figure(PROBABILITIES, LABELS, title="Album on val")
    above, below = figure.axes
    bars = {round(15 * bar.get_x()): bar.get_height() for bar in above.patches}
    assert bars == {8: 0.0, 9: 1.0, 14: 1.0}
    counts = {round(15 * bar.get_x()): bar.get_height() for bar in below.patches}
    assert counts == {8: 1, 9: 2, 14: 1}
    assert [text.get_text() for text in below.texts] == ["1", "2", "1"]
    means = above.lines[0]
    np.testing.assert_allclose(means.get_xdata(), [0.6, 0.63, 0.95])
    np.testing.assert_allclose(means.get_ydata(), means.get_xdata())
    # Gaps of 0.6, 0.37 twice and 0.05 over four pictures.
    assert "Album on val: ECE 0.347 (15 bins)" in texts(figure)


def test_reliability_of_nothing_says_so():
    figure = plots.reliability_figure(np.zeros((0, 3)), np.zeros(0, int), title="Album")
    assert not figure.axes[0].patches
    assert "Album: no verdict (15 bins)" in texts(figure)
    assert plots.figure_pixels(figure).std() > 0


def test_accuracies_stand_within_their_intervals():
    figure = plots.accuracy_intervals_figure(
        *figures(faces=0.5, hybrid=0.7), title="Album on val", chance=1 / 3
    )
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["faces", "hybrid"]
    marks = [line for line in axes.lines if line.get_linestyle() == "None"]
    assert [line.get_xdata()[0] for line in marks] == pytest.approx([0.5, 0.7, 0.4, 0.6])
    written = [text.get_text() for text in axes.texts]
    assert written[1] == "70.0 %  (65.0 to 74.0)"
    (chance,) = [line for line in axes.lines if line.get_label() == "by chance"]
    np.testing.assert_allclose(chance.get_xdata(), 1 / 3)


def test_intervals_are_drawn_from_end_to_end():
    figure = plots.accuracy_intervals_figure(*figures(faces=0.5), title="Album")
    solid = [line for line in figure.axes[0].lines if line.get_linestyle() == "-"]
    ends = [list(line.get_xdata()) for line in solid]
    assert ends == [pytest.approx([0.45, 0.54]), pytest.approx([0.35, 0.44])]


def test_nothing_overlaps_or_leaves_the_sheet_with_many_sources_of_long_names():
    named = {f"a model with a rather long name, number {index}": 0.5 for index in range(6)}
    figure = plots.accuracy_intervals_figure(*figures(**named), title="Album", chance=1 / 3)
    height, width = plots.figure_pixels(figure).shape[:2]
    axes = figure.axes[0]
    pieces = [*axes.texts, *axes.get_yticklabels(), *figure.legends, *figure.texts]
    boxes = [piece.get_window_extent() for piece in pieces]
    assert all(box.x0 >= 0 and box.x1 <= width and 0 <= box.y0 <= height for box in boxes)
    assert not any(a.overlaps(b) for index, a in enumerate(boxes) for b in boxes[:index])


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (
            lambda: plots.class_confusion_figure(
                COUNTS, actual=CLASSES, predicted=CLASSES, title=""
            ),
            r"counts: expected shape \(3, 3\)",
        ),
        (
            lambda: plots.class_confusion_figure(
                -COUNTS, actual=CLASSES, predicted=(*CLASSES, "none"), title=""
            ),
            "counts: .* 0 or more",
        ),
        (
            lambda: plots.reliability_figure(PROBABILITIES, LABELS[:2], title=""),
            r"Received: \(4, 3\) and \(2,\)",
        ),
        (
            lambda: plots.accuracy_intervals_figure({}, {}, title=""),
            "expected one source at least",
        ),
        (
            lambda: plots.accuracy_intervals_figure(figures(faces=0.5)[0], {}, title=""),
            "Received: faces, with intervals of none",
        ),
    ],
    ids=["shape", "negative counts", "labels", "no source", "no interval"],
)
def test_what_cannot_be_drawn_is_told(draw, message):
    with pytest.raises(EmoError, match=message):
        draw()
