"""The made-up twin of groups: attention C over faces, from the runs on pictures and on faces.

Both networks go on learning, more slowly than what is new, and attention more slowly still: faster,
it ends at one face alone. `--set model.scores=average` trains the plain average alike.
Expected on val and eval of the twins of seeds 6, 7 and 8: 81.1, 78.4 and 79.8 %, 89 to 90 % of what
faces and scene tell; the plain average 75.4, 76.8 and 75.1 %. Five minutes on two cores, eight to
ten with both it starts from.

    emo-tf data miniature group_affect --out raw --size 4000
    emo-tf train group_miniature_global --manual-dir raw
    emo-tf train group_miniature_local --manual-dir raw
    emo-tf train group_miniature --manual-dir raw \\
        --init runs/group_miniature_global --init runs/group_miniature_local
"""

from dataclasses import replace

from emo_tf.configs import group_miniature_global, group_miniature_local
from emo_tf.training.config import Optimizer
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.smoke import shrunk_group


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    of_pictures, of_faces = (
        config.get_config() for config in (group_miniature_global, group_miniature_local)
    )
    arguments = {**of_pictures.model_arguments, **of_faces.model_arguments}
    experiment = replace(
        of_pictures,
        name="group_miniature",
        model="group_attention",
        model_arguments={**arguments, "faces": 15, "scores": "C", "dropout": 0.1},
        epochs=12,
        optimizer=Optimizer(
            name="adam",
            learning_rate=2e-3,
            weight_decay=0.05,
            ema_decay=0.99,
            rates={"image_backbone": 0.3, "face_backbone": 0.5, "head/attention": 0.25},
        ),
        augmentation=replace(of_pictures.augmentation, faces=of_faces.augmentation.faces),
    )
    return shrunk_group(experiment) if smoke else experiment
