"""The colours of labels, the same in every picture, as RGB of 0 to 255."""

import numpy as np

Colour = tuple[int, int, int]

EXPRESSION_COLOURS: dict[str, Colour] = {
    "angry": (214, 45, 45),
    "disgust": (92, 126, 22),
    "fear": (146, 72, 214),
    "happy": (255, 196, 46),
    "sad": (30, 104, 214),
    "surprise": (44, 212, 194),
    "neutral": (226, 229, 234),
}

GROUP_COLOURS: dict[str, Colour] = {
    "negative": (226, 62, 62),
    "neutral": (226, 229, 234),
    "positive": (64, 190, 112),
}


def ink_on(colour: Colour) -> Colour:
    """Returns black or white, whichever contrasts more with a colour (WCAG 2, luminance)."""
    linear = (np.array(colour) / 255) ** 2.2
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    return (0, 0, 0) if (luminance + 0.05) ** 2 > 1.05 * 0.05 else (255, 255, 255)
