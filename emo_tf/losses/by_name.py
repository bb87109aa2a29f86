"""Losses by the names that configurations give them."""

import functools
import inspect
from collections.abc import Callable

from emo_tf.errors import in_place, unknown_name
from emo_tf.losses.category_crossentropy import CategoryCrossentropy
from emo_tf.losses.person_loss import PersonLoss
from emo_tf.losses.vad_smooth_l1 import VadSmoothL1
from emo_tf.losses.vad_squared_error import VadSquaredError
from emo_tf.losses.weighted_squared_error import WeightedSquaredError


def _binary_crossentropy(*, from_logits: bool = False, reduction: str) -> CategoryCrossentropy:
    return CategoryCrossentropy(from_logits=from_logits, reduction=reduction)


def _focal(
    *, gamma: float = 2.0, alpha: float | None = None, from_logits: bool = False, reduction: str
) -> CategoryCrossentropy:
    return CategoryCrossentropy(
        gamma_positive=gamma,
        gamma_negative=gamma,
        alpha=alpha,
        from_logits=from_logits,
        reduction=reduction,
    )


def _asymmetric(
    *,
    gamma_positive: float = 0.0,
    gamma_negative: float = 4.0,
    margin: float = 0.05,
    from_logits: bool = False,
    reduction: str,
) -> CategoryCrossentropy:
    return CategoryCrossentropy(
        gamma_positive=gamma_positive,
        gamma_negative=gamma_negative,
        margin=margin,
        from_logits=from_logits,
        reduction=reduction,
    )


_SQUARED_ERRORS: dict[str, Callable[..., PersonLoss]] = {
    f"{weighting}_squared_error": functools.partial(WeightedSquaredError, weighting)
    for weighting in ("dynamic", "static", "mean")
}
_CROSSENTROPIES: dict[str, Callable[..., PersonLoss]] = {
    "binary_crossentropy": _binary_crossentropy,
    "focal": _focal,
    "asymmetric": _asymmetric,
}
_CATEGORY_LOSSES = _SQUARED_ERRORS | _CROSSENTROPIES
_VAD_LOSSES: dict[str, Callable[..., PersonLoss]] = {
    "l2": VadSquaredError,
    "smooth_l1": VadSmoothL1,
}


def category_loss(name: str, *, reduction: str, **arguments) -> PersonLoss:
    """Returns the loss of the categories that has a name.

    Args:
        name: `dynamic_squared_error`, `static_squared_error` or `mean_squared_error`: a
            `WeightedSquaredError`; `binary_crossentropy`, `focal` or `asymmetric`: a
            `CategoryCrossentropy` with the gammas and the margin that the papers advise.
        reduction: `sum` or `mean`: see `PersonLoss`.
        **arguments: For the cross-entropies `from_logits` (False); for `focal` also `gamma` (2)
            and `alpha` (None); for `asymmetric` also `gamma_positive` (0), `gamma_negative` (4)
            and `margin` (0.05).

    Raises:
        EmoError: The name, an argument or the reduction is unknown, or an argument is out of its
            range.
    """
    return _build("category loss", name, _CATEGORY_LOSSES, reduction=reduction, **arguments)


def vad_loss(name: str, *, reduction: str, **arguments) -> PersonLoss:
    """Returns the loss of valence, arousal and dominance that has a name.

    Args:
        name: `l2`: `VadSquaredError`, which takes `margin`; `smooth_l1`: `VadSmoothL1`, which
            takes `beta`.
        reduction: `sum` or `mean`: see `PersonLoss`.
        **arguments: Arguments of that loss.

    Raises:
        EmoError: The name, an argument or the reduction is unknown, or an argument is out of its
            range.
    """
    return _build("VAD loss", name, _VAD_LOSSES, reduction=reduction, **arguments)


def score_kind(name: str) -> str:
    """Returns what a model's category output has to be under the category loss of a name.

    `raw` under squared error; `sigmoid` under the cross-entropies, unless the training loop hands
    them the logits.

    Raises:
        EmoError: The name is unknown.
    """
    if name not in _CATEGORY_LOSSES:
        raise unknown_name("category loss", name, _CATEGORY_LOSSES)
    return "raw" if name in _SQUARED_ERRORS else "sigmoid"


def _build(
    kind: str, name: str, known: dict[str, Callable[..., PersonLoss]], **arguments
) -> PersonLoss:
    if name not in known:
        raise unknown_name(kind, name, known)
    taken = inspect.signature(known[name]).parameters.keys() - {"name"}
    for argument in arguments:
        if argument not in taken:
            raise unknown_name(f"argument of {kind} {name!r}", argument, taken)
    with in_place(f"{kind} {name!r}"):
        return known[name](**arguments)
