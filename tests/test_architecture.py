"""What holds the package together: who may import whom, and what is installed."""

import ast
import configparser
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
LONGEST_FILE = 300
BASE = {"labels", "errors", "results", "result_checks", "model_metadata", "files", "softmax"}
BASE |= {"colours", "extras", "tables", "time_text", "video_results", "weights"}
NETS = {"layers", "losses", "metrics"} | BASE
ALLOWED = {
    "labels": set(),
    "errors": set(),
    "extras": {"errors"},
    "files": {"errors"},
    "softmax": set(),
    "colours": set(),
    "tables": {"errors"},
    "time_text": set(),
    "result_checks": {"errors"},
    "results": BASE,
    "video_results": BASE,
    "model_metadata": BASE,
    "weights": BASE,
    "runtime": BASE,
    "corpora": BASE,
    "checkpoints": BASE,
    "layers": BASE,
    "losses": BASE,
    "metrics": BASE,
    "models": NETS,
    "data": NETS | {"runtime", "corpora"},
    "plots": BASE | {"metrics"},
    "groups": BASE | {"metrics", "runtime"},
    "training": NETS | {"models", "data", "plots"},
    "configs": NETS | {"models", "data", "training"},
    "export": NETS | {"models", "data", "runtime"},
    "pipeline": BASE | {"export"},
    "explanation": NETS | {"models", "runtime"},
    "web": BASE,
    "annotation": BASE | {"corpora", "metrics", "runtime", "web"},
    "serve": BASE | {"runtime", "export", "web"},
    "beam": BASE | {"runtime"},
    "cli": NETS
    | {"checkpoints", "corpora", "models", "data", "runtime", "training", "configs", "export"}
    | {"pipeline", "groups", "plots", "web", "serve", "beam", "annotation", "explanation"},
}
"""What each part may import besides itself: always down, never across."""

WORKSHOP = {"tensorflow", "keras", "torch", "matplotlib", "tensorflow_datasets", "scipy"}


def sources() -> list[Path]:
    return sorted(
        path
        for folder in ("emo_tf", "export", "datasets", "benchmarks", "tests")
        for path in (REPOSITORY / folder).rglob("*.py")
    )


def part(path: Path) -> str:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return parts[0] if parts[0] == "export" else parts[1]


def imported(path: Path) -> set[str]:
    """Returns the full names of the modules that a file imports anywhere in it."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    relative = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.level]
    assert not relative or "datasets" in path.parts, f"{path}: relative import"
    return {full for node in nodes for full in imported_by(node)}


def imported_at_the_top(path: Path) -> set[str]:
    """Returns the full names of the modules that a file imports outside functions and classes."""
    body = ast.parse(path.read_text("utf-8")).body
    return {full for statement in body for full in imported_by(statement)}


def imported_by(node: ast.AST) -> set[str]:
    """Returns the full names of the modules that one statement imports."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {f"{node.module}.{alias.name}" for alias in node.names}
    return set()


def parts_of_package(names: set[str]) -> set[str]:
    """Returns the parts of `emo_tf` among the full names of modules."""
    return {full.split(".")[1] for full in names if full.startswith("emo_tf.")}


def package_files() -> list[Path]:
    top = {"__init__", "__main__"}
    files = [*(REPOSITORY / "emo_tf").rglob("*.py"), *(REPOSITORY / "export").rglob("*.py")]
    return sorted(path for path in files if part(path) not in top)


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_imports_point_down_only(name):
    for path in package_files():
        if part(path) == name:
            across = parts_of_package(imported(path)) - ALLOWED[name] - {name}
            assert not across, f"{path.relative_to(REPOSITORY)} imports {sorted(across)}"


def test_every_part_of_the_package_has_its_rule():
    assert {part(path) for path in package_files()} <= set(ALLOWED)


def test_the_runtime_and_what_it_stands_on_never_name_the_workshop():
    for path in package_files():
        if part(path) in BASE | {"runtime"}:
            used = {full.split(".")[0] for full in imported(path)}
            # SciPy is of the base install, but slow to import: inside functions alone.
            assert not used & WORKSHOP - {"scipy"}, path
            assert "scipy" not in {full.split(".")[0] for full in imported_at_the_top(path)}, path


def test_builders_stand_on_the_corpora_alone_and_load_the_runtime_only_to_find_faces():
    for path in (REPOSITORY / "datasets").rglob("*.py"):
        if not path.name.endswith("_test.py"):
            used = imported(path)
            assert not {full.split(".")[0] for full in used} & {"tensorflow", "datasets"}, path
            allowed = {"corpora", "errors", "labels", "tables"}
            assert parts_of_package(imported_at_the_top(path)) <= allowed, path
            assert parts_of_package(used) <= allowed | {"runtime"}, path


def test_models_are_written_in_keras_alone():
    for path in package_files():
        if part(path) in {"models", "layers", "losses", "metrics"}:
            assert "tensorflow" not in {full.split(".")[0] for full in imported(path)}, path


def test_no_file_is_too_long():
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert not {path: length for path, length in lengths.items() if length > LONGEST_FILE}


def test_every_package_is_listed_for_installation():
    setup = configparser.ConfigParser()
    setup.read(REPOSITORY / "setup.cfg")
    listed = setup["options"]["packages"].split()
    roots = {"emo_tf": "emo_tf", "export": "emo_tf.export", "datasets": "emo_tf._datasets"}
    found = {
        ".".join([name, *path.parent.relative_to(REPOSITORY / folder).parts])
        for folder, name in roots.items()
        for path in (REPOSITORY / folder).rglob("__init__.py")
    }
    assert sorted(listed) == sorted(found)


def loaded_modules(code: str, *, cwd: Path | None = None) -> set[str]:
    """Returns the top-level modules that a fresh interpreter has loaded after `code`."""
    ending = "\nimport sys; print('\\n'.join(sys.modules), file=sys.__stdout__)"
    done = subprocess.run(
        [sys.executable, "-c", code + ending], capture_output=True, text=True, cwd=cwd, check=True
    )
    return {line.split(".")[0] for line in done.stdout.splitlines()}


def test_importing_the_package_alone_loads_nothing_heavy():
    heavy = WORKSHOP | {"numpy", "cv2", "ai_edge_litert", "PIL", "rich", "typer", "av"}
    assert not loaded_modules("import emo_tf; dir(emo_tf)") & heavy


def test_a_real_prediction_loads_none_of_the_workshop(astronaut, tmp_path):
    code = f"""
from emo_tf.cli import main
try:
    main(["predict", {str(astronaut)!r}, "--json", "out.jsonl", "--draw", "drawn"])
except SystemExit as end:
    assert end.code == 0, end.code
"""
    loaded = loaded_modules(code, cwd=tmp_path)
    assert "cv2" in loaded
    assert not loaded & (WORKSHOP | {"av"})
    assert (tmp_path / "out.jsonl").read_text().count("\n") == 1
    assert (tmp_path / "drawn" / "astronaut.png").is_file()


def test_the_public_names_are_found_and_others_are_not():
    import emo_tf

    assert emo_tf.EmoError.__module__ == "emo_tf.errors"
    assert all(getattr(emo_tf, name) for name in emo_tf.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Analyser'"):
        _ = emo_tf.Analyser
