"""Whether an export is good enough: its figures against limits, its own Keras model, a baseline."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from emo_tf.errors import EmoError, unknown_name
from emo_tf.export.checks import Check
from emo_tf.export.measured import Evaluation, Figures, MeasuredExport

# 0.67 - 0.01 is more than 0.66 in binary.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class QualityLimits:
    """What an export must reach.

    Attributes:
        minimum: Least value of each file, by metric.
        maximum: Most value of each file, by metric.
        max_drop: How much worse the primary metric of a file may be than that of the Keras model
            it was made from, and than that of the same file of the baseline.
        max_slice_drop: The same for each slice.
        min_slice: Slices with fewer examples are passed over.

    Raises:
        EmoError: A number cannot be used.
    """

    minimum: Mapping[str, float] = field(default_factory=dict)
    maximum: Mapping[str, float] = field(default_factory=dict)
    max_drop: float = 0.01
    max_slice_drop: float = 0.05
    min_slice: int = 30

    def __post_init__(self):
        for name, drop in {
            "max_drop": self.max_drop,
            "max_slice_drop": self.max_slice_drop,
        }.items():
            if not (math.isfinite(drop) and drop >= 0):
                raise EmoError(f"{name}: expected 0 or more. Received: {drop}")
        if self.min_slice < 1:
            raise EmoError(f"min_slice: expected 1 or more. Received: {self.min_slice}")


def judge_quality(
    export: MeasuredExport, limits: QualityLimits, *, baseline: MeasuredExport | None = None
) -> list[Check]:
    """Judges each file of an export by its figures.

    A figure that is missing or undefined does not pass, and neither does an export that was never
    measured, or a baseline that was measured on other examples.

    Args:
        export: What is to be served.
        limits: What it must reach.
        baseline: What is served until now; a file that it lacks is compared with its Keras model.

    Returns:
        The checks, those of one file after the other.

    Raises:
        EmoError: There is nothing to judge by, neither a limit nor a baseline, or a limit is of a
            metric that the export was not measured with.
    """
    if baseline is None and not limits.minimum and not limits.maximum:
        raise EmoError("bless: expected a baseline, or a limit of a metric. Received: neither")
    evaluation = export.evaluation
    if evaluation is None:
        return [Check("evaluation", None, "figures on examples with labels", False)]
    for metric in (*limits.minimum, *limits.maximum):
        if metric not in evaluation.better:
            raise unknown_name("metric", metric, evaluation.better)
    checks = [
        check
        for name, file in export.files.items()
        for check in (
            *_against_limits(name, file.figures, limits),
            *_against(name, file.figures, export.keras, "Keras", evaluation, limits),
        )
    ]
    if baseline is not None:
        checks += _against_baseline(export, baseline, evaluation, limits)
    return checks


def _against_limits(name: str, figures: Figures, limits: QualityLimits) -> Iterator[Check]:
    for better, wanted in (("higher", limits.minimum), ("lower", limits.maximum)):
        for metric, limit in wanted.items():
            value = figures.metrics.get(metric)
            passed = _is_within(value, limit, better)
            yield Check(f"{name}: {metric}", value, _bound(limit, better), passed)


def _against_baseline(
    export: MeasuredExport, baseline: MeasuredExport, evaluation: Evaluation, limits: QualityLimits
) -> Iterator[Check]:
    if baseline.task != export.task:
        yield Check("baseline: task", baseline.task, export.task, False)
        return
    other = baseline.evaluation
    is_same = other is not None and (other.examples_text, other.primary) == (
        evaluation.examples_text,
        evaluation.primary,
    )
    yield Check(
        "baseline: measured on",
        other and f"{other.primary} on {other.examples_text}",
        f"{evaluation.primary} on {evaluation.examples_text}",
        is_same,
    )
    if not is_same:
        return
    for name, file in export.files.items():
        if name in baseline.files:
            reference, title = baseline.files[name].figures, "baseline"
        else:
            reference, title = baseline.keras, "Keras of the baseline"
        yield from _against(name, file.figures, reference, title, evaluation, limits)


def _against(
    name: str,
    figures: Figures,
    reference: Figures,
    title: str,
    evaluation: Evaluation,
    limits: QualityLimits,
) -> Iterator[Check]:
    """Compares a file's primary metric, and that of each slice, with a reference called `title`."""
    metric, better = evaluation.primary, evaluation.better[evaluation.primary]
    yield _drop_check(
        f"{name}: {metric} against {title}",
        figures.metrics.get(metric),
        reference.metrics.get(metric),
        limits.max_drop,
        better,
    )
    for part, before in reference.slices.items():
        what = f"{name}: {part} against {title}"
        now = figures.slices.get(part)
        if now is None:
            yield Check(what, None, "a slice as there was before", False)
        elif max(now.examples, before.examples) < limits.min_slice:
            few = f"not judged: {now.examples} of {limits.min_slice} examples"
            yield Check(what, now.value, few, None)
        elif now.value is None and before.value is None:
            yield Check(what, None, f"not judged: {metric} is not defined there", None)
        else:
            yield _drop_check(what, now.value, before.value, limits.max_slice_drop, better)


def _drop_check(
    name: str, value: float | None, before: float | None, most: float, better: str
) -> Check:
    if before is None or not math.isfinite(before):
        return Check(name, value, "a figure to compare with", False)
    limit = before - most if better == "higher" else before + most
    text = f"{_bound(limit, better)} ({before:.4g} before)"
    return Check(name, value, text, _is_within(value, limit, better))


def _is_within(value: float | None, limit: float, better: str) -> bool:
    """Tells whether a value is at least the limit, or at most where lower is better."""
    if value is None or not math.isfinite(value):
        return False
    return value >= limit - _ROUNDING if better == "higher" else value <= limit + _ROUNDING


def _bound(limit: float, better: str) -> str:
    return f"at {'least' if better == 'higher' else 'most'} {limit:.4g}"
