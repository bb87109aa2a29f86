import pytest

from benchmarks import group_twin
from benchmarks.group_twin import (
    ATTENTION,
    AVERAGE,
    GLOBAL,
    LOCAL,
    PUBLISHED,
    TRIALS,
    Trained,
    measured_accuracy,
    twin_rows,
)
from emo_tf import configs
from emo_tf.training.overrides import apply_overrides


def trained(
    seed: int = 0, *, attention: float = 0.72, average: float = 0.68, minutes: float = 3.0
) -> Trained:
    accuracy = {GLOBAL: 0.5, LOCAL: 0.6, PUBLISHED: 0.55, AVERAGE: average, ATTENTION: attention}
    return Trained(seed, accuracy, oracle=0.8, minutes=dict.fromkeys(TRIALS, minutes))


def judged(*of_seeds: Trained) -> list[bool]:
    return [figure["met"] for figure in twin_rows(of_seeds)[-4:]]


def test_each_seed_has_its_figure():
    figure = twin_rows([trained(4)])[0]
    assert "seed 4" in figure["what"]
    assert (figure["value"], figure["met"]) == ("72.0%", None)
    assert figure["details"][AVERAGE] == "68.0%"
    assert figure["details"]["share of the oracle"] == "90.0%"
    assert figure["details"]["points above the plain average"] == 4.0


def test_bars_that_are_reached_are_met():
    assert judged(trained()) == [True] * 4


@pytest.mark.parametrize(
    ("worse", "missed"),
    [
        ({"average": 0.70}, 0),
        ({"average": 0.59}, 1),
        ({"attention": 0.67, "average": 0.62}, 2),
        ({"minutes": 3.4}, 3),
    ],
    ids=["too near the average", "no better than faces alone", "far from the oracle", "too slow"],
)
def test_the_worst_seed_is_judged(worse, missed):
    met = judged(trained(3), trained(4, **worse), trained(5))
    assert met == [place != missed for place in range(4)]


def test_the_median_of_the_seeds_is_judged_beside_the_worst():
    seeds = [trained(3, average=0.65), trained(4, average=0.7), trained(5, average=0.67)]
    *_, published, median, worst, _, _, _ = twin_rows(seeds)
    assert (published["value"], published["met"]) == (17.0, None)
    assert (median["value"], median["met"]) == (5.0, True)
    assert (worst["value"], worst["met"]) == (2.0, False)
    assert worst["runs"] == {"median": 5.0, "least": 2.0, "most": 7.0, "runs": 3}


def test_accuracy_counts_the_pictures_of_both_splits_alike():
    metrics = {
        "val": {"accuracy": 0.5, "pictures": 300},
        "eval": {"accuracy": 0.8, "pictures": 100},
        "temperature": 1.0,
    }
    assert measured_accuracy(metrics) == pytest.approx(0.575)


@pytest.mark.parametrize("model", TRIALS)
def test_trials_are_experiments_that_start_from_earlier_ones(model):
    trial = TRIALS[model]
    experiment = apply_overrides(configs.load(trial.experiment), ["seed=3", *trial.settings])
    assert experiment.keep == "last"
    assert experiment.train_split == "train"
    earlier = list(TRIALS)[: list(TRIALS).index(model)]
    assert set(trial.initial) <= set(earlier)


def test_a_seed_is_trained_model_by_model(monkeypatch, tmp_path):
    started = {}

    def train(experiment, run, *, settings, data_dir, initial):
        run.mkdir(parents=True)
        text = '{"val": {"accuracy": 0.5, "pictures": 3}, "eval": {"accuracy": 0.5, "pictures": 1}}'
        (run / "metrics.json").write_text(text)
        assert all((one / "metrics.json").is_file() for one in initial)
        started[run.name] = experiment
        return 60.0

    monkeypatch.setattr(group_twin, "built_twin", lambda name, **_: tmp_path / "data")
    monkeypatch.setattr(group_twin, "PICTURES", 20)
    monkeypatch.setattr(group_twin, "train", train)
    found = group_twin.measure_seed(3)
    assert len(started) == len(TRIALS)
    assert found.accuracy == dict.fromkeys(TRIALS, 0.5)
    assert found.chain_minutes == 3.0
    assert 0.4 < found.oracle <= 1
