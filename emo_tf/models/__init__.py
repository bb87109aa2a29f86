"""Keras models; importing the package registers them all."""

from emo_tf.models import expression_net
from emo_tf.models.registry import create, names

__all__ = ["create", "expression_net", "names"]
