import numpy as np
import pytest

from emo_tf import plots
from emo_tf.metrics.sliced_figures import class_figures
from emo_tf.metrics.slices import Sliced, slice_figures

NAMES = ("happy", "sad", "angry")


def sliced(values: int) -> Sliced:
    """Slices 120 verdicts by a column of so many values, of equal size."""
    rng = np.random.default_rng(0)
    labels = np.arange(120) // values % 3
    found = np.where(rng.random(120) < 0.7, labels, 0)
    light = [f"${number % values}" for number in range(120)]
    return slice_figures("light", light, class_figures(labels, found, names=NAMES), fewest=15)


def rows(figure) -> list[list[str]]:
    return [[label.get_text() for label in axes.get_yticklabels()] for axes in figure.axes]


def test_few_slices_stand_side_by_side_at_each_label():
    figure = plots.slices_figure(sliced(2), title="try")
    assert rows(figure) == [["all"], ["mean", *NAMES]]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["$0 (60)", "$1 (60)"]
    plots.figure_pixels(figure)  # A name with a $ is no formula.


def test_of_many_slices_each_is_a_row():
    figure = plots.slices_figure(sliced(6), title="try")
    names = [f"${number} (20)" for number in range(6)]
    assert rows(figure) == [names, names]
    assert not figure.legends


@pytest.mark.parametrize(("values", "hollow"), [(2, 0), (3, 9)], ids=["enough", "too few"])
def test_what_stands_on_too_few_examples_is_hollow(values, hollow):
    figure = plots.slices_figure(sliced(values), title="try")
    marks = [line for axes in figure.axes for line in axes.lines if line.get_marker() in "oDs"]
    assert sum(line.get_markerfacecolor() == "white" for line in marks) == hollow
    assert ("hollow" in figure.get_suptitle()) == bool(hollow)
