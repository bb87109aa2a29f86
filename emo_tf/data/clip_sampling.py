"""Which clips an epoch shows, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emo_tf.data.clip_source import LOTS
from emo_tf.data.pipeline import epoch_order
from emo_tf.labels import EXPRESSIONS

_NEUTRAL = EXPRESSIONS.index("neutral")


@dataclass(frozen=True, eq=False)
class DrawnClips:
    """The clips of an epoch in their order.

    Attributes:
        sources: Which source each is from, int64 (N,).
        places: Where it stands in that, int64 (N,).
        lots: Numbers of 0 to below 1 for what else is drawn, (N, LOTS).
    """

    sources: np.ndarray
    places: np.ndarray
    lots: np.ndarray


def class_chances(labels: np.ndarray, *, neutral_share: float) -> np.ndarray:
    """Returns how likely each expression is drawn, shape (C,).

    Args:
        labels: Those that there are, (N,).
        neutral_share: Probability of neutral; the others that occur are equally likely. Where
            there is no neutral, or nothing else, what is there has it all.
    """
    chances = np.zeros(len(EXPRESSIONS))
    others = np.setdiff1d(labels, [_NEUTRAL])
    if len(others):
        chances[others] = (1 - neutral_share) / len(others)
    if _NEUTRAL in labels:
        chances[_NEUTRAL] = neutral_share
    return chances / chances.sum()


def draw_with_replacement(
    labels: Sequence[np.ndarray],
    *,
    count: int,
    shares: Sequence[float],
    neutral_share: float | None,
    order: tuple[int, int],
) -> DrawnClips:
    """Draws the clips of an epoch, a function of the arguments alone.

    Args:
        labels: Of each source, (N,).
        count: How many to draw.
        shares: How likely each source is, in proportion.
        neutral_share: As for `class_chances`; `None` draws all clips of a source alike.
        order: Seed and epoch.
    """
    rng = np.random.default_rng([*order, 3])
    chances = np.asarray(shares, float) / np.sum(shares)
    sources = rng.choice(len(labels), size=count, p=chances)
    places = np.zeros(count, np.int64)
    for source, own in enumerate(labels):
        (of_source,) = np.nonzero(sources == source)
        if neutral_share is None:
            places[of_source] = rng.integers(len(own), size=len(of_source))
            continue
        by_class = np.argsort(own, kind="stable")
        sizes = np.bincount(own, minlength=len(EXPRESSIONS))
        ends = np.cumsum(sizes)
        chances = class_chances(own, neutral_share=neutral_share)
        drawn = rng.choice(len(EXPRESSIONS), size=len(of_source), p=chances)
        within = rng.integers(sizes[drawn])
        places[of_source] = by_class[(ends - sizes)[drawn] + within]
    return DrawnClips(sources, places, rng.random((count, LOTS)))


def shuffle_all(counts: Sequence[int], *, order: tuple[int, int]) -> DrawnClips:
    """Returns every clip of all sources once, shuffled.

    Args:
        counts: Clips of each source.
        order: Seed and epoch.
    """
    places = epoch_order(sum(counts), seed=order[0], epoch=order[1])
    starts = np.cumsum([0, *counts[:-1]])
    sources = np.searchsorted(starts, places, side="right") - 1
    lots = np.random.default_rng([*order, 3]).random((len(places), LOTS))
    return DrawnClips(sources, places - starts[sources], lots)
