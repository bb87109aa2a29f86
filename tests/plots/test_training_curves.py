import numpy as np
import pytest
from matplotlib.text import Text

from emo_tf.errors import EmoError
from emo_tf.plots import figure_pixels, training_curves_figure
from emo_tf.plots.training_curves import COLOURS


def points(*values, first=1.0, step=1.0):
    return np.array([[first + step * index, value] for index, value in enumerate(values)])


def curves(scale=1.0):
    return {
        "step/loss": points(*(scale * np.linspace(3, 1, 12)), first=0.25, step=0.25),
        "step/accuracy": points(*np.linspace(0, 1, 12), first=0.25, step=0.25),
        "step/learning_rate": points(*np.linspace(1e-2, 1e-4, 12), first=0.25, step=0.25),
        "loss": points(2.5 * scale, 1.5 * scale, 1 * scale),
        "accuracy": points(0.3, 0.5, 0.7),
        "validation/accuracy": points(0.2, 0.4, 0.6),
        "held_out_nll": points(0.9, 0.8, 0.7),
        "mean_average_precision": points(0.1, 0.2, 0.3),
        "learning_rate": points(1e-2, 5e-3, 1e-4),
        "examples_per_s": points(100, 100, 100),
        "average_precision/Anger": points(0.1, 0.2, 0.3),
    }


def panels(figure):
    return {axes.get_title(): axes for axes in figure.axes}


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def lines(axes):
    return {(line.get_color(), len(line.get_xdata())): line for line in axes.lines}


def test_the_loss_comes_first_and_the_learning_rate_last():
    figure = training_curves_figure({"run": curves()})
    names = ["loss", "accuracy", "nll", "mean average precision", "learning rate"]
    assert list(panels(figure)) == names
    assert "run: 3 epochs" in texts(figure)


def test_training_and_validation_have_their_colours_and_steps_stand_behind():
    figure = training_curves_figure({"run": curves()})
    drawn = lines(panels(figure)["accuracy"])
    assert drawn.keys() == {(COLOURS[0], 12), (COLOURS[0], 3), (COLOURS[1], 3)}
    assert drawn[COLOURS[0], 12].get_alpha() < 1
    np.testing.assert_allclose(drawn[COLOURS[1], 3].get_ydata(), [0.2, 0.4, 0.6])
    assert {"training, step by step", "training, mean of the epoch", "validation"} <= set(
        texts(figure)
    )


def test_the_last_figure_of_validation_is_written():
    axes = panels(training_curves_figure({"run": curves()}))["accuracy"]
    assert [text.get_text() for text in axes.texts] == ["0.6"]


@pytest.mark.parametrize("name", ["nll", "mean average precision"])
def test_a_figure_without_steps_is_one_of_validation(name):
    axes = panels(training_curves_figure({"run": curves()}))[name]
    assert lines(axes).keys() == {(COLOURS[1], 3)}


def test_the_same_figure_by_two_names_is_drawn_once():
    both = curves() | {"validation/mean_average_precision": points(0.11, 0.21, 0.31)}
    axes = panels(training_curves_figure({"run": both}))["mean average precision"]
    (line,) = axes.lines
    np.testing.assert_allclose(line.get_ydata(), [0.11, 0.21, 0.31])


def test_a_learning_rate_that_changes_much_is_drawn_by_its_logarithm():
    figure = training_curves_figure({"run": curves()})
    assert panels(figure)["learning rate"].get_yscale() == "log"
    steady = {"learning_rate": points(0.1, 0.1), "loss": points(2, 1)}
    figure = training_curves_figure({"run": steady})
    assert panels(figure)["learning rate"].get_yscale() == "linear"


def test_several_runs_are_drawn_into_the_same_panels():
    runs = {"first": curves(), "second": curves(scale=2), "short": {"loss": points(5, 4)}}
    figure = training_curves_figure(runs)
    loss = lines(panels(figure)["loss"])
    assert loss.keys() == {(COLOURS[0], 3), (COLOURS[1], 3), (COLOURS[2], 2)}
    assert all(line.get_linestyle() == "--" for line in loss.values())
    assert panels(figure)["nll"].lines[0].get_linestyle() == "-"
    assert {"first", "second", "short", "training", "validation", "3 runs"} <= set(texts(figure))


def test_names_of_every_kind_are_drawn():
    names = ["_hidden", "costs $5$ or ${", "\u4eba\u3005", "long" * 30]
    figure = training_curves_figure({name: curves() for name in names})
    figure_pixels(figure)
    written = {text.strip() for text in texts(figure)}
    assert {"_hidden", "costs $5$ or ${", "??", "..." + ("long" * 30)[-27:]} <= written
    for name in names:
        figure_pixels(training_curves_figure({name: curves()}))


def test_before_an_epoch_has_ended_steps_are_drawn():
    figure = training_curves_figure({"run": {"step/loss": points(3, 2, 1)}}, unit="step")
    (axes,) = figure.axes
    assert axes.get_xlabel() == "Step"
    assert "run: 3 steps" in texts(figure)
    several = {name: {"step/loss": points(3, 2, 1)} for name in ("a", "b")}
    assert len(training_curves_figure(several, unit="step").axes[0].lines) == 2


@pytest.mark.parametrize("count", [0, len(COLOURS) + 1], ids=["none", "too-many"])
def test_as_many_runs_as_there_are_colours_are_compared(count):
    with pytest.raises(EmoError, match=rf"runs: expected 1 to 8\. Received: {count}"):
        training_curves_figure({str(index): curves() for index in range(count)})
