"""The best that a twin's labels can be known from each source of evidence."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Oracle:
    """Scores that no model can be expected to pass, by what it looks at.

    They take for granted that a model sees all that is drawn and knows the rule that the labels
    follow. By luck a model may still pass them on the few examples of a small twin.

    Attributes:
        measured_on: Which examples, such as `"test, 40 people"`.
        metrics: Names of the scores, in order.
        scores: Scores in the order of `metrics`, by source of evidence; `"none"` is a guess that
            looks at nothing.
    """

    measured_on: str
    metrics: tuple[str, ...]
    scores: Mapping[str, tuple[float, ...]]
