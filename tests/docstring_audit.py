"""Finds public names whose docstrings leave something unsaid that CONTRIBUTING.md asks for.

The sources are read, not imported.
"""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
FOLDERS = ("emo_tf", "export", "datasets")
# Builders' tests and what they draw.
TEST_FILES = ("_test.py", "hard_copies.py")

KERAS = "build call compute_mask compute_output_shape compute_output_spec get_config update_state"
BEAM = "expand load_model run_inference get_num_bytes get_metrics_namespace"
SERVERS = (
    "connection_made connection_lost data_received on_response_complete pause_writing "
    "resume_writing timeout_keep_alive_handler shutdown send_400_response startup capture_signals "
    "handle_exit format"
)
COMMANDS = "list_commands get_command resolve_command"
HOOKS = set(f"{KERAS} {BEAM} {SERVERS} {COMMANDS}".split())
"""Methods that other packages name, call and document: Keras, Beam, Uvicorn, logging, Click."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Node = Function | ast.ClassDef


@dataclass(frozen=True)
class PublicName:
    """A class or function, and the class and module that hold it."""

    place: str
    node: Node
    module: ast.Module
    holder: ast.ClassDef | None

    @property
    def text(self) -> str:
        return ast.get_docstring(self.node) or ""

    @property
    def context(self) -> str:
        """Its docstring and those of what holds it, where something is said once for all."""
        holders = (self.holder, self.module)
        return "\n".join([self.text, *(ast.get_docstring(one) or "" for one in holders if one)])

    @property
    def is_function(self) -> bool:
        return not isinstance(self.node, ast.ClassDef)

    @property
    def is_command(self) -> bool:
        """Whether it is a command, whose options have a help text each."""
        return self.is_function and "Annotated[" in ast.unparse(self.node.args)

    @property
    def arguments(self) -> list[str]:
        function = self.node if self.is_function else _constructor(self.node)
        if function is None:
            return _fields(self.node)
        spec = function.args
        # What a constructor hands on to Keras is said there.
        others = (spec.vararg, spec.kwarg if self.is_function else None)
        named = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *others]
        names = [one.arg for one in named if one is not None]
        bound = self.holder and "staticmethod" not in map(ast.unparse, self.node.decorator_list)
        names = names[1:] if bound or not self.is_function else names
        return [name for name in names if not name.startswith("_")]


def _constructor(node: ast.ClassDef) -> Function | None:
    methods = (one for one in node.body if isinstance(one, ast.FunctionDef))
    return next((one for one in methods if one.name == "__init__"), None)


def _fields(node: ast.ClassDef) -> list[str]:
    """Returns the public fields of a dataclass or named tuple that a caller gives."""
    kinds = " ".join(map(ast.unparse, [*node.decorator_list, *node.bases]))
    if "dataclass" not in kinds and "NamedTuple" not in kinds:
        return []
    given = [one for one in node.body if isinstance(one, ast.AnnAssign)]
    texts = {one.target.id: ast.unparse(one) for one in given}
    hidden = ("ClassVar[", "init=False")
    return [
        name
        for name, text in texts.items()
        if not name.startswith("_") and not any(word in text for word in hidden)
    ]


def _own(function: Function) -> Iterator[ast.AST]:
    """Yields what a function does itself, without the functions inside it."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)


def _walked(
    module: ast.Module, body: list[ast.stmt], *, place: str, holder: ast.ClassDef | None = None
) -> Iterator[PublicName]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in body:
        if isinstance(node, kinds) and not node.name.startswith("_"):
            yield PublicName(f"{place}:{node.name}", node, module, holder)
            if isinstance(node, ast.ClassDef):
                yield from _walked(module, node.body, place=f"{place}:{node.name}", holder=node)


def read_modules() -> dict[str, ast.Module]:
    """Returns the parsed public modules by their paths in the repository."""
    paths = (path for folder in FOLDERS for path in sorted((REPOSITORY / folder).rglob("*.py")))
    return {
        str(path.relative_to(REPOSITORY)): ast.parse(path.read_text("utf-8"))
        for path in paths
        if not path.name.endswith(TEST_FILES) and not re.match("_[^_]", path.name)
    }


def names_of(modules: Mapping[str, ast.Module]) -> list[PublicName]:
    """Returns the classes, functions and methods of modules without an underscore."""
    return [
        name
        for place, module in modules.items()
        for name in _walked(module, module.body, place=place)
    ]


def overridden(names: list[PublicName]) -> set[str]:
    """Returns the places of methods that a base class of the package documents.

    A class of which the docstring names a protocol is taken as one of its subclasses.
    """
    methods = {(one.holder.name, one.node.name) for one in names if one.holder and one.text}
    above = defaultdict(set)
    for one in names:
        if not one.is_function:
            bases = (re.split(r"[.\[]", ast.unparse(base))[0] for base in one.node.bases)
            above[one.node.name] |= {*bases, *re.findall(r"`(?:\w+\.)*(\w+)`", one.text)}

    def is_above(node: ast.ClassDef, method: str) -> bool:
        seen, waiting = {node.name}, list(above[node.name])
        while waiting:
            name = waiting.pop()
            if (name, method) in methods:
                return True
            if name not in seen:
                seen.add(name)
                waiting += above.get(name, ())
        return False

    return {one.place for one in names if one.holder and is_above(one.holder, one.node.name)}


