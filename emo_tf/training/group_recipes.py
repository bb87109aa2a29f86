"""The recipes of Gupta et al. 2018, which several experiments share.

SGD with momentum .9, batches of 32, a rate that falls to a tenth every few epochs; the epoch of the
greatest validation accuracy is kept. Faces are cut out in the alignment `vlgiitr`, up to 15 of a
picture. Pictures have 224 x 224 pixels.

Reference:
    Gupta et al. 2018, "An attention model for group-level emotion recognition", and the repository
    vlgiitr/Group-Level-Emotion-Recognition.
"""

from dataclasses import replace

from emo_tf.data.group_augment import GroupAugmentation
from emo_tf.data.picture_augment import PictureAugmentation
from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.smoke import shrunk_group

ALIGNMENT = "vlgiitr"

IMAGE = {"image_backbone": "densenet161", "image_size": (224, 224)}
FACES = {"face_backbone": "sphere20a", "alignment": ALIGNMENT, "faces": 15}

_AS_IT_IS = PictureAugmentation(flip=False)
UNCHANGED = GroupAugmentation(picture=_AS_IT_IS, faces=_AS_IT_IS)

RANDOM_PARTS = GroupAugmentation(
    picture=PictureAugmentation(zoom=0.4, shift=0.15, stretch=0.15), faces=_AS_IT_IS
)
"""About what `RandomResizedCrop` and `RandomHorizontalFlip` of torchvision do, less far."""


def global_recipe(
    name: str, *, smoke: bool, epochs: int = 25, step_epochs: int = 7, **changes: object
) -> GroupExperiment:
    """Returns an experiment on whole pictures, of which each step sees another part.

    Args:
        name: The experiment's name.
        smoke: Whether to shrink it to seconds.
        epochs: Passes over the pictures.
        step_epochs: After how many of them the rate falls.
        **changes: Other settings of the experiment.
    """
    experiment = _published(
        name,
        model="group_global",
        model_arguments=dict(IMAGE),
        epochs=epochs,
        schedule=_falling(step_epochs),
        augmentation=RANDOM_PARTS,
    )
    return _finished(experiment, smoke=smoke, **changes)


def local_recipe(name: str, *, smoke: bool) -> GroupExperiment:
    """Returns an experiment on single faces, each with the label of its picture.

    Args:
        name: The experiment's name.
        smoke: Whether to shrink it to seconds.
    """
    experiment = _published(
        name,
        model="group_local",
        model_arguments=dict(FACES),
        unit="faces",
        epochs=25,
        batch_size=60,
        optimizer=_sgd(1e-2),
        schedule=_falling(7),
    )
    return _finished(experiment, smoke=smoke)


def fine_tune_recipe(
    name: str, *, smoke: bool, margin: int | None = None, batch_size: int = 32
) -> GroupExperiment:
    """Returns an experiment on the mean verdict of a picture's faces.

    Args:
        name: The experiment's name.
        smoke: Whether to shrink it to seconds.
        margin: Of the large-margin softmax; None for a plain one.
        batch_size: Pictures a step.
    """
    experiment = _published(
        name,
        model="group_local",
        model_arguments={**FACES, "margin": margin},
        epochs=8,
        batch_size=batch_size,
        schedule=_falling(4),
    )
    return _finished(experiment, smoke=smoke)


def average_recipe(name: str, *, smoke: bool) -> GroupExperiment:
    """Returns an experiment on pictures and the mean features of their faces; one layer learns.

    Args:
        name: The experiment's name.
        smoke: Whether to shrink it to seconds.
    """
    experiment = _published(
        name,
        model="group_average",
        model_arguments={**IMAGE, "faces": 27, "dropout": 0.5},
        epochs=16,
        optimizer=replace(_sgd(1e-3), freeze=("image_backbone",)),
        schedule=_falling(5),
    )
    return _finished(experiment, smoke=smoke)


def attention_recipe(
    name: str, *, smoke: bool, scores: str, learning_rate: float = 1e-3, **changes: object
) -> GroupExperiment:
    """Returns an experiment on pictures and their faces, some of which count more than others.

    Args:
        name: The experiment's name.
        smoke: Whether to shrink it to seconds.
        scores: `A`, `B` or `C`: see `FaceAttention`.
        learning_rate: The first rate.
        **changes: Other settings of the experiment.
    """
    experiment = _published(
        name,
        model="group_attention",
        model_arguments={"scores": scores, **IMAGE, **FACES},
        epochs=27,
        optimizer=_sgd(learning_rate),
        schedule=_falling(9),
    )
    return _finished(experiment, smoke=smoke, **changes)


def _published(name: str, **settings: object) -> GroupExperiment:
    return GroupExperiment(
        **{
            "name": name,
            "dataset": "group_affect/faces",
            "batch_size": 32,
            "drop_remainder": False,
            "optimizer": _sgd(1e-3),
            "augmentation": UNCHANGED,
            **settings,
        }
    )


def _sgd(learning_rate: float) -> Optimizer:
    return Optimizer(name="sgd", learning_rate=learning_rate, momentum=0.9)


def _falling(step_epochs: int) -> Schedule:
    return Schedule(name="step", step_epochs=step_epochs, gamma=0.1)


def _finished(experiment: GroupExperiment, *, smoke: bool, **changes: object) -> GroupExperiment:
    changed = replace(experiment, **changes)
    return shrunk_group(changed) if smoke else changed
