"""Which of a labeller's labels count."""

from collections.abc import Iterable
from dataclasses import dataclass

from emo_tf.errors import EmoError


@dataclass(frozen=True)
class LabelChoice:
    """The best labels of a picture, those that are certain enough.

    Attributes:
        top: How many at most.
        min_score: Smallest score of a label.

    Raises:
        EmoError: `top` is below 1 or `min_score` outside 0 to 1.

    Example:
        >>> LabelChoice(top=2, min_score=0.1).of([("pub", 0.2), ("stage", 0.7), ("sky", 0.05)])
        ('stage', 'pub')
    """

    top: int
    min_score: float

    def __post_init__(self):
        if self.top < 1:
            raise EmoError(f"top: expected 1 or more. Received: {self.top}")
        if not 0 <= self.min_score <= 1:
            raise EmoError(f"min_score: expected 0 to 1. Received: {self.min_score}")

    def of(self, scored: Iterable[tuple[str, float]]) -> tuple[str, ...]:
        """Returns the labels that count by falling score, each once, given labels and scores."""
        falling = sorted(scored, key=lambda pair: -pair[1])
        counted = dict.fromkeys(label for label, score in falling if score >= self.min_score)
        return tuple(counted)[: self.top]
