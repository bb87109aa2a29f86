import csv
import json
import os
import threading

import pytest

from emo_tf.cli.box_lists import BoxRow
from emo_tf.cli.output import check_targets, csv_rows, json_lines, text_rows
from emo_tf.errors import EmoError
from emo_tf.results import CSV_COLUMNS, CategoryScore, Person, PhotoResult, Vad

RESULTS = [PhotoResult('a,"b"\nü.jpg', 1, 1, reason="no face"), PhotoResult("b", error="why")]

CATEGORIES = (
    CategoryScore("Anger", 0.6, 0.5, above=True),
    CategoryScore("Doubt/Confusion", 0.5, 0.5, above=False),
    CategoryScore("Peace", 0.9, 0.2, above=True),
)


def people(source: str, *valences: float) -> PhotoResult:
    """A result with one person for each valence."""
    found = (
        Person((0, 0, 1, 1), None, CATEGORIES, Vad(valence, 5, 10.123456)) for valence in valences
    )
    return PhotoResult(source, 1, 1, people=tuple(found))


def rows(source_list: str, lines: dict[int, str]) -> tuple[BoxRow, ...]:
    """Rows of a list by their lines, each with the path that it gives."""
    return tuple(
        BoxRow(source_list, line, given, f"folder/{given}", (0, 0, 1, 1))
        for line, given in lines.items()
    )


def test_json_lines_hold_one_object_a_source(tmp_path):
    with json_lines(str(tmp_path / "new" / "out.jsonl")) as write:
        for result in RESULTS:
            write(result)
    lines = (tmp_path / "new" / "out.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [result.to_dict() for result in RESULTS]


def test_csv_reads_back_whatever_the_name(tmp_path):
    with csv_rows(str(tmp_path / "out.csv")) as write:
        for result in RESULTS:
            write(result)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        table = csv.DictReader(stream)
        rows = list(table)
    assert tuple(table.fieldnames) == CSV_COLUMNS
    assert [row["source"] for row in rows] == ['a,"b"\nü.jpg', "b"]
    assert [row["error"] for row in rows] == ["", "why"]


def test_text_holds_a_row_a_person_as_the_pytorch_code_writes_it(tmp_path):
    with text_rows(str(tmp_path / "out")) as write:
        write(people("a b.jpg", 1.00004, 2), ())
        write(PhotoResult("none.jpg", 1, 1, reason="no face"), ())
        write(PhotoResult("broken.jpg", error="why"), ())
    assert (tmp_path / "out").read_text() == (
        "a b.jpg Anger Peace 1.0000 5.0000 10.1235\na b.jpg Anger Peace 2.0000 5.0000 10.1235\n"
    )


def test_text_has_the_people_of_a_list_in_its_order_and_under_its_paths(tmp_path):
    with text_rows(str(tmp_path / "out")) as write:
        write(people("photo.jpg", 1), ())
        write(people("folder/a.jpg", 2, 4), rows("one.txt", {1: "a.jpg", 7: "./a.jpg"}))
        write(PhotoResult("one.txt", error="line 2"), ())
        write(people("folder/b.jpg", 3), rows("one.txt", {3: "b.jpg"}))
        write(PhotoResult("folder/c.jpg", error="broken"), rows("one.txt", {4: "c.jpg"}))
        write(people("folder/a.jpg", 5), rows("two.txt", {1: "a.jpg"}))
        write(people("photo.jpg", 6), ())
    written = [line.split() for line in (tmp_path / "out").read_text().splitlines()]
    assert [(line[0], float(line[-3])) for line in written] == [
        ("photo.jpg", 1),
        ("a.jpg", 2),
        ("b.jpg", 3),
        ("./a.jpg", 4),
        ("a.jpg", 5),
        ("photo.jpg", 6),
    ]


def test_text_is_not_written_after_an_interruption(tmp_path):
    def interrupted():
        with text_rows(str(tmp_path / "out")) as write:
            write(people("folder/a.jpg", 1), rows("one.txt", {1: "a.jpg"}))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("writer", [json_lines, csv_rows])
def test_a_file_appears_whole_or_not_at_all(tmp_path, writer):
    target = tmp_path / "out"
    target.write_text("before")

    def interrupted():
        with writer(str(target)) as write:
            write(RESULTS[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_name_that_is_no_utf8_reads_back_from_json(tmp_path):
    name = os.fsdecode(b"caf\xe9.jpg")
    with json_lines(str(tmp_path / "out")) as write:
        write(PhotoResult(name, error="why"))
    assert json.loads((tmp_path / "out").read_text("utf-8"))["source"] == name


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with json_lines(str(tmp_path / "link")) as write:
        write(RESULTS[1])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text().startswith('{"source": "b"')


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()))
    reader.start()
    with json_lines(str(pipe)) as write:
        write(RESULTS[1])
    reader.join()
    assert json.loads(received[0]) == RESULTS[1].to_dict()
    assert pipe.is_fifo()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(EmoError, match=r"file/out\.csv: cannot be written"),
        csv_rows(str(tmp_path / "file" / "out.csv")),
    ):
        pass


@pytest.mark.parametrize(
    ("json_target", "csv_target", "message"),
    [
        ("-", "-", "--csv: expected another place than that of --json. Received: -"),
        ("x", "./x", "--csv: expected another place than that of --json. Received: ./x"),
        ("photo.jpg", None, "--json: expected a file other than the sources"),
        (None, "folder", "--csv: expected a file or -. Received: folder, which is a folder"),
    ],
    ids=["both stdout", "one file spelled twice", "a source", "a folder"],
)
def test_targets_that_cannot_be_are_refused(
    tmp_path, monkeypatch, json_target, csv_target, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(EmoError, match=message):
        check_targets({"--json": json_target, "--csv": csv_target}, inputs={tmp_path / "photo.jpg"})


def test_targets_apart_are_accepted(tmp_path):
    check_targets({"--json": "-", "--csv": str(tmp_path / "x.csv")}, inputs=set())
