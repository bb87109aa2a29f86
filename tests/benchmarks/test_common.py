import json
import sys

import numpy as np
import pytest

from benchmarks import common
from benchmarks.common import (
    AbsentPeerError,
    or_absent,
    ratio_row,
    row,
    spread,
    verdict,
    write_json,
)
from emo_tf.errors import EmoError


def test_a_row_survives_json_with_what_numpy_judged():
    figure = row("accuracy", "67.1%", bar="≥ 67%", met=np.float32(0.671) >= 0.67)
    assert json.loads(json.dumps(figure)) == {
        "what": "accuracy",
        "value": "67.1%",
        "bar": "≥ 67%",
        "met": True,
        "details": {},
    }


@pytest.mark.parametrize("judged", [{"bar": "≥ 1"}, {"met": True}], ids=["bar alone", "met alone"])
def test_a_bar_and_its_verdict_come_together(judged):
    with pytest.raises(ValueError, match="speed: expected bar and met together"):
        row("speed", 3, **judged)


def test_the_spread_of_repeated_measurements():
    found = spread([3.0, 1.00049, 2.0, 9.0], digits=2)
    assert found == {"median": 2.5, "least": 1.0, "most": 9.0, "runs": 4}
    shares = spread([0.861, 0.8784], percent=True)
    assert shares == {"median": "87.0%", "least": "86.1%", "most": "87.8%", "runs": 2}


def test_a_ratio_is_taken_round_by_round_with_ours_above():
    figure = ratio_row("speed", [6, 4, 9], [2, 4, 3], peer="Loom", unit="m a second")
    assert (figure["value"], figure["bar"], figure["met"]) == (3.0, None, None)
    assert figure["runs"] == {"median": 3.0, "least": 1.0, "most": 3.0, "runs": 3}
    assert figure["ours"] == {"unit": "m a second", "median": 6, "least": 4, "most": 9}
    assert figure["peer"]["name"] == "Loom"
    assert figure["peer"]["median"] == 3


@pytest.mark.parametrize(
    ("bar", "ratio", "text", "met"),
    [
        ({"at_least": 1.15}, 1.15, "≥ 1.15", True),
        ({"at_least": 1.15}, 1.1499, "≥ 1.15", False),
        ({"at_most": 1 / 6}, 1 / 6, "≤ 0.167", True),
        ({"at_most": 1 / 6}, 0.167, "≤ 0.167", False),
    ],
    ids=["at the least", "below the least", "at the most", "above the most"],
)
def test_a_ratio_is_judged_before_it_is_rounded(bar, ratio, text, met):
    figure = ratio_row("speed", [ratio], [1.0], peer="Loom", unit="s", **bar)
    assert (figure["bar"], figure["met"]) == (text, met)


def test_an_absent_peer_is_a_row_with_the_command_that_installs_it():
    def measure():
        yield row("never shown", 1)
        raise AbsentPeerError("loom", install="pip install loom", reason="not installed")

    (figure,) = or_absent("against the loom", measure)
    assert (figure["what"], figure["value"]) == ("against the loom", "absent: pip install loom")
    assert figure["details"] == {"reason": "loom: not installed"}


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        (row("size", 3, bar="≤ 4", met=True), "met  size: 3 (bar ≤ 4)"),
        (row("size", 5, bar="≤ 4", met=False), "MISS size: 5 (bar ≤ 4)"),
        (row("size", 5), "     size: 5"),
    ],
    ids=["met", "missed", "without a bar"],
)
def test_the_line_printed_on_a_figure(figure, line):
    assert verdict(figure) == line


def test_json_keeps_signs_readable(tmp_path):
    write_json(tmp_path / "rows.json", [row("size", 3, bar="≤ 4", met=True)])
    assert "≤ 4" in (tmp_path / "rows.json").read_text("utf-8")


def test_a_benchmark_alone_prints_and_writes_its_rows(tmp_path, monkeypatch, capsys):
    out = tmp_path / "rows.json"
    monkeypatch.setattr(sys, "argv", ["x", "--shared", str(tmp_path), "--json", str(out)])

    def measure(shared):
        return [row(f"files in {shared.name}", len(list(shared.iterdir())))]

    common.main(measure)
    assert json.loads(out.read_text("utf-8"))[0]["value"] == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"Wrote {out}"


def test_bad_data_end_a_benchmark_with_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bench", "--shared", str(tmp_path)])

    def measure(shared):
        raise EmoError("fer2013.zip: expected a file. Received: none")

    with pytest.raises(SystemExit, match=r"fer2013\.zip: expected a file"):
        common.main(measure)
