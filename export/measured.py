"""What the report of an export says of its files, as far as a blessing stands on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.folder import REPORT, read_report

BETTER = ("higher", "lower")
TFLITE_SUFFIX = ".tflite"


@dataclass(frozen=True)
class Evaluation:
    """On which examples an export was measured, and how its figures are to be read.

    Attributes:
        dataset: Name of the data set.
        split: Its split.
        examples: How many of it.
        primary: The metric that matters most, which is known by slice too.
        better: `higher` or `lower`, by metric.
    """

    dataset: str
    split: str
    examples: int
    primary: str
    better: Mapping[str, str]

    def __post_init__(self):
        for metric, direction in self.better.items():
            if direction not in BETTER:
                raise ValueError(f"{metric} that is better if {direction}")
        if self.primary not in self.better:
            raise ValueError(f"no direction of its metric {self.primary}")

    @property
    def examples_text(self) -> str:
        """The examples in words."""
        return f"{self.examples} examples of {self.dataset}, split {self.split}"


@dataclass(frozen=True)
class Slice:
    """A part of the examples: how many `examples`, and the primary metric, `value`, if defined."""

    examples: int
    value: float | None


@dataclass(frozen=True)
class Figures:
    """All `metrics` by name, on all examples, and `slices` by name."""

    metrics: Mapping[str, float | None]
    slices: Mapping[str, Slice]


@dataclass(frozen=True)
class ExportedFile:
    """A file, or the SavedModel, of an export.

    Attributes:
        name: `saved_model`, or the precision of a `.tflite` file.
        path: Where it lies.
        sha256: What its digest was.
        differences: Largest difference from Keras as a share of the output's largest value, by the
            library that ran the file and by output.
        figures: What it scored.
    """

    name: str
    path: Path
    sha256: str
    differences: Mapping[str, Mapping[str, float | None]]
    figures: Figures

    @property
    def is_tflite(self) -> bool:
        """Whether it is a `.tflite` file."""
        return self.path.suffix == TFLITE_SUFFIX


@dataclass(frozen=True)
class MeasuredExport:
    """An export with what its report says.

    Attributes:
        folder: Where the report lies.
        task: What the model does.
        evaluation: The examples; `None` where there were none with labels.
        keras: What the model scored before it was exported.
        files: The files by name.
    """

    folder: Path
    task: str
    evaluation: Evaluation | None
    keras: Figures
    files: Mapping[str, ExportedFile]


def read_measured(folder: Path) -> MeasuredExport:
    """Reads the report of an export.

    Args:
        folder: The export, or `report_folder` of what is served.

    Raises:
        EmoError: The folder is no export, or its report is damaged or of a later format.
    """
    folder = Path(folder)
    report = read_report(folder)
    try:
        return _measured(folder, report)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        lacks = f"one without {error}" if isinstance(error, KeyError) else f"one with {error}"
        raise EmoError(
            f"{folder / REPORT}: expected the report of an export. Received: {lacks}"
        ) from error


def _measured(folder: Path, report: Mapping) -> MeasuredExport:
    evaluation = report["evaluation"]
    if evaluation is not None:
        evaluation = Evaluation(
            dataset=evaluation["dataset"],
            split=evaluation["split"],
            examples=int(evaluation["examples"]),
            primary=evaluation["primary"],
            better=dict(evaluation["better"]),
        )
    return MeasuredExport(
        folder=folder,
        task=_text(report["model"]["task"]),
        evaluation=evaluation,
        keras=_figures(report["keras"], evaluation),
        files={
            name: ExportedFile(
                name=name,
                path=folder / _plain_name(values["path"]),
                sha256=_text(values["sha256"]),
                differences={
                    library: {output: _number(sizes["relative"]) for output, sizes in by.items()}
                    for library, by in values.get("difference", {}).items()
                },
                figures=_figures(values, evaluation),
            )
            for name, values in report["files"].items()
        },
    )


def _figures(values: Mapping, evaluation: Evaluation | None) -> Figures:
    if evaluation is None:
        return Figures({}, {})
    return Figures(
        metrics={name: _number(value) for name, value in values.get("metrics", {}).items()},
        slices={
            name: Slice(int(part["examples"]), _number(part[evaluation.primary]))
            for name, part in values.get("slices", {}).items()
        },
    )


def _number(value: object) -> float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError(f"{value!r} for a number")
    return None if value is None else float(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} for a text")
    return value


def _plain_name(value: object) -> str:
    name = _text(value)
    if name in ("", "..") or Path(name).name != name:
        raise ValueError(f"{name!r} for the name of a file in it")
    return name
