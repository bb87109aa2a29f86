import importlib

import pytest

from emo_tf import configs, models
from emo_tf.errors import EmoError


def test_every_experiment_says_what_it_is_and_how_to_run_it():
    assert "expression_fer2013" in configs.names()
    for name in configs.names():
        text = importlib.import_module(f"emo_tf.configs.{name}").__doc__
        assert f"emo-tf train {name} " in text
        assert configs.load(name).name == configs.load(name, smoke=True).name == name


def test_every_experiment_ends_at_a_resolution_that_its_model_takes():
    for name in configs.names():
        for experiment in (configs.load(name), configs.load(name, smoke=True)):
            shares = [share for share, _ in experiment.resolutions]
            assert shares == sorted(shares)
            assert shares[0] == 0
            assert shares[-1] < 1
            side = experiment.resolution(experiment.epochs - 1)
            arguments = {**experiment.model_arguments, "height": side, "width": side}
            model = models.create(experiment.model, **arguments)
            assert model.input_shape == (None, side, side, 1)


@pytest.mark.slow
def test_every_experiment_can_be_shrunk_to_seconds_and_run(smoke_run):
    for name in configs.names():
        run = smoke_run(name)
        experiment = configs.load(name, smoke=True)
        epochs = [*range(1, experiment.epochs + 1)]
        assert [report.epoch for report in run.epochs] == epochs * experiment.members
        assert run.metrics["stages"][-1]["name"] == name
        assert run.metrics["photographs"] == (14 if experiment.photograph_repeats else 0)
        assert 0 <= run.metrics["public_test"]["accuracy"] <= 1


def test_an_unknown_experiment_is_an_error_that_lists_close_matches():
    with pytest.raises(EmoError, match="Unknown experiment: did you mean expression_fer2013"):
        configs.load("expresion_fer2013")
    with pytest.raises(EmoError, match="Unknown experiment"):
        configs.load("__init__")
