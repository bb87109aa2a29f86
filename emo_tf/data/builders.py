"""Finds the TFDS builders that travel with the package and prepares their data sets."""

import contextlib
import importlib
import io
import logging
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import tensorflow_datasets as tfds

from emo_tf.errors import EmoError, unknown_name

if TYPE_CHECKING:  # TFDS loads TensorFlow only where it needs it, and so do we.
    import tensorflow as tf

FILE_FORMATS = ("tfrecord", "array_record")
"""The formats that a data set can be prepared in, the default first."""


_WORKERS_ERROR = re.compile(rf"^{EmoError.__module__}\.{EmoError.__name__}: (.*)$", re.MULTILINE)
_BEAMS_STEP = re.compile(r" \[while running '[^']*'\]$")


@dataclass(frozen=True)
class Requirement:
    """One thing that the raw files of a data set must hold.

    Attributes:
        alternatives: Where it may lie, best first; any one is enough.
    """

    alternatives: tuple[Path, ...]

    @property
    def found(self) -> Path | None:
        """The first of the alternatives that is there."""
        return next((path for path in self.alternatives if path.exists()), None)


def names() -> tuple[str, ...]:
    """Returns the names of the data sets that have a builder, sorted."""
    return tuple(
        sorted(path.parent.name for path in _builders_dir().glob("*/*_dataset_builder.py"))
    )


def builder(
    name: str, *, data_dir: Path | None = None, file_format: str | None = None
) -> tfds.core.DatasetBuilder:
    """Returns the builder of a data set.

    The builder is imported under the module name that `tfds build` gives it, such as
    `fer2013.fer2013_dataset_builder`, and registers itself with TFDS.

    Args:
        name: One of `names()`, with a slash and a configuration where it has several:
            `group_affect/faces`. The first configuration is the default.
        data_dir: Where prepared data sets lie; TFDS's own default where `None`.
        file_format: One of `FILE_FORMATS`; TFDS's own default where `None`.

    Raises:
        EmoError: There is no builder or configuration of that name, its module name is taken by
            another module, or there is no such format.
    """
    if file_format not in (None, *FILE_FORMATS):
        raise unknown_name("file format", file_format, FILE_FORMATS)
    name, _, config = name.partition("/")
    builder_class = _builder_class(name)
    configs = builder_class.builder_configs
    if config and not configs:
        raise EmoError(f"{name}: expected no configuration. Received: {config!r}")
    if config and config not in configs:
        raise unknown_name(f"configuration of {name}", config, configs)
    try:
        return builder_class(config=config or None, data_dir=data_dir, file_format=file_format)
    except ValueError as error:  # There is one in the other format.
        raise EmoError(f"{name} in {data_dir}: {error}") from error


def module(name: str, part: str) -> ModuleType:
    """Returns a module of a builder's folder, such as the parser of its raw files.

    Args:
        name: One of `names()`.
        part: The module's name in the folder: `people`.

    Raises:
        EmoError: There is no builder of that name, or its module name is taken by another module.
    """
    if name not in names():
        raise unknown_name("data set", name, names())
    folder = _builders_dir() / name
    full_name = f"{name}.{part}"
    try:
        with _import_path(_builders_dir()):
            found = importlib.import_module(full_name)
    except ModuleNotFoundError as error:
        if error.name != full_name:
            raise  # Something that the builder itself needs is missing.
        raise _shadowed(name, folder) from error
    if Path(found.__file__).resolve().parent != folder.resolve():
        raise _shadowed(name, folder)
    return found


def requirements(dataset: tfds.core.DatasetBuilder, manual_dir: Path) -> list[Requirement]:
    """Returns what the raw files of a data set must hold.

    Args:
        dataset: What `builder` returned.
        manual_dir: The folder with the raw files, there or not.
    """
    paths = dataset.required_paths(Path(manual_dir))
    return [Requirement(alternatives) for alternatives in paths]


