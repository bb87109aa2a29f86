"""Finds the TFDS builders that travel with the package and prepares their data sets."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow_datasets as tfds

from emo_tf.errors import EmoError, unknown_name


def names() -> tuple[str, ...]:
    """Returns the names of the data sets that have a builder, sorted."""
    return tuple(
        sorted(path.parent.name for path in _builders_dir().glob("*/*_dataset_builder.py"))
    )


def builder(name: str, *, data_dir: Path | None = None) -> tfds.core.DatasetBuilder:
    """Makes the builder of a data set.

    The builder is imported under the module name that `tfds build` gives it, such as
    `fer2013.fer2013_dataset_builder`, and registers itself with TFDS.

    Args:
        name: One of `names()`.
        data_dir: Where prepared data sets lie; TFDS's own default where `None`.

    Raises:
        EmoError: There is no builder of that name, or its module name is taken by another module.
    """
    if name not in names():
        raise unknown_name("data set", name, names())
    folder = _builders_dir() / name
    module_name = f"{name}.{name}_dataset_builder"
    try:
        with _import_path(_builders_dir()):
            module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise  # Something that the builder itself needs is missing.
        raise _shadowed(name, folder) from error
    if Path(module.__file__).resolve().parent != folder.resolve():
        raise _shadowed(name, folder)
    return module.Builder(data_dir=data_dir)


def prepare(
    name: str, *, manual_dir: Path, data_dir: Path | None = None
) -> tfds.core.DatasetBuilder:
    """Builds a data set from its raw files, unless it has been built before.

    Args:
        name: One of `names()`.
        manual_dir: The folder with the raw files; not looked at where the data set is there.
        data_dir: Where to put the prepared data set; TFDS's own default where `None`.

    Returns:
        The builder, ready for `as_dataset`.

    Raises:
        EmoError: No such builder, or the raw files are missing or cannot be used.
    """
    dataset = builder(name, data_dir=data_dir)
    if dataset.is_prepared():
        return dataset
    config = tfds.download.DownloadConfig(manual_dir=manual_dir)
    try:
        # First, as TFDS stops at an absent or empty folder without saying what should lie in it.
        dataset.check_manual_dir(Path(manual_dir))
        dataset.download_and_prepare(download_config=config)
    except ValueError as error:  # What builders raise for raw files that they cannot use.
        raise EmoError(f"{name}: {error}") from error
    return dataset


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
