"""Finds the weights in what was pickled, and gives them the names of today's torch."""

import re
from collections import Counter
from dataclasses import dataclass

from emo_tf.checkpoints.damage import refusal
from emo_tf.checkpoints.modules import is_module, module_tensors
from emo_tf.checkpoints.numpy_values import NumpyArray
from emo_tf.checkpoints.stand_ins import called
from emo_tf.checkpoints.tensors import Tensor
from emo_tf.errors import EmoError

STATE_KEYS = ("state_dict", "model_state_dict", "model", "net", "state_dict_ema")
"""Under what training scripts put the weights; the first that holds some is taken."""

_LONGEST_NAME = 500
_OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")


@dataclass(frozen=True)
class Weights:
    """What is of use in a checkpoint.

    Attributes:
        tensors: Tensors by name, in the order of the file.
        values: The other entries beside the weights, among them tensors of no dimension.
        modules: Classes of a whole pickled module, the root's first; else none.
    """

    tensors: dict[str, Tensor | NumpyArray]
    values: dict[str, object]
    modules: tuple[str, ...]


def weights_of(root: object) -> Weights:
    """Returns the weights of a checkpoint.

    They are a whole module, or a dict of tensors, or one of both under one of `STATE_KEYS`. Entries
    of a state dict that are no tensors, such as an optimizer's state, are no weights.

    Raises:
        EmoError: There are none.
    """
    if is_module(root):
        tensors, modules = module_tensors(root)
        if not tensors:
            raise _no_weights(f"{root.name} without tensors")
        return Weights(tensors, {}, modules)
    if not isinstance(root, dict):
        raise _no_weights(called(root))
    for key in STATE_KEYS:
        inside = root.get(key)
        if is_module(inside) or (isinstance(inside, dict) and _tensors(inside)):
            values = {name: value for name, value in root.items() if name != key}
            found = weights_of(inside) if is_module(inside) else Weights(_tensors(inside), {}, ())
            return Weights(found.tensors, values, found.modules)
    tensors = _tensors(root)
    if not tensors:
        raise _no_weights(f"the entries {[str(key)[:50] for key in list(root)[:10]]}")
    return Weights(tensors, {key: root[key] for key in root if key not in tensors}, ())


def normal_names(names: list[str]) -> dict[str, str]:
    """Returns what the tensors of a file are called in a plain model of today's torch.

    The `module.` of DataParallel goes where all names have it, the `norm.1` and `conv.2` of old
    DenseNets become `norm1` and `conv2`, and the counters `num_batches_tracked` are left out.

    Args:
        names: As they stand in the file.

    Returns:
        The new name for each name that stays.

    Raises:
        EmoError: Two tensors would have one name, or a name is no text that can be shown.
    """
    for name in names:
        if not name.isprintable() or len(name) > _LONGEST_NAME:
            raise refusal(f"the name {name!r:.200} of a tensor")
    kept = [name for name in names if name.split(".")[-1] != "num_batches_tracked"]
    short = kept
    while short and all(name.startswith("module.") for name in short):
        short = [name.removeprefix("module.") for name in short]
    renamed = [_OLD_DENSENET.sub(r"\1\2.", name) for name in short]
    if len(set(renamed)) < len(renamed):
        twice, _ = Counter(renamed).most_common(1)[0]
        raise refusal(f"two tensors named {twice!r}")
    return dict(zip(kept, renamed, strict=True))


def _tensors(entries: dict) -> dict[str, Tensor | NumpyArray]:
    return {
        name: value
        for name, value in entries.items()
        if isinstance(name, str) and isinstance(value, (Tensor, NumpyArray))
    }


def _no_weights(received: str) -> EmoError:
    return EmoError(
        f"expected a module, or tensors by name, alone or under {' or '.join(STATE_KEYS)}. "
        f"Received: {received}"
    )
