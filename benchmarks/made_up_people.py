"""Made-up batches of people for EMOTIC's network, where only speed and equality matter."""

from collections.abc import Mapping

import numpy as np

from emo_tf.labels import EMOTIC_CATEGORIES, VAD
from emo_tf.models.context_fusion import NORMALISATION, SIZES

SHARE_OF_LABELS = 0.1
"""How likely a person carries a category: about as in EMOTIC, so that some are absent."""


def made_up_pixels(people: int) -> dict[str, np.ndarray]:
    """Returns `scene` and `body` of so many people, uint8 (B, H, W, 3); always the same."""
    random = np.random.default_rng(people)
    return {
        branch: random.integers(0, 256, (people, *size, 3), np.uint8)
        for branch, size in SIZES.items()
    }


def made_up_annotations(people: int) -> dict[str, np.ndarray]:
    """Returns `box` (B, 4), `categories` (B, 26) and `vad` (B, 3), float32; always the same."""
    random = np.random.default_rng(people)
    carried = random.random((people, len(EMOTIC_CATEGORIES))) < SHARE_OF_LABELS
    return {
        "box": np.full((people, 4), 0.5, np.float32),
        "categories": carried.astype(np.float32),
        "vad": random.integers(1, 11, (people, len(VAD))).astype(np.float32),
    }


def standardised(pixels: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns what PyTorch's network takes; for ours this is inside, and inside its time."""
    return {
        branch: np.moveaxis(
            (array.astype(np.float32) / 255 - NORMALISATION[branch].mean)
            / NORMALISATION[branch].deviation,
            -1,
            1,
        ).astype(np.float32)
        for branch, array in pixels.items()
    }
