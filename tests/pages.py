"""The pages of the documentation as text: code apart from prose, links, anchors."""

import re
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
PATTERNS = (
    "*.md",
    "docs/**/*.md",
    "benchmarks/*.md",
    "emo_tf/weights/*.md",
    "datasets/*/README.md",
)
PAGES = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for pattern in PATTERNS
    for path in REPOSITORY.glob(pattern)
)
"""Paths of the pages from the root of the repository."""

FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
INLINE_CODE = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")


@cache
def source(page: str) -> str:
    """Returns the Markdown of a page."""
    return (REPOSITORY / page).read_text("utf-8")


def code_blocks(page: str, *languages: str) -> list[str]:
    """Returns the fenced blocks of a page that are in one of the languages."""
    return [code for _, language, code in FENCE.findall(source(page)) if language in languages]


def prose(page: str) -> str:
    """Returns a page without its fenced blocks."""
    return FENCE.sub("", source(page))


def inline_codes(page: str) -> list[str]:
    """Returns what stands between backticks outside of fenced blocks."""
    return [" ".join(code.split()) for code in INLINE_CODE.findall(prose(page))]


def links(page: str) -> list[str]:
    """Returns the targets of links and pictures, those of other hosts apart."""
    text = INLINE_CODE.sub("`code`", prose(page))
    targets = re.findall(r"\]\(<?([^)>\s]+)>?(?: \"[^\"]*\")?\)", text)
    targets += re.findall(r"\b(?:src|srcset|href)=\"([^\"\s]+)", text)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


@cache
def anchors(page: str) -> set[str]:
    """Returns the anchors of a page's headings, by the rule of forges and of `mkdocs.yml`."""
    titles = re.findall(r"^#{1,6} +(.+?)(?: +#+)?$", prose(page), re.MULTILINE)
    titles = [re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in titles]
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}
