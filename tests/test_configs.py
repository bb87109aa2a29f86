import dataclasses
import importlib
import json

import pytest

from emo_tf import configs, models
from emo_tf.errors import EmoError
from emo_tf.training.config import EmoticExperiment, ExpressionExperiment
from emo_tf.training.emotic_run import read_run

OF_EXPRESSIONS = [n for n in configs.names() if isinstance(configs.load(n), ExpressionExperiment)]
OF_EMOTIC = [n for n in configs.names() if isinstance(configs.load(n), EmoticExperiment)]


def test_every_experiment_says_what_it_is_and_how_to_run_it():
    assert {"expression_fer2013", "emotic_cli", "emotic_notebook", "emotic_context"} < set(
        configs.names()
    )
    for name in configs.names():
        text = importlib.import_module(f"emo_tf.configs.{name}").__doc__
        assert f"emo-tf train {name}" in text
        assert configs.load(name).name == configs.load(name, smoke=True).name == name


@pytest.mark.parametrize("name", OF_EXPRESSIONS)
def test_every_experiment_ends_at_a_resolution_that_its_model_takes(name):
    for experiment in (configs.load(name), configs.load(name, smoke=True)):
        shares = [share for share, _ in experiment.resolutions]
        assert shares == sorted(shares)
        assert shares[0] == 0
        assert shares[-1] < 1
        side = experiment.resolution(experiment.epochs - 1)
        arguments = {**experiment.model_arguments, "height": side, "width": side}
        model = models.create(experiment.model, **arguments)
        assert model.input_shape == (None, side, side, 1)


def test_the_published_recipes_are_as_published():
    cli, notebook = configs.load("emotic_cli"), configs.load("emotic_notebook")
    for recipe in (cli, notebook):
        assert recipe.optimizer.name == "adam"
        assert recipe.optimizer.l2 == 5e-4
        assert recipe.optimizer.weight_decay == 0
        assert dataclasses.astuple(recipe.schedule) == ("step", 0.0, 7, 0.1)
        assert recipe.epochs == 15
        assert (recipe.loss.categories, recipe.loss.vad) == ("dynamic_squared_error", "smooth_l1")
        assert (recipe.loss.category_weight, recipe.loss.vad_weight) == (0.5, 0.5)
        assert recipe.loss.reduction == "sum"
        augmentation = recipe.augmentation
        assert augmentation.flip
        assert (augmentation.brightness, augmentation.contrast, augmentation.saturation) == (
            *(0.4, 0.4, 0.4),
        )
        assert (augmentation.zoom, augmentation.shift) == (0, 0)
    assert (cli.batch_size, cli.optimizer.learning_rate) == (52, 1e-2)
    assert not cli.optimizer.freeze
    assert (notebook.batch_size, notebook.optimizer.learning_rate) == (26, 1e-3)
    assert notebook.drop_remainder
    assert notebook.keep == "loss"
    assert set(notebook.optimizer.freeze) == {"scene_backbone", "body_backbone"}
    assert notebook.optimizer.frozen_batch_norm == "batch"


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_EXPRESSIONS)
def test_every_expression_experiment_can_be_shrunk_to_seconds_and_run(smoke_run, name):
    run = smoke_run(name)
    experiment = configs.load(name, smoke=True)
    epochs = [*range(1, experiment.epochs + 1)]
    assert [report.epoch for report in run.epochs] == epochs * experiment.members
    assert run.metrics["stages"][-1]["name"] == name
    assert run.metrics["photographs"] == (14 if experiment.photograph_repeats else 0)
    assert 0 <= run.metrics["public_test"]["accuracy"] <= 1


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_EMOTIC)
def test_every_emotic_experiment_can_be_shrunk_to_seconds_and_run(emotic_smoke_run, name):
    run = emotic_smoke_run(name)
    experiment = configs.load(name, smoke=True)
    assert [report.epoch for report in run.epochs] == [*range(1, experiment.epochs + 1)]
    for report in run.epochs:
        assert {"loss", "loss/categories", "loss/vad"} <= set(report.training)
        assert {"validation/loss", "validation/mean_average_precision"} < set(report.validation)
    files = {path.name for path in run.folder.iterdir()}
    assert files >= {"config.json", "data.json", "metrics.json", "model.keras", "thresholds.json"}
    thresholds = json.loads((run.folder / "thresholds.json").read_text())
    assert thresholds == {
        label: pytest.approx(value, abs=1e-5)
        for label, value in run.metrics["val"]["thresholds"].items()
        if value is not None
    }
    assert read_run(run.folder).name == name


def test_an_unknown_experiment_is_an_error_that_lists_close_matches():
    with pytest.raises(EmoError, match="Unknown experiment: did you mean expression_fer2013"):
        configs.load("expresion_fer2013")
    with pytest.raises(EmoError, match="Unknown experiment"):
        configs.load("__init__")
