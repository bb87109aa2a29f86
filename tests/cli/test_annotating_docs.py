"""What `docs/annotating.md` tells of the answers file and of defaults against the code."""

import re

from emo_tf.annotation.answer_schema import TABLES
from emo_tf.cli.annotate import PORT
from emo_tf.runtime.face_detector import MIN_FACE
from emo_tf.runtime.image_io import MAX_PIXELS
from tests.pages import source

TEXT = source("docs/annotating.md")


def test_every_table_of_the_answers_file_is_told():
    made = set(re.findall(r"CREATE (?:TABLE|VIEW) (\w+)", TABLES)) - {"present_person"}
    assert {"answer", "latest_answer"} <= made
    assert not {name for name in made if f"`{name}`" not in TEXT}


def test_the_defaults_that_are_told_are_those_of_the_command():
    rows = [line.split("|")[1:3] for line in TEXT.splitlines() if line.startswith("| `--")]
    told = {cells[0].split("`")[1].split()[0]: cells[1].strip() for cells in rows}
    assert told["--host"] == f"127.0.0.1, {PORT}"
    assert told["--min-face"] == str(MIN_FACE)
    assert told["--max-pixels"] == f"{MAX_PIXELS // 10**6} million"
