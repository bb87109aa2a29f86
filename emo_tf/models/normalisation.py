"""From pixels to what backbones with published weights were trained on."""

from dataclasses import dataclass

from keras import layers


@dataclass(frozen=True)
class Normalisation:
    """The `mean` and `deviation` of a kind of picture, red, green, blue, on the scale of 0 to 1."""

    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Those of torchvision's published weights."""


def standardised(x, normalisation: Normalisation, *, name: str):
    """Returns pixels of 0 to 255 (..., 3) less the mean, as shares of the deviation.

    Args:
        x: The picture or pictures, RGB.
        normalisation: Mean and deviation.
        name: Name of the layer.
    """
    mean, deviation = normalisation.mean, normalisation.deviation
    return layers.Rescaling(
        [1 / (255 * d) for d in deviation],
        offset=[-m / d for m, d in zip(mean, deviation, strict=True)],
        # Pixels of 0 to 255 do not fit into half a float.
        dtype="float32",
        name=name,
    )(x)
