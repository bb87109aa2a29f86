"""What the verdicts on pictures whose class is known are worth, source by source."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.groups.class_arrays import checked_classes
from emo_tf.groups.rounded_figures import DIGITS
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.metrics.classification import confusion_matrix
from emo_tf.metrics.example_slices import ExampleSlices
from emo_tf.metrics.probability_figures import bootstrap_intervals, probability_figures
from emo_tf.metrics.sliced_figures import class_figures
from emo_tf.metrics.slices import Sliced
from emo_tf.results import GROUP_EVIDENCE, PhotoResult

OF_ALL = ("accuracy", "balanced_accuracy")
"""Figures in which a picture without a verdict counts as one that was judged wrong."""

OF_VERDICTS = {"accuracy": "accuracy_of_verdicts", "log_loss": "log_loss", "ece": "ece"}
"""Figures of the pictures with a verdict, by what `probability_figures` calls them."""

_CLASSES = len(GROUP_EMOTIONS)


@dataclass(frozen=True, eq=False)
class GroupVerdicts:
    """The verdicts of every source on N pictures whose class is known.

    Attributes:
        results: What was found in each picture.
        actual: True class indices of shape (N,).
        sources: The M sources that have a verdict on some picture; faces come first, also where
            there are none.
        probabilities: Shape (N, M, 3) in the order of `labels.GROUP_EMOTIONS`, NaN in the row of a
            source without a verdict on the picture.
        followed: The distribution that the picture's verdict follows, shape (N, 3), NaN without.
    """

    results: tuple[PhotoResult, ...]
    actual: np.ndarray
    sources: tuple[str, ...]
    probabilities: np.ndarray
    followed: np.ndarray

    @classmethod
    def of_results(cls, results: Sequence[PhotoResult], actual: Sequence[int]) -> "GroupVerdicts":
        """Gathers what was found in pictures.

        Args:
            results: At least one, of pictures that could be read.
            actual: The class index of each.

        Raises:
            EmoError: There is no picture, or another number of classes.
        """
        if not results:
            raise EmoError("results: expected at least one picture. Received: none")
        verdicts = [result.group.verdicts if result.group else {} for result in results]
        met = {name for its_verdicts in verdicts for name, one in its_verdicts.items() if one}
        named = dict.fromkeys(name for its_verdicts in verdicts for name in its_verdicts)
        sources = tuple(
            name
            for name in (*GROUP_EVIDENCE, *(name for name in named if name not in GROUP_EVIDENCE))
            if name in met or name == GROUP_EVIDENCE[0]
        )
        probabilities = [[_row(one.get(name)) for name in sources] for one in verdicts]
        followed = [_row(result.group and result.group.probabilities) for result in results]
        return cls(
            tuple(results),
            checked_classes(actual, count=len(results)),
            sources,
            np.array(probabilities),
            np.array(followed),
        )

    def measure_apart(self, slices: ExampleSlices | None) -> tuple[Sliced, ...]:
        """Returns what is followed by what pictures have in common, none being a wrong verdict.

        Args:
            slices: Columns of the N pictures; `None` for none.
        """
        if slices is None:
            return ()
        tops = np.nan_to_num(self.followed).argmax(axis=1)
        predicted = np.where(_abstains(self.followed), _CLASSES, tops)
        return slices.measure(class_figures(self.actual, predicted, names=GROUP_EMOTIONS))

    @property
    def follows(self) -> Mapping[str, int]:
        """How many pictures follow which source, the most first."""
        return dict(Counter(one.group.source for one in self.results if one.group).most_common())

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many pictures have no verdict for which reason, the most first."""
        return dict(Counter(one.reason for one in self.results if not one.group).most_common())


def evaluate_group(verdicts: GroupVerdicts) -> dict[str, object]:
    """Measures the verdicts of each source, and those that are followed.

    Returns:
        Plain types, as JSON takes them: `classes`; the numbers of `pictures`, `pictures_by_class`
        and `without_verdict`; `reasons`, how often a picture has none for which reason; `follows`,
        the number of pictures that follow each source;
        `verdict`, the figures of what is followed, and `sources`, those of each source. Figures
        are `accuracy` and `balanced_accuracy`, a picture without a verdict counted as wrong;
        `accuracy_of_verdicts`, `log_loss` and `ece` of those with one, `None` where there are
        none; 95 % `intervals` of each by resampling pictures; `verdicts`, the number of pictures
        with one; `confusion` of shape (3, 3), rows the true classes, and `without_verdict`, the
        rest of each class.
    """
    by_class = np.bincount(verdicts.actual, minlength=_CLASSES).tolist()
    return {
        "classes": list(GROUP_EMOTIONS),
        "pictures": len(verdicts.results),
        "pictures_by_class": dict(zip(GROUP_EMOTIONS, by_class, strict=True)),
        "without_verdict": int(_abstains(verdicts.followed).sum()),
        "reasons": dict(verdicts.reasons),
        "follows": dict(verdicts.follows),
        "verdict": verdict_figures(verdicts.followed, verdicts.actual),
        "sources": {
            source: verdict_figures(verdicts.probabilities[:, index], verdicts.actual)
            for index, source in enumerate(verdicts.sources)
        },
    }


def verdict_figures(probabilities: np.ndarray, actual: np.ndarray) -> dict[str, object]:
    """Returns the figures of one source; see `evaluate_group`.

    Args:
        probabilities: Shape (N, 3), NaN in the row of a picture without a verdict; N at least 1.
        actual: True class indices of shape (N,).
    """
    abstains = _abstains(probabilities)
    # No verdict is a fourth class, which no picture is of.
    of_all = np.column_stack([np.where(abstains[:, None], 0, probabilities), abstains])
    values = probability_figures(of_all, actual)
    ends = bootstrap_intervals(of_all, actual)
    figures: dict[str, object] = {name: values[name] for name in OF_ALL}
    intervals: dict[str, object] = {name: ends[name] for name in OF_ALL}
    judged = probabilities[~abstains], actual[~abstains]
    values = probability_figures(*judged) if len(judged[0]) else {}
    ends = bootstrap_intervals(*judged) if len(judged[0]) else {}
    figures |= {name: values.get(key) for key, name in OF_VERDICTS.items()}
    intervals |= {name: ends.get(key) for key, name in OF_VERDICTS.items()}
    confusion = confusion_matrix(actual, of_all.argmax(axis=1), classes=_CLASSES + 1)[:_CLASSES]
    return {
        **{name: _rounded(value) for name, value in figures.items()},
        "intervals": {
            name: None if ends is None else [_rounded(end) for end in ends]
            for name, ends in intervals.items()
        },
        "verdicts": int((~abstains).sum()),
        "confusion": confusion[:, :_CLASSES].tolist(),
        "without_verdict": confusion[:, _CLASSES].tolist(),
    }


def _row(distribution: Mapping[str, float] | None) -> list[float]:
    return [distribution[name] if distribution else np.nan for name in GROUP_EMOTIONS]


def _abstains(probabilities: np.ndarray) -> np.ndarray:
    return np.isnan(probabilities).all(axis=1)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
