"""Several annotators' answers about one person, taken together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import multimode

import numpy as np

from emo_tf.annotation.answer import CANNOT_TELL, Answer
from emo_tf.corpora.emotic_layout import Annotation
from emo_tf.labels import EMOTIC_CATEGORIES


def combined_labels(answers: Sequence[Answer], *, least_votes: int) -> Annotation | None:
    """Returns categories and VAD of a person by all who answered.

    Args:
        answers: Of one person, one or more.
        least_votes: How many annotators have to choose a category.

    Returns:
        The categories that enough annotators chose and the mean of VAD. `None` where no category
        has votes enough, unless enough annotators said that none applies.
    """
    votes = Counter(name for answer in answers for name in answer.categories)
    categories = tuple(name for name in EMOTIC_CATEGORIES if votes[name] >= least_votes)
    none_applies = sum(answer.none_applies for answer in answers)
    if not categories and none_applies < least_votes:
        return None
    vad = np.mean([answer.vad for answer in answers], axis=0)
    return Annotation(categories, tuple(vad.tolist()))


def most_told(choices: Iterable[str]) -> str:
    """Returns the gender or the age that most of those who could tell chose.

    Args:
        choices: Of each annotator; `""` of one who could not tell.

    Returns:
        `""` where nobody could tell, and at a tie.
    """
    modes = multimode(choice for choice in choices if choice != CANNOT_TELL)
    return modes[0] if len(modes) == 1 else CANNOT_TELL
