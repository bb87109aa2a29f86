"""From logits to probabilities, in numpy."""

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """Returns probabilities over the last axis of logits of any shape."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)
