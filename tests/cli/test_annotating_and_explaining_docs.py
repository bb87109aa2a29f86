"""What `docs/annotating.md` and `docs/explaining.md` tell of the commands against the commands."""

import re
from pathlib import Path

import pytest

from emo_tf.annotation.answer_schema import TABLES
from emo_tf.cli.annotate import PORT
from emo_tf.runtime.face_detector import MIN_FACE
from emo_tf.runtime.image_io import MAX_PIXELS

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"annotate": DOCS / "annotating.md", "explain": DOCS / "explaining.md"}
OPTION = r"(?<![\w-])--[a-z][a-z-]*"


@pytest.fixture
def options(run_here):
    """Returns the options of a verb."""

    def ask(verb: str) -> set[str]:
        code, out, err = run_here(verb, "--help")
        assert code == 0, err
        return set(re.findall(OPTION, out)) - {"--help"}

    return ask


@pytest.mark.parametrize("verb", PAGES)
def test_every_option_is_told(options, verb):
    text = PAGES[verb].read_text("utf-8")
    known = options(verb)
    assert len(known) > 8
    assert not {option for option in known if not re.search(rf"{option}(?![\w-])", text)}


@pytest.mark.parametrize("verb", PAGES)
def test_the_commands_that_are_told_have_such_options(options, verb):
    blocks = re.findall(r"```(?:sh|console)\n(.*?)```", PAGES[verb].read_text("utf-8"), re.DOTALL)
    commands = re.findall(rf"emo-tf {verb} .*", "\n".join(blocks))
    told = {option for line in commands for option in re.findall(OPTION, line.split(" # ")[0])}
    assert told
    assert told <= options(verb)


@pytest.mark.parametrize("verb", PAGES)
def test_pictures_and_pages_that_are_linked_are_there(verb):
    links = re.findall(r"\]\(([^)#]+)", PAGES[verb].read_text("utf-8"))
    assert any(link.startswith("images/") for link in links)
    assert not [link for link in links if not (DOCS / link).is_file()]


def test_every_table_of_the_answers_file_is_told():
    text = PAGES["annotate"].read_text("utf-8")
    made = set(re.findall(r"CREATE (?:TABLE|VIEW) (\w+)", TABLES)) - {"present_person"}
    assert {"answer", "latest_answer"} <= made
    assert not {name for name in made if f"`{name}`" not in text}


def test_the_defaults_that_are_told_are_those_of_the_command():
    text = PAGES["annotate"].read_text("utf-8")
    rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| `--")]
    told = {cells[0].split("`")[1].split()[0]: cells[1].strip() for cells in rows}
    assert told["--host"] == f"127.0.0.1, {PORT}"
    assert told["--min-face"] == str(MIN_FACE)
    assert told["--max-pixels"] == f"{MAX_PIXELS // 10**6} million"
