"""Losses, in Keras alone."""

from emo_tf.losses.by_name import category_loss, score_kind, vad_loss
from emo_tf.losses.category_crossentropy import CategoryCrossentropy
from emo_tf.losses.neutral_balanced_crossentropy import NeutralBalancedCrossentropy
from emo_tf.losses.person_loss import PersonLoss
from emo_tf.losses.vad_smooth_l1 import VadSmoothL1
from emo_tf.losses.vad_squared_error import VadSquaredError
from emo_tf.losses.weighted_squared_error import WeightedSquaredError
from emo_tf.losses.weighting import batch_counts, category_weights

__all__ = [
    "CategoryCrossentropy",
    "NeutralBalancedCrossentropy",
    "PersonLoss",
    "VadSmoothL1",
    "VadSquaredError",
    "WeightedSquaredError",
    "batch_counts",
    "category_loss",
    "category_weights",
    "score_kind",
    "vad_loss",
]
