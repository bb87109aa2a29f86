"""The tensors of a ResNet as files of torch hold them."""

import numpy as np

from emo_tf.models.torch_architectures import RESNET_CHILDREN

Tensors = dict[str, np.ndarray]


def without_classifier(tensors: Tensors) -> Tensors:
    return {name: tensor for name, tensor in tensors.items() if not name.startswith("fc.")}


def numbered(tensors: Tensors) -> Tensors:
    """Returns tensors under the names that `nn.Sequential` of the modules gives them."""
    split = [(*name.split(".", 1), tensor) for name, tensor in tensors.items()]
    return {f"{RESNET_CHILDREN.index(module)}.{rest}": tensor for module, rest, tensor in split}
