"""Whether an export works where it is to run: its files are whole, load, answer and are fast."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from emo_tf.errors import EmoError, unknown_name
from emo_tf.export import probe_predict, probe_serve
from emo_tf.export.checks import Check
from emo_tf.export.folder import SAVED_MODEL, digest, tflite_name
from emo_tf.export.measured import ExportedFile, MeasuredExport
from emo_tf.export.operations import CUSTOM, operations
from emo_tf.export.probe import probe

TOLERANCES = {SAVED_MODEL: 1e-3, "float32": 1e-3, "float16": 1e-2}
"""Largest difference from Keras, as a share of the output's largest value, by file.

None for int8: its figures tell whether the integers are good enough.
"""

_HASH_DIGITS = 12


@dataclass(frozen=True)
class InfrastructureLimits:
    """What an export must stand.

    Attributes:
        tolerances: Largest difference from Keras, as a share of the output's largest value, by
            file; those of `TOLERANCES` where it names none.
        latency_ms: What the median call of a `.tflite` file may take for one example, on one
            thread and on two; `None` for no matter what.
        time_limit_s: How long each fresh process may take.

    Raises:
        EmoError: A number cannot be used.
    """

    tolerances: Mapping[str, float] = field(default_factory=dict)
    latency_ms: float | None = None
    time_limit_s: float = 60.0

    def __post_init__(self):
        for name, tolerance in self.tolerances.items():
            if not (math.isfinite(tolerance) and tolerance >= 0):
                raise EmoError(f"tolerance of {name}: expected 0 or more. Received: {tolerance}")
        for name, value in (("latency_ms", self.latency_ms), ("time_limit_s", self.time_limit_s)):
            if value is not None and not (math.isfinite(value) and value > 0):
                raise EmoError(f"{name}: expected more than 0. Received: {value}")


Probe = Callable[[ExportedFile, str, InfrastructureLimits], list[Check]]


def _in_the_runtime(file: ExportedFile, task: str, limits: InfrastructureLimits) -> list[Check]:
    if not file.is_tflite:
        return []
    return probe(
        "tflite", file.path, time_limit_s=limits.time_limit_s, latency_ms=limits.latency_ms
    )


def _on_the_command_line(
    file: ExportedFile, task: str, limits: InfrastructureLimits
) -> list[Check]:
    if not file.is_tflite or task not in probe_predict.TASKS:
        return []
    return probe_predict.probe(file.path, task=task, time_limit_s=limits.time_limit_s)


def _over_http(file: ExportedFile, task: str, limits: InfrastructureLimits) -> list[Check]:
    if not file.is_tflite:
        return []
    return probe_serve.probe(file.path, time_limit_s=limits.time_limit_s)


def _in_tensorflow(file: ExportedFile, task: str, limits: InfrastructureLimits) -> list[Check]:
    if file.is_tflite:
        return []
    return probe("saved_model", file.path, time_limit_s=limits.time_limit_s)


PROBES: tuple[Probe, ...] = (_in_the_runtime, _on_the_command_line, _over_http, _in_tensorflow)
"""Called with each file in turn, the task of the model and the limits.

Each starts fresh processes and returns its checks, none for a file of another kind.
"""


def judge_infrastructure(
    export: MeasuredExport,
    limits: InfrastructureLimits,
    *,
    say: Callable[[str], None] = lambda _: None,
) -> list[Check]:
    """Judges whether each file of an export is whole, equals Keras, loads and answers.

    Args:
        export: What is to be served.
        limits: What it must stand.
        say: Called with the name of each file before it is loaded.

    Returns:
        The checks, those of one file after the other.

    Raises:
        EmoError: There is a tolerance for a file that the export does not have.
    """
    for name in limits.tolerances:
        if name not in export.files:
            raise unknown_name("file of a tolerance", name, export.files)
    tolerances = {**TOLERANCES, **limits.tolerances}
    checks = [*_unreported(export)]
    for name, file in export.files.items():
        say(name)
        found = [_as_reported(file), *_parity(file, tolerances.get(name))]
        if file.is_tflite:
            found.append(_built_in(file.path))
        if file.path.exists():
            for ask in PROBES:
                found += ask(file, export.task, limits)
        checks += [replace(check, name=f"{name}: {check.name}") for check in found]
    return checks


def _unreported(export: MeasuredExport) -> Iterator[Check]:
    """Yields a check that the report knows every model in the folder."""
    reported = {file.path.name for file in export.files.values()}
    there = [*export.folder.glob(tflite_name("*")), *export.folder.glob(SAVED_MODEL)]
    strange = sorted(path.name for path in there if path.name not in reported)
    received = f"{', '.join(strange)} besides" if strange else f"{len(reported)} of the report"
    limit = "those of the report alone, one at least"
    yield Check("models", received, limit, not strange and bool(reported))


def _as_reported(file: ExportedFile) -> Check:
    found = digest(file.path) if file.path.exists() else None
    return Check(
        "SHA-256",
        found and found[:_HASH_DIGITS],
        f"{file.sha256[:_HASH_DIGITS]} of the report",
        found == file.sha256,
    )


def _parity(file: ExportedFile, tolerance: float | None) -> Iterator[Check]:
    found = {
        f"{output} in {library}": difference
        for library, by_output in file.differences.items()
        for output, difference in by_output.items()
    } or {"outputs": None}
    for name, difference in found.items():
        if tolerance is None:
            yield Check(name, difference, "not judged: no tolerance", None)
        else:
            passed = difference is not None and difference <= tolerance
            yield Check(name, difference, f"at most {tolerance:g} off Keras", passed)


def _built_in(path: Path) -> Check:
    limit = "TFLite's own alone"
    try:
        found = operations(path)
    except EmoError as error:
        return Check("operations", str(error), limit, False)
    custom = [name for name in found if name.startswith(CUSTOM)]
    received = ", ".join(custom) or f"{len(found)} kinds of TFLite's own"
    return Check("operations", received, limit, not custom)
