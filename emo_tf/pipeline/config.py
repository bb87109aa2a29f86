"""The file of a pipeline: TOML, one table a step."""

import dataclasses
import tomllib
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.pipeline import experiments

_T = TypeVar("_T")
_KINDS = {
    Path: "a path, as text",
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple[str, ...]: "a list of texts",
    tuple[Path, ...]: "a path, as text, or a list of them",
    Mapping[str, float]: "a table of numbers",
}


@dataclass(frozen=True, kw_only=True)
class Build:
    """`emo-tf data build`, of raw files or of a twin that is drawn first.

    Attributes:
        manual_dir: Folder with the raw files.
        miniature: How many people or faces the twin has, in place of raw files.
        seed: Another seed draws another twin.
    """

    manual_dir: Path | None = None
    miniature: int | None = None
    seed: int | None = None

    def __post_init__(self):
        if (self.manual_dir is None) == (self.miniature is None):
            received = "neither" if self.miniature is None else "both"
            raise EmoError(f"expected manual_dir or miniature. Received: {received}")
        if self.seed is not None and self.miniature is None:
            raise EmoError(f"expected seed with miniature alone. Received: seed={self.seed}")


@dataclass(frozen=True, kw_only=True)
class Train:
    """`emo-tf train`; the attributes are its options."""

    set: tuple[str, ...] = ()
    strategy: str | None = None
    init: tuple[Path, ...] = ()
    scene_backbone: Path | None = None
    body_backbone: Path | None = None
    photographs: Path | None = None
    smoke: bool = False


@dataclass(frozen=True, kw_only=True)
class Evaluate:
    """`emo-tf evaluate --run`; the attributes are its options.

    Attributes:
        split: By default EMOTIC's `test`, or `eval` of groups.
        ablate: For EMOTIC alone.
    """

    split: str | None = None
    ablate: bool = False


@dataclass(frozen=True, kw_only=True)
class Export:
    """`emo-tf export`; the attributes are its options."""

    out: Path | None = None
    precision: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, kw_only=True)
class Bless:
    """`emo-tf bless`; the attributes are its options."""

    baseline: Path | None = None
    min: Mapping[str, float] = dataclasses.field(default_factory=dict)
    max: Mapping[str, float] = dataclasses.field(default_factory=dict)
    max_drop: float | None = None
    max_slice_drop: float | None = None
    min_slice: int | None = None
    latency_ms: float | None = None
    tolerance: Mapping[str, float] = dataclasses.field(default_factory=dict)
    time_limit: float | None = None


@dataclass(frozen=True, kw_only=True)
class Push:
    """`emo-tf push`; the attributes are its options."""

    to: Path
    keep: int | None = None


@dataclass(frozen=True, kw_only=True)
class PipelineConfig:
    """What a pipeline does. A step whose table is left out is left out.

    Attributes:
        folder: The folder of the file, which every path in it is relative to.
        experiment: Name of the experiment.
        run: Folder of the run; `runs/EXPERIMENT` where `None`.
        data_dir: Where prepared data sets lie.
        build: The first step, or the second where a twin is drawn before.
        train: The next step, and so on.
        evaluate: For EMOTIC and groups.
        export: What follows looks for the export in `RUN/export` where this is left out.
        bless: The gate.
        push: The last step.
    """

    folder: Path
    experiment: str
    run: Path | None = None
    data_dir: Path = Path("data")
    build: Build | None = None
    train: Train | None = None
    evaluate: Evaluate | None = None
    export: Export | None = None
    bless: Bless | None = None
    push: Push | None = None

    def __post_init__(self):
        if self.experiment not in experiments.names():
            raise unknown_name("experiment", self.experiment, experiments.names())
        if self.evaluate is not None and self.task == "expression":
            raise EmoError(
                "evaluate: expected this table for EMOTIC or groups; expressions are measured by "
                f"training itself. Received: experiment={self.experiment}"
            )
        if self.evaluate is not None and self.evaluate.ablate and self.task != "emotic":
            raise EmoError(
                "evaluate: ablate: expected true for EMOTIC alone. "
                f"Received: experiment={self.experiment}"
            )
        tables = (self.build, self.train, self.evaluate, self.export, self.bless, self.push)
        if not any(table is not None for table in tables):
            raise EmoError("expected the table of at least one step, such as [train]. Received: 0")

    @property
    def task(self) -> str:
        """`emotic`, `expression` or `group`."""
        return experiments.task(self.experiment)

    @property
    def dataset(self) -> str:
        """The data set that the experiment is trained on."""
        return experiments.dataset(self.experiment)

    @property
    def run_dir(self) -> Path:
        """Folder of the run, relative to `folder`."""
        return self.run or Path("runs") / self.experiment

    @property
    def evaluated_split(self) -> str:
        """The split that is evaluated: as the file says, or one that nothing is chosen on."""
        held_out = "test" if self.dataset == "emotic" else "eval"
        return (self.evaluate and self.evaluate.split) or held_out

    @property
    def export_dir(self) -> Path:
        """Folder of the export, relative to `folder`."""
        return (self.export and self.export.out) or self.run_dir / "export"


def read_config(path: Path) -> PipelineConfig:
    """Reads the file of a pipeline.

    Paths may begin with `~`; relative ones stay relative to the folder of the file.

    Raises:
        EmoError: The file cannot be read, is no TOML, or holds a table, key or value that cannot
            be used; it is named, with close matches of unknown names.
    """
    path = Path(path)
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise EmoError(f"{path}: expected a TOML file. Received: {error.strerror}") from error
    except ValueError as error:
        raise EmoError(f"{path}: expected TOML. Received: {error}") from error
    with in_place(str(path)):
        return _table(values, PipelineConfig, folder=path.parent)


def _table(values: dict[str, Any], kind: type[_T], **given: Path) -> _T:
    """Returns the dataclass that a table stands for; what is `given` cannot be in the table."""
    hints = get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind) if field.name not in given}
    read = {}
    for name, value in values.items():
        if name not in fields:
            raise unknown_name("table" if isinstance(value, dict) else "key", name, fields)
        with in_place(name):
            read[name] = _read(value, hints[name])
    for name, field in fields.items():
        optional = {field.default, field.default_factory} != {dataclasses.MISSING}
        if name not in read and not optional:
            raise EmoError(f"expected the key {name}. Received: {', '.join(values) or 'none'}")
    return kind(**given, **read)


def _read(value: object, hint: Any) -> object:
    # `X | None` only says that the key may be left out: TOML has no null.
    kind = next(iter(get_args(hint))) if isinstance(hint, types.UnionType) else hint
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise EmoError(f"expected a table. Received: {value!r}")
        return _table(value, kind)
    match kind, value:
        case (_, "") if kind is Path:
            pass
        case (_, str()) if kind is Path:
            return Path(value).expanduser()
        case (_, str() | list()) if kind == tuple[Path, ...]:
            paths = value if isinstance(value, list) else [value]
            if all(isinstance(path, str) and path for path in paths):
                return tuple(Path(path).expanduser() for path in paths)
        case (_, list()) if kind == tuple[str, ...] and all(isinstance(x, str) for x in value):
            return tuple(value)
        case (_, dict()) if kind == Mapping[str, float] and all(map(_is_number, value.values())):
            return value
        case _ if kind is float and _is_number(value):
            return value
        case _ if type(value) is kind:
            return value
    raise EmoError(f"expected {_KINDS[kind]}. Received: {value!r}")


def _is_number(value: object) -> bool:
    return type(value) in (int, float)
