import io
from pathlib import Path

import pytest
from PIL import Image

from emo_tf.annotation.answer import Skip
from emo_tf.annotation.emotic_export import ExportSummary, export_emotic
from emo_tf.corpora.emotic_layout import SPLITS
from emo_tf.corpora.testing import encoded, turned_jpeg
from emo_tf.data import builders
from emo_tf.errors import EmoError
from tests.annotation.albums import HEIGHT, WIDTH, make_album, open_store
from tests.annotation.answered import add_person, said

ONLY = {split: [split == one for one in SPLITS] for split in SPLITS}
"""Shares that put every picture into one split."""

FIRST = said("Peace", "Happiness", vad=(8, 3, 5), gender="Female", age="Adult")
SECOND = said("Happiness", vad=(7, 3, 6), gender="", age="Teenager")
THIRD = said(vad=(3, 3, 1), gender="Female", age="Adult")


def read_back(raw: Path, split: str) -> list:
    """Returns the people of a split as the builder takes them."""
    people = builders.module("emotic", "people")
    found = list(people.read_people(raw, split))
    assert all(isinstance(person, people.KeptPerson) for person in found)
    return found


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("split", ["val", "test"])
def test_val_and_test_hold_every_annotator_and_what_they_say_together(
    store, album, tmp_path, split
):
    add_person(store, "b.png", FIRST, SECOND, THIRD, box_xywh=(4.7, 5.2, 20.6, 30.1))
    summary = export_emotic(store, album, tmp_path / "raw", shares=ONLY[split])

    (kept,) = read_back(tmp_path / "raw", split)
    assert kept.box == (4, 5, 25, 35)
    assert kept.image.size == (WIDTH, HEIGHT)
    assert kept.person.categories == ("Happiness", "Peace")
    assert kept.person.vad == (6, 3, 4)
    assert (kept.person.gender, kept.person.age) == ("Female", "Adult")
    assert [(one.categories, one.vad) for one in kept.person.annotators] == [
        (answer.categories, answer.vad) for answer in (FIRST, SECOND, THIRD)
    ]
    nothing = dict.fromkeys(SPLITS, 0)
    assert summary == ExportSummary(nothing | {split: 1}, nothing | {split: 1}, left_out={})


def test_train_holds_what_the_annotators_say_together_as_one(store, album, tmp_path):
    add_person(store, "b.png", FIRST, SECOND)
    export_emotic(store, album, tmp_path / "raw", shares=ONLY["train"])

    (kept,) = read_back(tmp_path / "raw", "train")
    (annotator,) = kept.person.annotators
    assert annotator.categories == kept.person.categories == ("Happiness", "Peace")
    assert annotator.vad == kept.person.vad == (7.5, 3, 5.5)


@pytest.mark.parametrize(
    ("answers", "least_votes", "expected"),
    [
        pytest.param([FIRST, SECOND], 1, ("Happiness", "Peace"), id="any vote"),
        pytest.param([FIRST, SECOND], 2, ("Happiness",), id="two votes"),
        pytest.param([FIRST, SECOND], 3, None, id="too few votes"),
        pytest.param([THIRD], 1, (), id="none applies"),
        pytest.param([THIRD, FIRST], 1, ("Happiness", "Peace"), id="none applies to one"),
        pytest.param([THIRD, FIRST], 2, None, id="too few for none"),
        pytest.param([THIRD, THIRD, FIRST], 2, (), id="none applies to two"),
        pytest.param([Skip("from behind"), SECOND], 1, ("Happiness",), id="one cannot judge"),
    ],
)
def test_a_category_needs_votes_enough(store, album, tmp_path, answers, least_votes, expected):
    add_person(store, "a.png", said("Anger"), said("Anger"), said("Anger"))
    add_person(store, "b.png", *answers)
    options = {"shares": ONLY["val"], "least_votes": least_votes}
    summary = export_emotic(store, album, tmp_path / "raw", **options)

    anger, *others = read_back(tmp_path / "raw", "val")
    assert anger.person.categories == ("Anger",)
    assert [kept.person.categories for kept in others] == [expected] * (expected is not None)
    left_out = {"no category with enough votes": 1} if expected is None else {}
    assert summary.left_out == left_out


@pytest.mark.parametrize(
    ("genders", "expected"),
    [
        pytest.param(["Male", "Female", "Male"], "Male", id="most"),
        pytest.param(["", "", "Female"], "Female", id="one can tell"),
        pytest.param(["Male", "Female"], "", id="tie"),
        pytest.param(["", ""], "", id="nobody can tell"),
    ],
)
def test_gender_is_what_most_who_could_tell_chose(store, album, tmp_path, genders, expected):
    add_person(store, "a.png", *(said("Peace", gender=gender) for gender in genders))
    export_emotic(store, album, tmp_path / "raw", shares=ONLY["test"])

    (kept,) = read_back(tmp_path / "raw", "test")
    assert kept.person.gender == expected


def test_who_is_left_out_is_counted(store, album, tmp_path):
    add_person(store, "a.png", FIRST)
    add_person(store, "a.png")
    add_person(store, "b.png", Skip(""), Skip("too small"))
    add_person(store, "b.png", Skip(""))
    summary = export_emotic(store, album, tmp_path / "raw")

    assert summary.left_out == {"not labelled": 1, "cannot be judged": 2}
    assert sum(summary.pictures.values()) == sum(summary.people.values()) == 1
    assert files_in(tmp_path / "raw" / "emotic") == {"annotated/images/a.png"}


