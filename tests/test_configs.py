import dataclasses
import importlib
import json

import pytest

from emo_tf import configs, models
from emo_tf.errors import EmoError
from emo_tf.training.emotic_config import EmoticExperiment
from emo_tf.training.emotic_run import read_run
from emo_tf.training.expression_config import ExpressionExperiment
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_run import read_group_run
from emo_tf.training.video_config import VideoExperiment
from emo_tf.training.video_run import read_video_run

OF_EXPRESSIONS = [n for n in configs.names() if isinstance(configs.load(n), ExpressionExperiment)]
OF_EMOTIC = [n for n in configs.names() if isinstance(configs.load(n), EmoticExperiment)]
OF_GROUPS = [n for n in configs.names() if isinstance(configs.load(n), GroupExperiment)]
OF_VIDEOS = [n for n in configs.names() if isinstance(configs.load(n), VideoExperiment)]

GUPTA = {
    # model, scores or margin, learning rate, batch, epochs, epochs to a tenth of the rate
    "Global_Simple": ("group_global", None, 1e-3, 32, 25, 7),
    "Global_EmotiC": ("group_global", None, 1e-3, 32, 16, 7),
    "Local": ("group_local", None, 1e-2, 60, 25, 7),
    "Local_FineTune": ("group_local", None, 1e-3, 32, 8, 4),
    "Local_FineTune_br128": ("group_local", None, 1e-3, 128, 8, 4),
    "Local_FineTune_LSoftmax": ("group_local", 4, 1e-3, 32, 8, 4),
    "Average": ("group_average", None, 1e-3, 32, 16, 5),
    "Attention_A": ("group_attention", "A", 1e-3, 32, 27, 9),
    "Attention_B": ("group_attention", "B", 1e-3, 32, 27, 9),
    "Attention_B_EmotiC": ("group_attention", "B", 1e-3, 32, 27, 9),
    "Attention_C": ("group_attention", "C", 1e-2, 32, 27, 9),
    "Attention_C_EmotiC": ("group_attention", "C", 1e-3, 32, 27, 9),
    "Attention_C_EmotiC_lr01": ("group_attention", "C", 1e-2, 32, 27, 9),
    "Attention_C_Adam": ("group_attention", "C", 3e-4, 32, 27, None),
}
"""The published models of groups."""


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


@pytest.mark.parametrize("name", GUPTA)
def test_the_published_recipes_of_groups_are_as_published(name):
    model, detail, rate, batch_size, epochs, step_epochs = GUPTA[name]
    recipe = configs.load(name)
    given = recipe.model_arguments
    assert recipe.model == model
    assert detail in (given.get("scores"), given.get("margin"))
    assert recipe.optimizer.learning_rate == rate
    assert (recipe.batch_size, recipe.epochs) == (batch_size, epochs)
    if step_epochs is None:
        assert (recipe.optimizer.name, recipe.schedule.name) == ("adam", "constant")
    else:
        assert (recipe.optimizer.name, recipe.optimizer.momentum) == ("sgd", 0.9)
        assert dataclasses.astuple(recipe.schedule) == ("step", 0.0, step_epochs, 0.1)
    if "image_backbone" in given:
        assert (given["image_backbone"], given["image_size"]) == ("densenet161", (224, 224))
    if "face_backbone" in given:
        assert (given["face_backbone"], given["alignment"]) == ("sphere20a", "vlgiitr")
        assert given["faces"] == 15
    assert recipe.unit == ("faces" if name == "Local" else "pictures")
    assert recipe.optimizer.freeze == (("image_backbone",) if name == "Average" else ())
    assert recipe.keep == "accuracy"
    parts = recipe.augmentation
    assert parts.picture.moves == name.startswith("Global")
    assert not parts.faces.flip


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_GROUPS)
def test_every_experiment_on_groups_can_be_shrunk_to_seconds_and_run(group_smoke_run, name):
    run = group_smoke_run(name)
    experiment = configs.load(name, smoke=True)
    epochs = [*range(1, experiment.epochs + 1)]
    assert [report.epoch for report in run.epochs] == epochs * len(
        getattr(experiment, "members", "1")
    )
    for report in run.epochs:
        assert {"loss", "accuracy"} <= set(report.training)
        assert {"validation/loss", "validation/accuracy"} <= set(report.validation)
    files = {path.name for path in run.folder.iterdir()}
    assert files >= {"config.json", "data.json", "metrics.json", "model.keras"}
    assert 0 <= run.metrics[experiment.validation_split]["accuracy"] <= 1
    finished = read_group_run(run.folder)
    assert finished.name == finished.metadata.name == name


def test_the_published_recipe_of_videos_is_as_published():
    static, clips = configs.load("video_static"), configs.load("video_vtt")
    for recipe in (static, clips):
        assert recipe.model_arguments["backbone"] == "resnet18"
        optimizer = recipe.optimizer
        assert (optimizer.name, optimizer.amsgrad, optimizer.learning_rate) == ("adam", True, 1e-4)
        assert (optimizer.l2, optimizer.weight_decay) == (5e-5, 0)
        assert recipe.schedule.name == "constant"
        assert recipe.batch_size == 4
        assert recipe.balanced
        assert recipe.neutral_share == 0.33
        assert dataclasses.astuple(recipe.loss)[:2] == ("neutral_balanced", 0.5)
        changes = recipe.augmentation
        assert (changes.flip, changes.shift, changes.zoom) == (True, 0.1, 0.1)
        assert {changes.noise_probability, changes.level_probability} == {0.1}
        assert changes.blur_probability == 0.1
        assert recipe.crop == {"preset": "vtt", "k": 0.5}
    assert static.shares == {"affectnet": 0.8, "raf_db/basic": 0.2}
    assert (static.model_arguments["frames"], static.model_arguments["shift"]) == (1, "none")
    assert clips.dataset == "vtt_friends/clips4"
    given = clips.model_arguments
    assert (given["frames"], given["shift"], given["decision_frames"]) == (4, "stage", 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_VIDEOS)
def test_every_experiment_on_videos_can_be_shrunk_to_seconds_and_run(video_smoke_run, name):
    run = video_smoke_run(name)
    experiment = configs.load(name, smoke=True)
    assert [report.epoch for report in run.epochs] == [*range(1, experiment.epochs + 1)]
    for report in run.epochs:
        assert {"loss", "frame_accuracy"} <= set(report.training)
        assert {"validation/loss", "validation/mean_recall"} <= set(report.validation)
    files = {path.name for path in run.folder.iterdir()}
    assert files >= {"config.json", "data.json", "metrics.json", "model.keras"}
    assert 0 <= run.metrics[experiment.validation_split]["accuracy"] <= 1
    assert {f"{key} {split}" for key, split in experiment.reported.items()} <= set(run.metrics)
    finished = read_video_run(run.folder)
    assert finished.name == name
    assert finished.metadata.provenance["experiments"][-1] == name


def test_an_unknown_experiment_is_an_error_that_lists_close_matches():
    with pytest.raises(EmoError, match="Unknown experiment: did you mean expression_fer2013"):
        configs.load("expresion_fer2013")
    with pytest.raises(EmoError, match="Unknown experiment"):
        configs.load("__init__")
