"""The made-up twin of groups: its faces alone, a small network from nothing.

Every face has the label of its picture, which the large ones decide: so it learns from the three
largest, and judges by them. The stem keeps what tells a sharp face from one that was enlarged.
Expected on val and eval of the twins of seeds 6, 7 and 8: 60.5, 57.8 and 57.6 %; two to three
minutes on two cores.

    emo-tf data miniature group_affect --out raw --size 4000
    emo-tf train group_miniature_local --manual-dir raw
"""

from dataclasses import replace

from emo_tf.configs import group_miniature_global
from emo_tf.data.group_augment import GroupAugmentation
from emo_tf.data.picture_augment import PictureAugmentation
from emo_tf.training.config import Optimizer
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.smoke import shrunk_group


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    experiment = replace(
        group_miniature_global.get_config(),
        name="group_miniature_local",
        model="group_local",
        model_arguments={
            "face_backbone": "small_patch_resnet",
            "alignment": "sphereface",
            "faces": 3,
            "dropout": 0.3,
        },
        unit="faces",
        epochs=20,
        batch_size=64,
        optimizer=Optimizer(name="adam", learning_rate=3e-3, weight_decay=0.05, ema_decay=0.997),
        augmentation=GroupAugmentation(
            faces=PictureAugmentation(
                brightness=0.3,
                contrast=0.3,
                saturation=0.3,
                zoom=0.05,
                shift=0.03,
                rotation_degrees=5.0,
            )
        ),
    )
    return shrunk_group(experiment) if smoke else experiment
