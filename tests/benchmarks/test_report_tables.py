import pytest

from benchmarks.common import ratio_row, row, spread
from benchmarks.tables import describe, rows_table, value_text


@pytest.mark.parametrize(
    ("details", "line"),
    [
        ({}, ""),
        ({"rounds": 3, "sizes": [20, 40]}, "rounds 3, sizes 20, 40"),
        ({"recalls": {"happy": "80%", "sad": "60%"}}, "recalls: happy 80%, sad 60%"),
        ({"crop": {"margin": 0.2}, "faces": 9}, "faces 9; crop: margin 0.2"),
        ({"ms": spread([1.0, 2.5, 4.0])}, "ms 2.5 [1, 4]"),
        ({"pool": {"99 %": spread([1.0, 4.0, 2.0])}}, "pool: 99 % 2 [1, 4]"),
    ],
    ids=["none", "flat", "nested", "both", "spread", "spread within"],
)
def test_details_become_one_line(details, line):
    assert describe(details) == line


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (row("faces", "85 of 85"), "85 of 85"),
        (row("time, s", 61.6, runs=spread([61.6])), "61.6, 1 run"),
        (row("time, s", 2.0, runs=spread([1.0, 2.0, 9.0])), "2 [1, 9], 3 runs"),
        (row("gain", 1.6, runs=spread([1.6, 5.7, 4.7])), "1.6; 4.7 [1.6, 5.7], 3 runs"),
        (
            row("share", "86.1%", runs=spread([0.861, 0.9, 0.878], percent=True)),
            "86.1%; 87.8% [86.1%, 90.0%], 3 runs",
        ),
    ],
    ids=["counted", "once", "median", "worst of several", "share"],
)
def test_a_value_is_told_with_its_runs(figure, text):
    assert value_text(figure) == text


def test_only_what_has_peers_has_columns_for_them():
    alone, compared = row("faces | all", 9), row("hits", 7, peer={"name": "Loom", "value": 5})
    ratio = ratio_row("a / b", [4], [2], peer="Loom", unit="s", at_most=1)
    assert rows_table([alone]).splitlines()[::2] == [
        "| what | value | bar | met | details |",
        "| faces \\| all | 9 |  |  |  |",
    ]
    assert rows_table([alone, compared, ratio]).splitlines()[2:] == [
        "| faces \\| all | 9 |  |  |  |  |  |",
        "| hits | 7 | Loom: 5 |  |  |  |  |",
        "| a / b | 4 [4, 4] s | Loom: 2 [2, 2] s | 2.0, 1 run | ≤ 1 | **NO** |  |",
    ]