def test_a_picture_stays_in_its_split_when_others_come_and_its_copies_go_with_it(tmp_path):
    album, places = tmp_path / "album", {}
    for step, numbers in enumerate([range(30), range(20, 60)]):
        make_album(album, [f"{number:02}.png" for number in numbers])
        (album / "copies").mkdir(exist_ok=True)
        (album / "copies" / f"{step}.png").write_bytes((album / "00.png").read_bytes())
        with open_store(tmp_path / "answers.db", album) as store:
            for entry in store.pictures():
                if not store.people(entry.id):
                    add_person(store, entry.path, FIRST)
            export_emotic(store, album, tmp_path / str(step), shares=(2, 1, 1))
        annotations = builders.module("emotic", "source").Source(tmp_path / str(step)).annotations()
        found = {
            f"{image.folder}/{image.filename}": split
            for split, images in annotations.items()
            for image in images
        }
        assert found == found | places
        places = found

    folder = "annotated/images"
    assert places[f"{folder}/copies/0.png"] == places[f"{folder}/copies/1.png"]
    assert places[f"{folder}/copies/0.png"] == places[f"{folder}/00.png"]
    counts = [list(places.values()).count(split) for split in SPLITS]
    assert counts[0] > counts[1] > 5
    assert counts[2] > 5


def test_pictures_keep_their_folders_names_and_bytes(tmp_path):
    names = ["été/long day/x.png", "été/x.png", "x y.jpg", "z.webp"]
    album = make_album(tmp_path / "album", names)
    with open_store(tmp_path / "answers.db", album) as store:
        for name in names:
            add_person(store, name, FIRST)
        export_emotic(store, album, tmp_path / "raw", shares=ONLY["train"])

    images = tmp_path / "raw" / "emotic" / "annotated" / "images"
    assert files_in(images) == set(names)
    for name in names:
        assert (images / name).read_bytes() == (album / name).read_bytes()
    assert len(read_back(tmp_path / "raw", "train")) == len(names)


def test_what_the_builder_does_not_read_becomes_a_png_with_a_name_of_its_own(tmp_path):
    album = make_album(tmp_path / "album", ["x.jp2", "x.jp2.png", "na\udcffme.png"])
    with open_store(tmp_path / "answers.db", album) as store:
        for entry in store.pictures():
            add_person(store, entry.path, FIRST)
        export_emotic(store, album, tmp_path / "raw", shares=ONLY["train"])

    images = tmp_path / "raw" / "emotic" / "annotated" / "images"
    assert files_in(images) == {"x.jp2.png", "_x.jp2.png", "na\ufffdme.png"}
    assert len(read_back(tmp_path / "raw", "train")) == 3
    with Image.open(io.BytesIO((images / "x.jp2.png").read_bytes())) as written:
        assert (written.format, written.size) == ("PNG", (WIDTH, HEIGHT))


def test_boxes_of_a_turned_picture_lie_where_they_were_drawn(tmp_path):
    album = tmp_path / "album"
    album.mkdir()
    (album / "turned.jpg").write_bytes(turned_jpeg(6))
    with open_store(tmp_path / "answers.db", album) as store:
        add_person(store, "turned.jpg", FIRST, box_xywh=(5, 50, 40, 14))
        export_emotic(store, album, tmp_path / "raw", shares=ONLY["train"])

    (kept,) = read_back(tmp_path / "raw", "train")
    assert kept.image.size == (kept.picture.width, kept.picture.height) == (48, 64)
    assert kept.box_in_picture == (5, 50, 45, 64)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shares": (70, 30)}, r"^shares: expected three numbers .* Received: 70 30$"),
        ({"shares": (0, 0, 0)}, r"^shares: .* Received: 0 0 0$"),
        ({"shares": (2, -1, 1)}, r"^shares: .* Received: 2 -1 1$"),
        ({"shares": (1, float("nan"), 1)}, r"^shares: .* Received: 1 nan 1$"),
        ({"least_votes": 0}, r"^least_votes: expected 1 or more\. Received: 0$"),
    ],
    ids=["two shares", "no shares", "negative", "not a number", "no votes"],
)
def test_arguments_that_make_no_sense_are_an_error(store, album, tmp_path, options, message):
    add_person(store, "a.png", FIRST)

    with pytest.raises(EmoError, match=message):
        export_emotic(store, album, tmp_path / "raw", **options)
    assert not (tmp_path / "raw").exists()


def test_nobody_to_write_is_an_error_that_says_why(store, album, tmp_path):
    add_person(store, "a.png")
    add_person(store, "a.png", Skip(""))

    with pytest.raises(EmoError, match="Received: not labelled 1, cannot be judged 1"):
        export_emotic(store, album, tmp_path / "raw")
    assert not (tmp_path / "raw").exists()


def remove(path: Path) -> None:
    path.unlink()


def enlarge(path: Path) -> None:
    path.write_bytes(encoded(Image.new("RGB", (80, 60)), "PNG"))


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:90])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (remove, r"b\.png: expected a picture of the answers file\. Received: No such file"),
        (enlarge, r"b\.png: expected 64 x 48 pixels, as annotated\. Received: 80 x 60"),
        (cut_off, r"b\.png: expected a whole PNG picture"),
    ],
)
def test_a_picture_that_is_no_longer_what_was_annotated_is_an_error(
    store, album, tmp_path, change, message
):
    add_person(store, "a.png", FIRST)
    add_person(store, "b.png", FIRST)
    change(album / "b.png")

    with pytest.raises(EmoError, match=message):
        export_emotic(store, album, tmp_path / "raw")
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["album"]


def test_a_folder_that_holds_something_is_left_as_it_is(store, album, tmp_path):
    add_person(store, "a.png", FIRST)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "notes.txt").write_text("mine")

    with pytest.raises(EmoError, match="expected a new or empty folder"):
        export_emotic(store, album, tmp_path / "raw")
    assert files_in(tmp_path / "raw") == {"notes.txt"}