def prepare(
    name: str,
    *,
    manual_dir: Path,
    data_dir: Path | None = None,
    file_format: str | None = None,
    max_examples_per_split: int | None = None,
    beam_options: Sequence[str] = (),
) -> tfds.core.DatasetBuilder:
    """Builds a data set from its raw files, unless it has been built before.

    Args:
        name: As for `builder`.
        manual_dir: The folder with the raw files; not looked at where the data set is there.
        data_dir: Where to put the prepared data set; TFDS's own default where `None`.
        file_format: One of `FILE_FORMATS`; TFDS's own default where `None`.
        max_examples_per_split: Stops each split there: for a first look.
        beam_options: Flags of an Apache Beam pipeline that is to do the work, such as
            `"--runner=FlinkRunner"`; without any it is done in this process.

    Returns:
        The builder, ready for `read`.

    Raises:
        EmoError: No such builder, or the raw files are missing or cannot be used.
    """
    dataset = builder(name, data_dir=data_dir, file_format=file_format)
    if dataset.is_prepared():
        return dataset
    config = tfds.download.DownloadConfig(
        manual_dir=manual_dir, max_examples_per_split=max_examples_per_split
    )
    if beam_options:
        from apache_beam.options.pipeline_options import PipelineOptions

        config.beam_options = PipelineOptions(list(beam_options))
    try:
        # First, as TFDS stops at an absent or empty folder without saying what should lie in it.
        dataset.check_manual_dir(Path(manual_dir))
        dataset.download_and_prepare(download_config=config)
    except ValueError as error:  # What builders raise for raw files that they cannot use.
        raise EmoError(f"{name}: {_BEAMS_STEP.sub('', str(error))}") from error
    except RuntimeError as error:  # Beam's workers send errors as text, with the calls before.
        messages = _WORKERS_ERROR.findall(str(error))
        if not messages:
            raise
        raise EmoError(f"{name}: {_BEAMS_STEP.sub('', messages[-1])}") from error
    return dataset


@contextmanager
def without_headlines() -> Iterator[None]:
    """Keeps quiet what a data set that is being built says of itself.

    These are TFDS's own headlines, and its progress where nobody watches, Beam's warning of what it
    would like to be installed, and the builder's of what it leaves out, which its counts tell.
    """
    if not sys.stderr.isatty():
        tfds.disable_progress_bar()
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.setLevel(level)


def prepared(name: str, *, data_dir: Path) -> tfds.core.DatasetBuilder:
    """Returns the builder of a data set that has been built before.

    Args:
        name: As for `builder`.
        data_dir: Where prepared data sets lie.

    Raises:
        EmoError: No such builder, or the data set has not been built there.
    """
    dataset = builder(name, data_dir=data_dir)
    if not dataset.is_prepared():
        raise EmoError(
            f"{data_dir}: expected the data set {name} in it. Received: none; `emo-tf data build "
            f"{name} --manual-dir RAW --data-dir {data_dir}` builds it from the raw files"
        )
    return dataset


def read(dataset: tfds.core.DatasetBuilder, *, split: str, **options) -> "tf.data.Dataset":
    """Reads a split of a prepared data set.

    Args:
        dataset: What `prepare` returned.
        split: Such as `train`, or whatever TFDS takes for one.
        options: Passed on to `as_dataset`.

    Raises:
        EmoError: The data set is in a format that TFDS does not read into `tf.data`.
    """
    try:
        return dataset.as_dataset(split=split, **options)
    except NotImplementedError as error:
        raise EmoError(
            f"{dataset.data_path}: expected a data set in tfrecord. "
            f"Received: {dataset.info.file_format.value}"
        ) from error


def _builder_class(name: str) -> type[tfds.core.DatasetBuilder]:
    return module(name, f"{name}_dataset_builder").Builder


def _builders_dir() -> Path:
    """Returns `emo_tf/_datasets` of an installed wheel, or `datasets` of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_datasets"
    return installed if installed.is_dir() else package.parent / "datasets"


@contextmanager
def _import_path(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _shadowed(name: str, folder: Path) -> EmoError:
    taken = getattr(sys.modules[name], "__file__", None)
    return EmoError(f"{name}: expected the builder of {folder}. Received: a module of {taken}")
