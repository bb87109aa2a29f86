"""How far annotators of the same people agree with each other, in numpy."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from emo_tf.errors import EmoError, in_place
from emo_tf.metrics.checks import matrix

RESAMPLES = 2000
"""How often `kappa_interval` draws the people anew."""

_SEED = 0
_INTERVAL = (2.5, 97.5)
_NEARLY_NOTHING = 1e-12


def fleiss_kappa(votes: np.ndarray) -> float:
    """Returns Fleiss' kappa: 1 where annotators always agree, 0 where they do as chance would.

    With n_ik the annotators who put person i into class k, and n_i all annotators of the person:
    kappa = (P - Pe) / (1 - Pe), P being `pairwise_agreement` and Pe = sum_k p_k², where p_k is the
    mean over people of n_ik / n_i. Where everybody has as many annotators these are Fleiss'
    equations; otherwise every person counts alike, as Gwet has it.

    Args:
        votes: How many annotators put each person into each class, whole numbers of shape (N, C),
            two annotators or more a person, whose number may differ from person to person.

    Returns:
        -1 to 1; NaN where all votes go to one class, as nothing is left to agree about.

    Raises:
        EmoError: The array does not hold what is said above, or holds nobody.

    Example:
        >>> round(fleiss_kappa([[2, 0], [1, 1], [0, 2]]), 3)
        0.333

    Reference:
        Fleiss 1971, "Measuring nominal scale agreement among many raters", equations 1 to 7.
        Gwet 2014, "Handbook of Inter-Rater Reliability", 4th edition, on missing ratings.
    """
    votes = _checked_votes(votes)
    return float(_kappas(votes, np.full((1, len(votes)), 1 / len(votes)))[0])


def kappa_interval(votes: np.ndarray) -> tuple[float, float]:
    """Returns the ends of the 95 % interval of `fleiss_kappa`: how far chance in the people goes.

    The people are drawn `RESAMPLES` times with replacement, from a fixed seed; draws in which kappa
    is not defined are left out. The ends are percentiles of the others.

    Args:
        votes: As for `fleiss_kappa`.

    Returns:
        Both NaN where kappa is not defined.

    Raises:
        EmoError: As `fleiss_kappa`.

    Reference:
        Efron and Tibshirani 1993, "An introduction to the bootstrap", chapter 13.
    """
    # People with equal votes are one pattern: how often each is drawn is all that matters.
    patterns, people = np.unique(_checked_votes(votes), axis=0, return_counts=True)
    total = people.sum()
    drawn = np.random.default_rng(_SEED).multinomial(total, people / total, size=RESAMPLES)
    kappas = _kappas(patterns, drawn / total)
    kappas = kappas[~np.isnan(kappas)]
    if not kappas.size:
        return float("nan"), float("nan")
    low, high = np.percentile(kappas, _INTERVAL)
    return float(low), float(high)


def pairwise_agreement(votes: np.ndarray) -> float:
    """Returns the share of pairs of annotators of one person who agree, as a mean over people.

    Args:
        votes: As for `fleiss_kappa`.

    Raises:
        EmoError: As `fleiss_kappa`.

    Reference:
        Fleiss 1971, equations 2 and 3.
    """
    return float(_agreement_of_people(_checked_votes(votes)).mean())


def deviation_between_annotators(ratings: Sequence[np.ndarray]) -> np.ndarray:
    """Returns the standard deviation between a person's annotators, as a mean over people.

    Squares are divided by the annotators less one: a person has few of them.

    Args:
        ratings: For each person the annotators' numbers, of shape (annotators, D), two or more.

    Returns:
        Shape (D,), on the scale of the ratings.

    Raises:
        EmoError: The arrays do not hold what is said above, or there are none.
    """
    return np.mean([person.std(axis=0, ddof=1) for person in _checked_ratings(ratings)], axis=0)


def difference_between_annotators(ratings: Sequence[np.ndarray]) -> np.ndarray:
    """Returns how far two annotators of one person differ: a mean over pairs, then over people.

    Args:
        ratings: As for `deviation_between_annotators`.

    Returns:
        Absolute differences of shape (D,), on the scale of the ratings.

    Raises:
        EmoError: As `deviation_between_annotators`.
    """
    of_people = [
        np.mean([abs(one - other) for one, other in combinations(person, 2)], axis=0)
        for person in _checked_ratings(ratings)
    ]
    return np.mean(of_people, axis=0)


def _kappas(votes: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Returns kappa for each row of shares that the people have, shape (rows, N)."""
    observed = shares @ _agreement_of_people(votes)
    by_class = shares @ (votes / votes.sum(axis=1, keepdims=True))
    room = 1 - (by_class**2).sum(axis=1)
    defined = room > _NEARLY_NOTHING
    missed = np.divide(1 - observed, room, out=np.full(len(shares), np.nan), where=defined)
    return 1 - missed


def _agreement_of_people(votes: np.ndarray) -> np.ndarray:
    annotators = votes.sum(axis=1)
    return (votes * (votes - 1)).sum(axis=1) / (annotators * (annotators - 1))


def _checked_votes(votes: np.ndarray) -> np.ndarray:
    votes = matrix("votes", votes)
    odd = votes[(votes < 0) | (votes != np.floor(votes))]
    if odd.size:
        raise EmoError(f"votes: expected whole numbers from 0. Received: {odd[0]:g}")
    annotators = votes.sum(axis=1)
    if annotators.min() < 2:
        row = int(annotators.argmin())
        raise EmoError(
            "votes: expected two annotators or more for each person. "
            f"Received: {annotators[row]:g} in row {row}"
        )
    return votes


def _checked_ratings(ratings: Sequence[np.ndarray]) -> list[np.ndarray]:
    if not len(ratings):
        raise EmoError("ratings: expected at least one person. Received: none")
    checked = []
    for row, person in enumerate(ratings):
        with in_place(f"ratings, person {row}"):
            checked.append(matrix("annotators", person))
        if len(checked[-1]) < 2:
            raise EmoError(f"ratings, person {row}: expected two annotators or more. Received: 1")
    return checked
