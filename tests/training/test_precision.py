"""In which precision the form of a model computes that is trained."""

from collections.abc import Iterator
from dataclasses import replace

import keras
import pytest

from emo_tf.data import builders
from emo_tf.training.config import Experiment
from emo_tf.training.emotic_config import EmoticExperiment, PersonLoss
from emo_tf.training.emotic_task import EmoticTask
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_task import GroupTask
from emo_tf.training.strategy import single
from emo_tf.training.task import Task
from emo_tf.training.trainer import Trainer

SIDE = (32, 32)


def emotic(folder) -> tuple[type[Task], Experiment, object]:
    """Probabilities of categories, which are trained by their logits: another model."""
    experiment = EmoticExperiment(
        name="small",
        dataset="emotic",
        model="context_fusion",
        model_arguments={
            "scene_backbone": "tiny_resnet",
            "body_backbone": "tiny_resnet",
            "scene_size": SIDE,
            "body_size": SIDE,
            "units": 8,
            "score_kind": "sigmoid",
        },
        epochs=1,
        batch_size=4,
        loss=PersonLoss(categories="binary_crossentropy"),
    )
    return EmoticTask, experiment, builders.prepared("emotic", data_dir=folder)


def group(folder) -> tuple[type[Task], Experiment, object]:
    """Faces of all pictures, one after another: another model."""
    experiment = GroupExperiment(
        name="small",
        dataset="group_affect/faces",
        model="group_local",
        model_arguments={
            "face_backbone": "tiny_resnet",
            "alignment": "box",
            "face_size": SIDE,
            "faces": 3,
        },
        epochs=1,
        batch_size=4,
    )
    return GroupTask, experiment, builders.prepared("group_affect/faces", data_dir=folder)


def convolutions(model: keras.Model) -> Iterator[keras.layers.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from convolutions(layer)
        elif isinstance(layer, keras.layers.Conv2D):
            yield layer


@pytest.fixture(params=["emotic", "group"])
def make_trainer(request, tmp_path):
    """Makes a trainer: `make_trainer(mixed_precision=True)`."""
    make = {"emotic": emotic, "group": group}[request.param]
    kind, experiment, dataset = make(request.getfixturevalue(f"{request.param}_twin"))

    def build(**changes) -> Trainer:
        task = kind(replace(experiment, **changes), dataset, cluster=single())
        return Trainer(task, tmp_path)

    return build


@pytest.mark.parametrize("mixed", [True, False], ids=["mixed", "full"])
def test_what_is_saved_and_what_is_trained_compute_as_the_experiment_says(make_trainer, mixed):
    trainer = make_trainer(mixed_precision=mixed)
    policy = "mixed_bfloat16" if mixed else "float32"
    for model in (trainer.average, trainer.model):
        found = list(convolutions(model))
        assert found
        assert {layer.dtype_policy.name for layer in found} == {policy}
        assert {weight.dtype for layer in found for weight in layer.weights} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"  # as it was, for whoever comes next
