"""What the pages of the documentation tell of commands against the commands."""

import re
from functools import cache

import pytest
import typer

from emo_tf import cli
from tests.pages import PAGES, REPOSITORY, code_blocks, inline_codes, source

TOLD_IN = {
    "annotate": "docs/annotating.md",
    "explain": "docs/explaining.md",
    "export": "docs/export.md",
    "serve": "docs/serving.md",
}
"""Verbs with a page that tells all of their options."""

OF_OTHERS = ("datasets/", "docs/coming_from_")
"""Pages that also tell of other programs' options."""

OPTION = r"(?<![\w-])--?[a-z][a-z-]*"
SHELL = ("sh", "console", "bash")


@cache
def verbs() -> dict[str, typer.core.TyperCommand]:
    """Returns the verbs by name, those of groups by both names with a blank."""
    group = typer.main.get_command(cli.app)
    context, found = typer.Context(group), {"": group}
    for name in cli.VERBS:
        found[name] = group.resolve_command(context, [name])[1]
        below = getattr(found[name], "commands", {})
        found |= {f"{name} {inner}": verb for inner, verb in below.items()}
    return found


@cache
def options(verb: str) -> set[str]:
    """Returns the options of a verb."""
    parameters = verbs()[verb].params
    known = [name for one in parameters for name in (*one.opts, *one.secondary_opts)]
    return {name for name in known if name.startswith("-")}


def commands(text: str) -> list[str]:
    """Returns what follows `emo-tf` in lines of a shell, each up to its comment or pipe."""
    whole = re.sub(r"\\\n\s*", " ", text)
    starts = r"(?:^|[|;&(] ?|\$ )(?:[A-Z_]+=\S+ |timeout \S+ |time )*(?:\S*/)?emo-tf +([^\n]*)"
    lines = re.findall(starts, whole, re.MULTILINE)
    return [re.split(r"\s[#|>;&]|\)$|;", f"{line} ")[0].strip() for line in lines]


def called(command: str) -> tuple[str, set[str]]:
    """Returns the verb of a command and its options."""
    words = [word for word in command.split() if not word.startswith("-")]
    verb = " ".join(words[:2]) if " ".join(words[:2]) in verbs() else "".join(words[:1])
    return verb, set(re.findall(OPTION, re.sub(r"\"[^\"]*\"|'[^']*'", "", command)))


def told(page: str) -> list[str]:
    """Returns the commands `emo-tf` of a page, in blocks and between backticks."""
    blocks = [line for block in code_blocks(page, *SHELL) for line in commands(block)]
    return blocks + [line for code in inline_codes(page) for line in commands(code)]


@pytest.mark.parametrize("page", PAGES)
def test_verbs_and_options_that_are_shown_exist(page):
    wrong = []
    for command in told(page):
        verb, shown = called(command)
        if verb not in verbs() or shown - options(verb) - {"--help"}:
            wrong.append(command)
    assert not wrong


@pytest.mark.parametrize("page", [page for page in PAGES if not page.startswith(OF_OTHERS)])
def test_options_in_the_prose_are_those_of_some_verb(page):
    known = set().union(*map(options, verbs()))
    shown = {
        option
        for code in inline_codes(page)
        if code.startswith("--")
        for option in re.findall(OPTION, code)
    }
    assert not shown - known - {"--help"}


@pytest.mark.parametrize("verb", TOLD_IN)
def test_every_option_is_told(verb):
    shown = set(re.findall(OPTION, source(TOLD_IN[verb])))
    assert len(options(verb)) > 5
    assert not options(verb) - shown


@pytest.mark.parametrize("page", PAGES)
def test_targets_of_make_exist(page):
    codes = [*code_blocks(page, *SHELL), *inline_codes(page)]
    shown = {
        target for code in codes for target in re.findall(r"^(?:\$ )?make ([a-z-]+)", code, re.M)
    }
    targets = re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.M)
    assert not shown - set(targets)
