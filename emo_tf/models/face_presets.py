"""The crops of faces that networks are trained on, as far as a network has to know them.

`runtime.face_align` cuts them out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from emo_tf.models.normalisation import Normalisation


@dataclass(frozen=True)
class FacePreset:
    """What the crops of a preset are.

    Attributes:
        size: Height and width in pixels; None where the model chooses.
        normalisation: What a network that takes no pixels wants them standardised by.
    """

    size: tuple[int, int] | None
    normalisation: Normalisation


SHARE = Normalisation((0.0,) * 3, (1.0,) * 3)
"""Pixels as shares of 255."""

FACE_PRESETS: Mapping[str, FacePreset] = MappingProxyType(
    {
        # Gupta et al. 2018, as published with their code.
        "vlgiitr": FacePreset((96, 112), SHARE),
        # Liu et al. 2017: (x - 127.5) / 128.
        "sphereface": FacePreset((112, 96), Normalisation((0.5,) * 3, (128 / 255,) * 3)),
        "box": FacePreset(None, SHARE),
    }
)
"""Every preset by name."""
