"""People with categories and scores: a reference, and ones that are drawn."""

from collections.abc import Callable

import numpy as np
import pytest


@pytest.fixture(scope="session")
def emotic_golden(shared) -> dict[str, np.ndarray]:
    """Labels, scores and figures of 400 people, worked out by other code."""
    path = shared / "goldens" / "emotic_metrics.npz"
    if not path.is_file():
        pytest.skip(f"no {path}")
    with np.load(path) as arrays:
        return dict(arrays)


@pytest.fixture(scope="session")
def draw_people() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Draws labels and scores of shape (people, categories), the scores on a grid of `levels`.

    A coarse grid makes heavy ties. The last category has no positive example.
    """

    def draw(*, people: int, categories: int, levels: int, seed: int = 0):
        rng = np.random.default_rng(seed)
        labels = rng.random((people, categories)) < 0.3
        labels[0] = True  # one positive at least
        labels[:, -1] = False
        scores = rng.random((people, categories)) + 0.3 * labels
        return labels, np.round(scores * levels) / levels

    return draw
