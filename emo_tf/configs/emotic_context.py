"""EMOTIC as we would train it: pretrained backbones that a phone can carry, at their own rates.

After Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset", with what has
come since: EfficientNetV2 (Tan and Le 2021) with ImageNet's weights, which Keras fetches; the
asymmetric loss, made for many rare labels (Ridnik et al. 2021); decoupled decay, a cosine, averaged
weights; the epoch of the greatest validation mAP is kept.
Expected: not measured on EMOTIC yet.

    emo-tf train emotic_context --manual-dir DIR_WITH_EMOTIC
"""

from emo_tf.data.person_augment import PersonAugmentation
from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.emotic_config import EmoticExperiment, PersonLoss
from emo_tf.training.smoke import shrunk


def get_config(*, smoke: bool = False) -> EmoticExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    experiment = EmoticExperiment(
        name="emotic_context",
        dataset="emotic",
        model="context_fusion",
        model_arguments={
            "scene_backbone": "efficientnet_v2_b0",
            "body_backbone": "efficientnet_v2_b0",
            "scene_weights": "imagenet",
            "body_weights": "imagenet",
            "score_kind": "sigmoid",
        },
        epochs=12,
        batch_size=32,
        keep="mean_average_precision",
        mixed_precision=True,
        optimizer=Optimizer(
            name="adam",
            learning_rate=1e-3,
            weight_decay=0.05,
            clip_norm=5.0,
            ema_decay=0.999,
            rates={"scene_backbone": 0.1, "body_backbone": 0.1},
        ),
        schedule=Schedule(name="cosine", warmup_epochs=0.5),
        augmentation=PersonAugmentation(zoom=0.1, shift=0.05),
        loss=PersonLoss(
            categories="asymmetric",
            category_weight=1.0,
            vad="smooth_l1",
            vad_weight=1.0,
            reduction="mean",
        ),
    )
    return shrunk(experiment) if smoke else experiment
