"""Keras models; importing the package registers them all."""

from emo_tf.models import context_fusion, expression_net, resnet, small_resnet
from emo_tf.models.registry import create, names

__all__ = ["context_fusion", "create", "expression_net", "names", "resnet", "small_resnet"]
