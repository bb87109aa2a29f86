"""Tensors of whole pickled modules, under the names that their state dict would have."""

from collections.abc import Iterator

from emo_tf.checkpoints.damage import refusal
from emo_tf.checkpoints.numpy_values import NumpyArray
from emo_tf.checkpoints.stand_ins import Instance, called
from emo_tf.checkpoints.tensors import Tensor

_DEEPEST = 100
_MOST_MODULES = 100_000


def is_module(value: object) -> bool:
    """Returns whether `value` is an instance of `torch.nn.Module`, which the attributes tell."""
    return (
        isinstance(value, Instance)
        and value.attributes is not None
        and {"_parameters", "_buffers", "_modules"} <= set(value.attributes)
    )


def module_tensors(root: Instance) -> tuple[dict[str, Tensor | NumpyArray], tuple[str, ...]]:
    """Returns the tensors of a module by name, and the full names of the classes met.

    Parameters, then buffers, then the children in turn, as `state_dict` has them; buffers that
    are not persistent are left out. The class of the root comes first, each other class once.

    Raises:
        EmoError: A child is no module, or the modules are nested without end.
    """
    tensors: dict[str, Tensor | NumpyArray] = {}
    classes: dict[str, None] = {}
    for count, (prefix, module) in enumerate(_walk(root, "", depth=0)):
        if count >= _MOST_MODULES:
            raise refusal(f"more than {_MOST_MODULES:,} modules")
        classes[module.stub.name] = None
        hidden = module.attributes.get("_non_persistent_buffers_set")
        hidden = hidden if isinstance(hidden, set) else set()
        for group in ("_parameters", "_buffers"):
            for name, value in _entries(module, group, prefix).items():
                if value is None or (group == "_buffers" and name in hidden):
                    continue
                if not isinstance(value, (Tensor, NumpyArray)):
                    raise refusal(f"{called(value)} as the tensor {prefix + name!r:.200}")
                tensors[prefix + name] = value
    return tensors, tuple(classes)


def _walk(module: Instance, prefix: str, *, depth: int) -> Iterator[tuple[str, Instance]]:
    """Yields a module and all below it, each with the beginning of the names of its tensors."""
    if depth > _DEEPEST:
        raise refusal(f"modules nested more than {_DEEPEST} deep, perhaps in themselves")
    yield prefix, module
    for name, child in _entries(module, "_modules", prefix).items():
        if child is not None:
            if not is_module(child):
                raise refusal(f"{called(child)} as the module {prefix + name!r:.200}")
            yield from _walk(child, f"{prefix}{name}.", depth=depth + 1)


def _entries(module: Instance, group: str, prefix: str) -> dict[str, object]:
    entries = module.attributes[group]
    if not isinstance(entries, dict) or not all(isinstance(name, str) for name in entries):
        raise refusal(f"a module {prefix!r:.200} whose {group} have no names")
    return entries
