from benchmarks.twin import Trained, twin_rows


def trained(seed: int = 0, *, both: float = 0.7, minutes: float = 5.0) -> Trained:
    return Trained(
        seed=seed,
        precision={"B+I": both, "B": 0.6, "I": 0.5},
        oracle=0.8,
        minutes={"B+I": minutes, "B": 60.0, "I": 60.0},
    )


def test_each_seed_has_its_figure():
    figure = twin_rows([trained(4)])[0]
    assert "seed 4" in figure["what"]
    assert (figure["value"], figure["met"]) == (70.0, None)
    assert figure["details"]["B"] == 60.0
    assert figure["details"]["share of the oracle"] == "87.5%"
    assert figure["details"]["points above the better of B and I"] == 10.0


def test_the_worst_seed_is_judged():
    figures = twin_rows([trained(0), trained(1, both=0.64), trained(2, minutes=12.0)])
    gain, share, longest = figures[-3:]
    assert (gain["value"], gain["met"]) == (4.0, False)
    assert gain["runs"] == {"median": 10.0, "least": 4.0, "most": 10.0, "runs": 3}
    assert (share["value"], share["met"]) == ("80.0%", False)
    assert (longest["value"], longest["met"]) == (12.0, False)
    assert all("over seeds 0, 1, 2" in figure["what"] for figure in figures[-3:])


def test_bars_that_are_reached_are_met():
    gain, share, longest = twin_rows([trained(both=0.68, minutes=9.9)])[-3:]
    assert gain["met"]
    assert share["met"]
    assert longest["met"]
    assert not twin_rows([trained(minutes=10.0)])[-1]["met"]
