"""Models filled with published weights."""

from collections.abc import Iterable, Mapping

import keras
import numpy as np

from emo_tf.errors import EmoError, unknown_name
from emo_tf.models.context_fusion import BRANCHES, context_fusion
from emo_tf.models.resnet import RESNETS
from emo_tf.models.torch_architectures import TORCH_ARCHITECTURES
from emo_tf.models.torch_weights import assign, misfits, named_by_children, torch_shapes

Tensors = Mapping[str, np.ndarray]


def backbone_from_torch(
    architecture: str, tensors: Tensors, *, source: str, size: tuple[int, int] | None = None
) -> keras.Model:
    """Builds a backbone, with its classifier where the weights have one, and fills it.

    Args:
        architecture: One of `TORCH_ARCHITECTURES`.
        tensors: All tensors by torch name, or by number as `nn.Sequential` gives them; what
            `training_parts` names is passed over.
        source: Where they come from, for messages.
        size: Height and width in pixels of the pictures; None for any, or for the architecture's
            own where it has one.

    Returns:
        The architecture, to a dict of `features` and, with a classifier, `logits`; or of
        `embedding`.

    Raises:
        EmoError: There is no such architecture, or the tensors do not fit: lists what is missing,
            unexpected and misshapen, and names the architecture that would fit.
    """
    if architecture not in TORCH_ARCHITECTURES:
        raise unknown_name("architecture", architecture, TORCH_ARCHITECTURES)
    named = _named(architecture, tensors)
    model = _empty(architecture, named, size=size)
    try:
        assign(model, named, source=source)
    except EmoError as error:
        fitting = fitting_architecture(tensors)
        if fitting in (None, architecture):
            raise
        raise EmoError(f"{error}. They fit {fitting}") from error
    return model


def training_parts(architecture: str, tensors: Tensors) -> tuple[str, ...]:
    """Returns the names of the tensors that served to train an architecture alone.

    Args:
        architecture: One of `TORCH_ARCHITECTURES`.
        tensors: Tensors by torch name.
    """
    parts = TORCH_ARCHITECTURES[architecture].training_parts
    return tuple(name for name in tensors if name.split(".")[0] in parts)


def fitting_architecture(
    tensors: Tensors, *, among: Iterable[str] = TORCH_ARCHITECTURES
) -> str | None:
    """Returns the architecture whose names and shapes tensors have, or None.

    Args:
        tensors: All tensors by torch name, or by number.
        among: Names of `TORCH_ARCHITECTURES` to look among.
    """
    for architecture in among:
        named = _named(architecture, tensors)
        if TORCH_ARCHITECTURES[architecture].stem in named:
            shapes = {name: np.shape(tensor) for name, tensor in named.items()}
            if not misfits(shapes, _empty(architecture, named)):
                return architecture
    return None


def _named(architecture: str, tensors: Tensors) -> Tensors:
    """Returns the tensors that the architecture is built of, by the names of its modules."""
    left_out = training_parts(architecture, tensors)
    kept = {name: tensor for name, tensor in tensors.items() if name not in left_out}
    return named_by_children(kept, TORCH_ARCHITECTURES[architecture].children)


def _empty(
    architecture: str, tensors: Tensors, *, size: tuple[int, int] | None = None
) -> keras.Model:
    """Returns the architecture without weights, its classifier as wide as that of the tensors."""
    known = TORCH_ARCHITECTURES[architecture]
    arguments = dict(zip(("height", "width"), size, strict=True)) if size else {}
    if known.classifier is not None:
        classifier = np.shape(tensors.get(f"{known.classifier}.weight", ()))
        arguments["classes"] = (classifier[0] if len(classifier) == 2 else 0) or None
    return known.build(**arguments)


def context_fusion_from_torch(
    head: Tensors, *, branches: Mapping[str, Tensors], sources: Mapping[str, str]
) -> keras.Model:
    """Builds a `context_fusion` model and fills it with the parts that training in torch leaves.

    Args:
        head: The tensors of the joining part, `fc1`, `bn1`, `fc_cat` and `fc_cont`.
        branches: The tensors of the `scene` backbone, the `body` backbone, or both.
        sources: Where each comes from, for messages: by branch, and `head`.

    Returns:
        The model, with raw scores, for the published sizes.

    Raises:
        EmoError: A branch is of none of `RESNETS`, or the head does not fit the branches.
    """
    backbones = {}
    for branch in [name for name in BRANCHES if name in branches]:
        fitting = fitting_architecture(branches[branch], among=RESNETS)
        if fitting is None:
            raise EmoError(
                f"{sources[branch]}: expected the tensors of {' or '.join(RESNETS)} for the "
                f"{branch}. Received: {_summary(branches[branch])}"
            )
        backbones[f"{branch}_backbone"] = fitting
    hidden = np.shape(head.get("fc1.bias", ()))
    units = {"units": hidden[0]} if len(hidden) == 1 and hidden[0] else {}
    model = context_fusion(branches=tuple(branches), **units, **backbones)
    for branch, tensors in branches.items():
        named = _named(backbones[f"{branch}_backbone"], tensors)
        assign(model.get_layer(f"{branch}_backbone"), named, source=sources[branch])
    assign(model.get_layer("head"), head, source=sources["head"])
    return model


def fill_branch(model: keras.Model, branch: str, backbone: keras.Model) -> None:
    """Gives a branch of a `context_fusion` model the weights of an imported backbone.

    Args:
        model: A `context_fusion` model; where the weights do not fit, it stays as it was.
        branch: `scene` or `body`.
        backbone: What `backbone_from_torch` returned, or `emo-tf weights import` wrote; its
            classifier is left out.

    Raises:
        EmoError: The model has no such branch, or the branch is of another architecture.
    """
    branches = [name for name in BRANCHES if name in model.input]
    if branch not in branches:
        raise unknown_name("branch of the model", branch, branches)
    target = model.get_layer(f"{branch}_backbone")
    classifiers = {known.classifier for known in TORCH_ARCHITECTURES.values()}
    shapes = torch_shapes(backbone)
    given = {
        name: shape for name, shape in shapes.items() if name.rpartition(".")[0] not in classifiers
    }
    problems = misfits(given, target)
    if problems:
        raise EmoError(
            f"{branch}: expected the weights of its backbone. Received: {backbone.name}: "
            f"{'; '.join(problems)}"
        )
    for layer in target.layers:
        if layer.weights:
            layer.set_weights(backbone.get_layer(layer.name).get_weights())


def _summary(tensors: Tensors) -> str:
    first = ", ".join(f"{name} {np.shape(tensor)}" for name, tensor in list(tensors.items())[:3])
    return f"{len(tensors)} tensors: {first}" + (" ..." if len(tensors) > 3 else "")
