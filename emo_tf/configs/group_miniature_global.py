"""The made-up twin of groups: the picture alone, a small network from nothing.

At 48 x 64 pixels it sees the scene; faces are too small to read.
Expected on val and eval of the twins of seeds 6, 7 and 8: 63.5, 64.8 and 64.4 %; a minute.

    emo-tf data miniature group_affect --out raw --size 4000
    emo-tf train group_miniature_global --manual-dir raw
"""

from emo_tf.data.group_augment import GroupAugmentation
from emo_tf.data.group_pictures import GroupData
from emo_tf.data.picture_augment import PictureAugmentation
from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.smoke import shrunk_group


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    experiment = GroupExperiment(
        name="group_miniature_global",
        dataset="group_affect/faces",
        model="group_global",
        model_arguments={
            "image_backbone": "tiny_resnet",
            "image_size": (48, 64),
            "dropout": 0.3,
        },
        epochs=12,
        batch_size=32,
        keep="last",
        picture_epochs=10,
        optimizer=Optimizer(name="adam", learning_rate=4e-3, weight_decay=0.05, ema_decay=0.99),
        schedule=Schedule(name="cosine", warmup_epochs=1.0),
        data=GroupData(cache="memory"),
        augmentation=GroupAugmentation(
            picture=PictureAugmentation(
                brightness=0.1, contrast=0.1, saturation=0.1, zoom=0.05, shift=0.03
            )
        ),
    )
    return shrunk_group(experiment) if smoke else experiment
