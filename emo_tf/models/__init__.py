"""Keras models; importing the package registers them all."""

from emo_tf.models import (
    context_fusion,
    densenet,
    expression_net,
    face_ensemble,
    group_attention,
    group_average,
    group_global,
    group_local,
    mobilenet_v2,
    resnet,
    small_resnet,
    sphereface,
    tsm,
)
from emo_tf.models.registry import create, names

__all__ = [
    "context_fusion",
    "create",
    "densenet",
    "expression_net",
    "face_ensemble",
    "group_attention",
    "group_average",
    "group_global",
    "group_local",
    "mobilenet_v2",
    "names",
    "resnet",
    "small_resnet",
    "sphereface",
    "tsm",
]
