"""Places inside a backbone where another model may change its maps."""

from collections.abc import Callable
from dataclasses import dataclass

Hook = Callable[[object, str], object]
"""From a map (B, H, W, C) and a name for the layer to a map of the same shape."""


def unchanged(x, name: str):
    """Returns a map, `x`, as it is: the hook of a plain backbone, whatever the layer's `name`."""
    del name
    return x


@dataclass(frozen=True)
class Hooks:
    """What is done to the maps of a backbone besides its own arithmetic.

    Attributes:
        branch: Applied to what goes into each residual branch; the shortcut beside it stays.
        stage: Applied to what goes from a stage to the next, the shortcut included.
    """

    branch: Hook = unchanged
    stage: Hook = unchanged


NO_HOOKS = Hooks()
"""Those of a plain backbone."""
