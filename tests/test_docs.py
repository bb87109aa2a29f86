"""What the pages of the documentation point at: files, headings, modules and their names."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import emo_tf
from tests.pages import (
    PAGES,
    REPOSITORY,
    anchors,
    code_blocks,
    inline_codes,
    links,
    prose,
    source,
)

HOMES = {"emo_tf.export": "export", "emo_tf._datasets": "datasets"}
"""Packages that stand elsewhere than their names say; see `setup.cfg`."""

LONGEST_PAGE = 300
API = [page for page in PAGES if page.startswith("docs/api/") and not page.endswith("/index.md")]
MEASURED = "benchmarks/results.md"
FOLDERS = ("benchmarks", "datasets", "docs", "emo_tf", "export", "tests")


@cache
def module_of(name: str) -> Path | None:
    """Returns the file of a module or package."""
    for package, folder in HOMES.items():
        if f"{name}.".startswith(f"{package}."):
            name = name.replace(package, folder, 1)
    path = REPOSITORY.joinpath(*name.split("."))
    return next((f for f in (path / "__init__.py", path.with_suffix(".py")) if f.is_file()), None)


@cache
def names_in(body: Path | ast.ClassDef) -> dict[str, ast.AST]:
    """Returns what is defined at the top of a module or in a class, by name."""
    tree = ast.parse(body.read_text("utf-8")) if isinstance(body, Path) else body
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.alias):
            found[getattr(node, "asname", None) or node.name] = node
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found[getattr(node, "id", None) or node.attr] = node
    if isinstance(body, Path) and "__all__" in found:
        found |= {n.value: n for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    return found


def exists(name: str) -> bool:
    """Returns whether a dotted name is that of a module or of something in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        body = module_of(".".join(parts[:count]))
        if body is not None:
            break
    else:
        return False
    for part in parts[count:]:
        body = names_in(body).get(part) if isinstance(body, Path | ast.ClassDef) else body
        if body is None:
            return False
    return True


def listed_modules(page: str) -> list[str]:
    """Returns the modules of whose docstrings a page of the API is made."""
    return re.findall(r"^::: (\S+)", source(page), re.MULTILINE)


def has(page: str, anchor: str) -> bool:
    """Returns whether a page has an anchor: a heading's, or that of a name with a docstring."""
    listed = any(f"{anchor}.".startswith(f"{module}.") for module in listed_modules(page))
    return anchor in anchors(page) or (listed and exists(anchor))


def test_the_pages_are_found():
    assert {"README.md", "docs/serving.md", MEASURED, "emo_tf/weights/mtcnn.md"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings_that_are_there(page):
    folder, lost = (REPOSITORY / page).parent, []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (folder / path).resolve() if path else REPOSITORY / page
        there = target.exists() and target.is_relative_to(REPOSITORY)
        if not there or (anchor and not has(target.relative_to(REPOSITORY).as_posix(), anchor)):
            lost.append(link)
    assert not lost


@pytest.mark.parametrize("page", PAGES)
def test_pictures_say_what_they_show(page):
    assert not re.findall(r"!\[\s*\]\([^)]*\)", prose(page))
    assert not [tag for tag in re.findall(r"<img[^>]*>", prose(page)) if 'alt="' not in tag]


@pytest.mark.parametrize("page", PAGES)
def test_names_of_modules_and_of_what_is_in_them_exist(page):
    dotted = {
        match[0]
        for code in inline_codes(page)
        if (match := re.match(r"(?:emo_tf|benchmarks)(?:\.(?!json)\w+)+", code))
    }
    for code in code_blocks(page, "python"):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Import):
                dotted |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                dotted |= {f"{node.module}.{alias.name}" for alias in node.names}
    own = {name for name in dotted if name.split(".")[0] in ("emo_tf", "benchmarks")}
    assert not {name for name in own if not exists(name)}


@pytest.mark.parametrize("page", PAGES)
def test_files_of_the_repository_that_are_named_exist(page):
    named = {
        code
        for code in inline_codes(page)
        if re.fullmatch(rf"(?:{'|'.join(FOLDERS)})/[\w./-]+", code)
    }
    assert not {name for name in named if not (REPOSITORY / name).exists()}


@pytest.mark.parametrize("page", PAGES)
def test_lists_and_tables_look_alike_on_forges_and_on_the_site(page):
    """A blank line above them, four blanks before inner lists: older Markdown needs both."""
    wrong, in_paragraph = re.findall(r"^ {1,3}[-*] .*", prose(page), re.MULTILINE), None
    for line in prose(page).splitlines():
        starts = re.match(r"[-*+] |\d+\. |\|", line)
        if not line.strip() or line.startswith("#"):
            in_paragraph = None
        elif in_paragraph is None:
            in_paragraph = not starts and line[0] not in " <>"
        elif in_paragraph and starts:
            wrong.append(line)
    assert not wrong


def test_every_package_has_its_page_of_names():
    packages = {path.parent.name for path in REPOSITORY.glob("emo_tf/*/__init__.py")} | {"export"}
    assert packages - {"cli", "configs", "web", "weights"} <= {Path(page).stem for page in API}
    assert set(emo_tf.__all__) - {"__version__"} <= set(inline_codes("docs/api/index.md"))


@pytest.mark.parametrize("page", API)
def test_modules_whose_names_are_listed_exist(page):
    assert not [name for name in listed_modules(page) if not exists(name)]


@pytest.mark.parametrize("page", sorted(set(PAGES) - {MEASURED}))
def test_no_page_is_too_long(page):
    assert len(source(page).splitlines()) <= LONGEST_PAGE
