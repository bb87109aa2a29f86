"""What the site adds to `docs/`: pages that lie elsewhere in the repository, and links to them.

Pages link as a forge follows links: by the path from file to file. On the site a page of another
folder has the path that it has in the repository; README.md is the first page. Links to files that
are no pages become plain text.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

REPOSITORY = Path(__file__).parent.parent
OUTSIDE = (
    "README.md",
    "ACCEPTABLE_USE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "benchmarks/results.md",
    "datasets/*/README.md",
    "emo_tf/weights/*.md",
)
"""Pages outside of `docs/`."""

FENCES = re.compile(r"(^ *```.*?^ *```$)", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s:]+)\)")
ATTRIBUTE = re.compile(r"\b(src|srcset)=\"([^\":]+)\"")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the pages outside of `docs/`."""
    for pattern in OUTSIDE:
        for path in sorted(REPOSITORY.glob(pattern)):
            name = site_path(path.relative_to(REPOSITORY).as_posix())
            files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, *, page: Page, files: Files, **_) -> str:
    """Turns the links of a page into those of the site."""
    here = posixpath.dirname(repository_path(page.file.src_uri))

    def file_of(target: str) -> File | None:
        return files.get_file_from_path(site_path(posixpath.normpath(posixpath.join(here, target))))

    def link(match: re.Match) -> str:
        picture, text, (target, _, anchor) = match[1], match[2], match[3].partition("#")
        text = LINK.sub(link, text)
        if not target:
            return f"{picture}[{text}]({match[3]})"
        file = file_of(target)
        if file is None and (REPOSITORY / here / target).exists():
            return text
        if file is not None:
            target = posixpath.relpath(file.src_uri, posixpath.dirname(page.file.src_uri))
        return f"{picture}[{text}]({target}{'#' if anchor else ''}{anchor})"

    def attribute(match: re.Match) -> str:
        file = file_of(match[2])
        # MkDocs leaves HTML as it is: a missing file has to be told here.
        if file is None:
            raise PluginError(f"{page.file.src_uri}: no file {match[2]}")
        return f'{match[1]}="{file.url_relative_to(page.file)}"'

    parts = FENCES.split(markdown)
    parts[::2] = [ATTRIBUTE.sub(attribute, LINK.sub(link, part)) for part in parts[::2]]
    return "".join(parts)


def site_path(path: str) -> str:
    """Returns the path below `docs/` that a file of the repository has on the site."""
    return "index.md" if path == "README.md" else path.removeprefix("docs/")


def repository_path(path: str) -> str:
    """Returns the path in the repository of a file of the site."""
    if path == "index.md":
        return "README.md"
    return path if not (REPOSITORY / "docs" / path).exists() else f"docs/{path}"