def without_words(names: list[PublicName]) -> Iterator[str]:
    """Yields who has no docstring, where nobody else documents it."""
    spared = overridden(names)
    for name in names:
        known = name.place in spared or (name.holder and name.node.name in HOOKS)
        if not name.text and not known:
            yield name.place


def without_arguments(names: list[PublicName]) -> Iterator[str]:
    """Yields who leaves out an argument or a field, in a section and in the text."""
    spared = overridden(names)
    for name in names:
        elsewhere = name.is_command or name.place in spared or name.node.name in HOOKS
        # What a function of one argument takes, its first line says.
        obvious = name.is_function and len(name.arguments) < 2 and "Args:" not in name.text
        if not name.text or elsewhere or obvious or _ELSEWHERE.search(name.text):
            continue
        of_class = ast.get_docstring(name.holder) or "" if name.holder else ""
        said = {*_listed(name.text), *_listed(of_class), *_QUOTED.findall(name.context)}
        missing = [one for one in name.arguments if one not in said]
        if missing:
            yield f"{name.place} {missing}"


def with_other_arguments(names: list[PublicName]) -> Iterator[str]:
    """Yields functions that list an argument which they do not have, or one twice."""
    for name in names:
        listed = Counter(_listed(name.text))
        other = [one for one in listed if one not in name.arguments or listed[one] > 1]
        if name.is_function and other:
            yield f"{name.place} {other}"


def without_result(names: list[PublicName]) -> Iterator[str]:
    """Yields functions that do not say what they return, nor return a class that says it."""
    classes = {name.node.name for name in names if not name.is_function}
    for name in _explained_functions(names):
        hint = ast.unparse(name.node.returns) if name.node.returns else ""
        kind = hint.strip("'").removesuffix(" | None")
        # Classes of other packages are documented there.
        speaks = kind in classes | {"Self", "Figure"} or ("." in kind and "ndarray" not in kind)
        is_property = "property" in " ".join(map(ast.unparse, name.node.decorator_list))
        returns = any(isinstance(one, ast.Return) and one.value for one in _own(name.node))
        if returns and not speaks and not is_property and not _RESULT.search(name.context):
            yield name.place


def without_errors(names: list[PublicName]) -> Iterator[str]:
    """Yields functions that raise something and do not say so."""
    for name in _explained_functions(names):
        meant = sorted(_raised(_own(name.node)) - _caught(name.node) - {"NotImplementedError"})
        if meant and not _ERRORS.search(name.context):
            yield f"{name.place} {meant}"


def without_shapes(names: list[PublicName]) -> Iterator[str]:
    """Yields functions from or to arrays without a word on their shapes."""
    for name in _explained_functions(names):
        spec = name.node.args
        hints = [one.annotation for one in (*spec.args, *spec.kwonlyargs)] + [name.node.returns]
        arrays = [one for one in hints if one and ast.unparse(one).startswith(_ARRAYS)]
        if arrays and not _SHAPE.search(name.context):
            yield name.place


_SECTION = re.compile(r"^(?:Args|Attributes):\n((?: {4}.*\n?|\n)+)", re.MULTILINE)
_ENTRY = re.compile(r"^ {4}(\*{0,2}\w+(?:, \*{0,2}\w+)*):(?: |$)", re.MULTILINE)
_QUOTED = re.compile(r"`\*{0,2}(\w+)`")
_ELSEWHERE = re.compile(r"[Aa]rguments are|[Aa]ttributes are|else as `|\bAs `|; see `")
_RESULT = re.compile(r"\b[Rr]eturns?\b|Yields|[Ww]hether|\b[Aa]s `")
_ERRORS = re.compile(r"Raises|\braises?\b|\brefuse")
_ARRAYS = ("np.ndarray", "tf.Tensor")
_SHAPE = re.compile(
    r"\bshape|\([\w*]+,\)|\([\w* .]+(?:, ?[\w* .]+)+\)|[Ss]calar|[Pp]icture|[Ii]mage"
    r"|\b[Aa]s for `|\bsee `"
)


def _raised(nodes: Iterable[ast.AST]) -> set[str]:
    return {ast.unparse(one.exc) for one in nodes if isinstance(one, ast.Raise) and one.exc}


def _caught(function: Function) -> set[str]:
    """Returns what a function raises and catches itself."""
    caught = set()
    for node in _own(function):
        if isinstance(node, ast.Try):
            kinds = " ".join(ast.unparse(one.type) for one in node.handlers if one.type)
            raised = _raised(one for statement in node.body for one in ast.walk(statement))
            caught |= {text for text in raised if text.split("(")[0] in kinds}
    return caught


def _listed(text: str) -> list[str]:
    found = _ENTRY.findall("\n".join(_SECTION.findall(text)))
    return [word.strip("* ") for words in found for word in words.split(",")]


def _explained_functions(names: list[PublicName]) -> Iterator[PublicName]:
    return (one for one in names if one.is_function and one.text and not one.is_command)
