import csv
import json
import shutil

import numpy as np
import pytest

from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.runtime.image_io import write_image
from emo_tf.weights import weight_path

ROWS = """# people of two pictures
photos/a b.jpg 10 20 30 40
photos/b.jpg 0 0 64 48

photos/a b.jpg 1.5 2.5 20 48
photos/b.jpg 64 0 90 48
photos/gone.jpg 0 0 9 9
photos/b.jpg 9 0 5 5
photos/broken.jpg 0 0 5 5
photos/broken.jpg 1 0 5 5
photos/b.jpg -10 0 5 5
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, photo, make_jpeg):
    """A folder `lists` with `people.txt` and the photos it speaks of."""
    folder = tmp_path_factory.mktemp("people")
    photos = folder / "lists" / "photos"
    photos.mkdir(parents=True)
    (photos / "a b.jpg").write_bytes(make_jpeg(photo))
    (photos / "b.jpg").write_bytes(make_jpeg(np.ascontiguousarray(photo[::-1])))
    (photos / "broken.jpg").write_text("Not a picture.")
    (folder / "lists" / "people.txt").write_text(ROWS)
    return folder


@pytest.fixture(scope="module")
def run(folder, run_cli, context_tflite, astronaut):
    """One run over the list and a photograph, with every kind of output."""
    outputs = ["--json", "out.jsonl", "--csv", "out.csv", "--text", "out.txt", "--draw", "drawn"]
    words = ["lists/people.txt", astronaut, "--model", context_tflite]
    done = run_cli("predict", *words, *outputs, cwd=folder)
    done.entries = [*map(json.loads, (folder / "out.jsonl").read_text("utf-8").splitlines())]
    return done


def labels(person: dict) -> list[str]:
    """The categories above their thresholds."""
    return [category["label"] for category in person["categories"] if category["above"]]


def test_rows_are_gathered_by_picture_and_bad_ones_stand_beside_the_others(run, astronaut):
    assert run.returncode == 1
    assert run.stderr == ""
    assert [
        (entry["source"], [person["box_xywh"] for person in entry.get("people", ())])
        for entry in run.entries[:-1]
    ] == [
        ("lists/photos/a b.jpg", [[10, 20, 20, 20], [1.5, 2.5, 18.5, 45.5]]),
        ("lists/photos/b.jpg", [[0, 0, 64, 48], [-10, 0, 15, 5]]),
        ("lists/people.txt", []),
        ("lists/people.txt", []),
        ("lists/people.txt", []),
        ("lists/photos/broken.jpg", []),
    ]
    assert run.entries[-1]["source"] == str(astronaut)


def test_every_error_names_list_and_line_or_the_picture(run):
    errors = [entry["error"] for entry in run.entries if "error" in entry]
    assert errors[:3] == [
        "lists/people.txt, line 6: expected a box with an area in the picture of 64 x 48 pixels. "
        "Received: 64 0 90 48",
        "lists/people.txt, line 7: expected a picture file. "
        "Received: no such file, photos/gone.jpg",
        "lists/people.txt, line 8: expected x1 < x2 and y1 < y2. Received: 9 0 5 5",
    ]
    assert errors[3].startswith("lists/photos/broken.jpg: expected a picture")
    assert len(errors) == 4


def test_a_person_is_written_as_the_contract_says(run):
    person = run.entries[0]["people"][0]
    assert list(person) == ["box_xywh", "score", "categories", "vad"]
    assert person["score"] is None
    assert [category["label"] for category in person["categories"]] == list(EMOTIC_CATEGORIES)
    assert list(person["categories"][0]) == ["label", "score", "threshold", "above"]
    assert list(person["vad"]) == ["valence", "arousal", "dominance"]


def test_text_has_a_row_a_person_in_the_order_of_the_list(run, folder, astronaut):
    a, b, guessed = (run.entries[index]["people"] for index in (0, 1, -1))
    wanted = [("photos/a b.jpg", a[0]), ("photos/b.jpg", b[0]), ("photos/a b.jpg", a[1])]
    wanted += [("photos/b.jpg", b[1]), (str(astronaut), guessed[0])]
    assert (folder / "out.txt").read_text().splitlines() == [
        " ".join([path, *labels(person), *(f"{v:.4f}" for v in person["vad"].values())])
        for path, person in wanted
    ]


def test_without_a_list_the_body_is_guessed_from_the_face(run):
    (face,) = run.entries[-1]["faces"]
    (person,) = run.entries[-1]["people"]
    assert person["score"] == face["score"]
    assert person["box_xywh"][3] > 3 * face["box_xywh"][3]


def test_csv_and_drawings_and_the_table_show_people_too(run, folder):
    with (folder / "out.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["person"]]
    assert [row["person"] for row in rows] == ["0", "1", "0", "1", "0"]
    assert rows[0]["categories"].split("; ") == labels(run.entries[0]["people"][0])
    names = {path.name for path in (folder / "drawn").rglob("*") if path.is_file()}
    assert names == {"a b.jpg", "b.jpg", "astronaut.png"}
    assert "person  categories" in run.stdout
    assert "error: line 6: expected a box" in " ".join(run.stdout.split())
    assert "4 pictures, 1 face, 5 people, 4 failed, " in run.stdout
    assert run.stdout.splitlines()[-4:] == [
        *("wrote out.jsonl", "wrote out.csv", "wrote out.txt", "wrote 3 pictures to drawn")
    ]


def test_a_list_of_boxes_outside_alone_gives_errors_alone(
    run_here, tmp_path, photo, context_tflite
):
    write_image(tmp_path / "a.png", photo)
    (tmp_path / "people.txt").write_text("a.png 64 0 70 9\na.png 5.2 0 5.8 9\n")
    code, out, _ = run_here("predict", "people.txt", "--model", context_tflite, "--json", "-")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [(line["source"], line["error"].split(":")[0]) for line in lines] == [
        ("people.txt", "people.txt, line 1"),
        ("people.txt", "people.txt, line 2"),
    ]


def test_an_empty_list_is_one_error_and_the_others_are_done(
    run_here, tmp_path, photo, context_tflite
):
    write_image(tmp_path / "a.png", photo)
    (tmp_path / "empty.txt").touch()
    code, out, _ = run_here("predict", "empty.txt", "a.png", "--model", context_tflite)
    assert code == 1
    assert "error: expected a list with rows path x1 y1 x2 y2. Received: no rows" in out
    assert "a.png      no face of at least 40 pixels found" in out
    assert "1 picture, 0 faces, 0 people, 1 failed, " in out


def test_text_on_stdout_stands_alone(run_here, tmp_path, photo, context_tflite):
    write_image(tmp_path / "a.png", photo)
    (tmp_path / "people.txt").write_text("a.png 0 0 9 9\n")
    code, out, err = run_here("predict", "people.txt", "--model", context_tflite, "--text", "-")
    assert code == 0
    assert out.startswith("a.png ")
    assert out.count("\n") == 1
    assert "1 picture, 0 faces, 1 person, " in err


def test_a_list_is_not_written_over(run_here, tmp_path, photo, context_tflite):
    write_image(tmp_path / "a.png", photo)
    (tmp_path / "people.txt").write_text("a.png 0 0 9 9\n")
    words = ["people.txt", "--model", context_tflite, "--text", "people.txt"]
    code, _, err = run_here("predict", *words)
    assert code == 2
    assert "--text: expected a file other than the sources. Received: people.txt" in err
    assert (tmp_path / "people.txt").read_text() == "a.png 0 0 9 9\n"


def test_a_run_that_was_exported_and_an_expression_model_work_together(
    run_here, tmp_path, astronaut, context_tflite
):
    (tmp_path / "run" / "export").mkdir(parents=True)
    (tmp_path / "run" / "config.json").touch()
    shutil.copy(context_tflite, tmp_path / "run" / "export" / "model_float16.tflite")
    models = ["--model", "run", "--model", weight_path("expression_int8")]
    code, out, _ = run_here("predict", astronaut, *models)
    assert code == 0
    assert "1 picture, 1 face, 1 person, " in out


def test_people_can_be_found_by_a_detector(run_here, tmp_path, context_tflite):
    from tests.detection_models import OTHER, PERSON, write_post_process

    found = [((0.1, 0.2, 0.9, 0.4), PERSON, 0.95), ((0, 0, 1, 1), OTHER, 0.95)]
    write_post_process(tmp_path / "detector.tflite", found)
    write_image(tmp_path / "white.png", np.full((50, 100, 3), 255, np.uint8))
    models = ["--model", context_tflite, "--person-detector", "detector.tflite"]
    code, out, _ = run_here("predict", "white.png", *models, "--json", "-")
    (person,) = json.loads(out)["people"]
    assert code == 0
    assert person["box_xywh"] == pytest.approx([20, 5, 20, 40], abs=0.1)
    assert person["score"] == pytest.approx(0.95, abs=0.01)
