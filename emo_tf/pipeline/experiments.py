"""What a pipeline must know of an experiment, without importing it and TensorFlow with it."""

import ast
import importlib.util
from pathlib import Path

_GROUP = "group"
_DATASETS = {
    "emotic": "emotic",
    "expression": "fer2013",
    _GROUP: "group_affect/faces",
    "video": "vtt_friends/clips8",
}
_PACKAGE = "emo_tf.configs"


def names() -> tuple[str, ...]:
    """Returns the names of all experiments, sorted."""
    return tuple(sorted(path.stem for path in _folder().glob("[!_]*.py")))


def task(name: str) -> str:
    """Returns the task of an experiment: that by which its name begins, else `group`.

    Experiments on groups bear the names of published models.
    """
    first = name.partition("_")[0]
    return first if first in _DATASETS else _GROUP


def dataset(name: str) -> str:
    """Returns the data set that an experiment is trained on.

    That is the one named in its own file, else in those it is made from, else that of its task.
    """
    named = [
        node.value.value
        for path in sources(name)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.keyword)
        and node.arg == "dataset"
        and isinstance(node.value, ast.Constant)
    ]
    return named[0] if named else _DATASETS[task(name)]


def sources(name: str) -> tuple[Path, ...]:
    """Returns the file of an experiment, and those of the experiments that it is made from."""
    found: dict[str, Path] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found[current] = _folder() / f"{current}.py"
            waiting += _imported_experiments(found[current])
    return tuple(found.values())


def _folder() -> Path:
    # This finds the package without running it.
    return Path(next(iter(importlib.util.find_spec(_PACKAGE).submodule_search_locations)))


def _imported_experiments(path: Path) -> list[str]:
    imports = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    ]
    of_package = [name.name for node in imports if node.module == _PACKAGE for name in node.names]
    of_modules = [
        node.module.removeprefix(f"{_PACKAGE}.")
        for node in imports
        if node.module.startswith(f"{_PACKAGE}.")
    ]
    return [*of_package, *of_modules]
