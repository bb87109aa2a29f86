import pytest

from benchmarks.video_twin import FRAME, LAST, SHIFT, TRIALS, Trained, twin_rows
from emo_tf import configs
from emo_tf.training.overrides import apply_overrides


def trained(
    seed: int = 0, *, shift: float = 0.95, frame: float = 0.72, at_key_frame: float = 0.9
) -> Trained:
    return Trained(
        seed,
        accuracy={SHIFT: shift, FRAME: frame, LAST: 0.96},
        at_key_frame=at_key_frame,
        oracle={"none": 1 / 7, "one frame": 0.75, "clip": 1.0},
        minutes=dict.fromkeys(TRIALS, 3.0),
    )


def test_each_seed_has_its_figure():
    figure = twin_rows([trained(4)])[0]
    assert "seed 4" in figure["what"]
    assert (figure["value"], figure["met"]) == ("95.0%", None)
    assert figure["details"][FRAME] == "72.0%"
    assert figure["details"]["temporal shift, at the key frame"] == "90.0%"
    assert figure["details"]["oracle, one frame"] == "75.0%"


def test_bars_that_are_reached_are_met():
    assert [figure["met"] for figure in twin_rows([trained()])[1:]] == [True] * 3


@pytest.mark.parametrize(
    ("worse", "missed"),
    [
        ({"shift": 0.86, "frame": 0.77}, 0),
        ({"at_key_frame": 0.81}, 1),
        ({"shift": 0.84}, 2),
    ],
    ids=["too near one frame", "too near it at the key frame", "far from the oracle"],
)
def test_the_worst_seed_is_judged(worse, missed):
    figures = twin_rows([trained(3), trained(4, **worse), trained(5)])[3:]
    assert [figure["met"] for figure in figures] == [place != missed for place in range(3)]


def test_the_trials_are_the_same_network_but_for_the_shift():
    experiment = configs.load("video_miniature")
    shift, frame, last = (
        apply_overrides(experiment, TRIALS[name]).model_arguments for name in (SHIFT, FRAME, LAST)
    )
    assert (shift["shift"], frame["shift"], last["shift"]) == ("residual", "none", "none")
    assert (shift["frames"], frame["frames"], last["frames"]) == (8, 1, 8)
    assert {given["backbone"] for given in (shift, frame, last)} == {"expression_net"}
