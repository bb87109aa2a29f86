"""`emo-tf annotate`: what is wrong is said before anything is served; agreement and export."""

import json
import socket

import pytest

from emo_tf.annotation.answer import Skip
from tests.annotation.albums import HAPPY, SAD, make_album, open_store
from tests.annotation.answered import add_person


@pytest.fixture
def album(tmp_path):
    """A folder `album` with two pictures, where the command runs."""
    return make_album(tmp_path / "album", ["a.png", "b.png"])


@pytest.fixture
def answers(album, tmp_path):
    """A file about it: one person labelled by two annotators, one by one, one who was skipped."""
    with open_store(tmp_path / "answers.sqlite", album) as store:
        add_person(store, "a.png", HAPPY, SAD)
        add_person(store, "a.png", SAD)
        add_person(store, "b.png", Skip("too dark"))
    return tmp_path / "answers.sqlite"


def said(done: tuple[int, str, str]) -> str:
    """Returns the one line in which a command was refused."""
    code, out, error = done
    assert (code, out, error.count("\n")) == (2, "", 1), error
    return error


def test_a_folder_without_pictures_is_named(run_here, tmp_path):
    (tmp_path / "album").mkdir()
    (tmp_path / "album" / "notes.txt").write_text("none")
    line = said(run_here("annotate", "album", "--out", "a.sqlite"))
    assert "album: expected a folder with pictures" in line
    assert not (tmp_path / "a.sqlite").exists()


@pytest.mark.parametrize("name", ["nowhere", "album/a.png"], ids=["missing", "file"])
def test_what_is_no_folder_is_named(run_here, album, name):
    line = said(run_here("annotate", name, "--out", "a.sqlite"))
    assert f"{name}: expected a folder with pictures" in line


def test_without_a_folder_there_is_nothing_to_annotate(run_here):
    assert "DIR: expected a folder" in said(run_here("annotate", "--out", "a.sqlite"))


def test_answers_of_another_folder_are_refused(run_here, answers, tmp_path):
    make_album(tmp_path / "other", ["a.png", "z.png"])
    line = said(run_here("annotate", "other", "--out", answers.name))
    assert answers.name in line
    assert "b.png" in line


def test_a_file_that_holds_something_else_is_left_alone(run_here, album, tmp_path):
    (tmp_path / "notes.txt").write_text("something else entirely")
    assert "notes.txt: expected" in said(run_here("annotate", "album", "--out", "notes.txt"))
    assert (tmp_path / "notes.txt").read_text() == "something else entirely"


def test_a_port_that_is_taken_is_named_as_serve_names_it(run_here, album):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = said(run_here("annotate", "album", "--out", "a", "--no-detect", "--port", port))
    assert f"--port {port}: expected an address" in line


@pytest.mark.parametrize(
    ("refused", "options"),
    [
        ("--json", "--json -"),
        ("--least-votes", "--least-votes 2"),
        ("--shares", "--shares 1 1 1"),
        ("--min-face", "--no-detect --min-face 20"),
        ("--min-face", "--person-detector p.tflite --min-face 20"),
        ("--port", "--export new --port 1"),
        ("--export", "--agreement --export new"),
        ("--host", "--agreement --host localhost"),
    ],
    ids=lambda words: words.replace("--", ""),
)
def test_options_that_do_not_go_together_are_refused(run_here, answers, refused, options):
    line = said(run_here("annotate", "album", "--out", answers.name, *options.split()))
    assert f"error: {refused}: expected" in line


def test_agreement_is_printed_as_a_table(run_here, answers):
    code, out, _ = run_here("annotate", "--agreement", "--out", answers.name)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "People labelled by each: Ada 2, Bo 1"
    assert lines[1] == "Cannot be judged: Ada 1"
    assert lines[2] == "Agreement on 1 person whom two annotators or more labelled:"
    rows = {line.split()[0]: line.split()[1:] for line in lines[3:] if line.strip()}
    assert rows["Happiness"][-2:] == ["0.000", "0.500"]
    assert rows["Fear"][0] == "-"
    assert rows["valence"] == ["4.243", "6.000"]


def test_agreement_goes_to_standard_output_as_json(run_here, answers):
    code, out, error = run_here("annotate", "--agreement", "--json", "-", "--out", answers.name)
    assert code == 0
    assert json.loads(out)["vad"]["valence"] == {"deviation": 4.24264, "difference": 6.0}
    assert "valence" in error


def test_agreement_of_nobody_is_an_error(run_here, album, tmp_path):
    open_store(tmp_path / "answers.sqlite", album).close()
    line = said(run_here("annotate", "--agreement", "--out", "answers.sqlite"))
    assert "two annotators or more" in line


@pytest.mark.parametrize("what", [("--agreement",), ("album", "--export", "new")], ids=" ".join)
def test_what_reads_answers_makes_no_file_of_them(run_here, album, tmp_path, what):
    assert "a.sqlite" in said(run_here("annotate", *what, "--out", "a.sqlite"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["album"]


def test_an_export_says_what_it_wrote_and_what_it_left_out(run_here, answers, tmp_path):
    command = ("annotate", "album", "--export", "new", "--out", answers.name)
    code, out, _ = run_here(*command, "--shares", 1, 0, 0, "--least-votes", 2)
    assert code == 2, out
    code, out, _ = run_here(*command, "--shares", 1, 0, 0)
    assert code == 0
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines()[1:]}
    assert (rows["train"], rows["test"]) == (["1", "2"], ["0", "0"])
    assert "Left out: 1, cannot be judged" in out
    assert out.splitlines()[-1] == "Wrote new"
    assert (tmp_path / "new" / "emotic" / "annotated" / "images" / "a.png").is_file()


def test_an_export_among_the_pictures_is_refused(run_here, answers, album):
    line = said(run_here("annotate", "album", "--export", "album/new", "--out", answers.name))
    assert "--export: expected a folder outside album" in line
    assert not (album / "new").exists()
