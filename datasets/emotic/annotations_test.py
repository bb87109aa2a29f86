"""Reading `Annotations.mat`."""

import math
import re

import numpy as np
import pytest

from emo_tf.errors import EmoError

from .annotations import Annotator, read_annotations
from .hard_copies import (
    combined_person,
    row,
    rows_of_every_split,
    train_person,
    vad,
    write_annotations,
)


@pytest.fixture
def read(tmp_path):
    """Writes rows by split, completed to all splits, and reads them back."""

    def write_and_read(**rows):
        path = write_annotations(tmp_path / "Annotations.mat", **rows_of_every_split(**rows))
        return read_annotations(path)

    return write_and_read


def person_of(image):
    (person,) = image.people
    return person


def test_a_person_of_train_has_the_labels_of_the_one_annotator(read):
    (image,) = read()["train"]
    person = person_of(image)

    assert (image.split, image.row, image.folder, image.filename, image.size) == (
        *("train", 0, "mscoco/images", "a.jpg"),
        (64, 48),
    )
    assert person.body_box == (10, 20, 50, 40)
    assert person.categories == ("Happiness", "Peace")
    assert person.vad == (5, 3, 9)
    assert (person.index, person.gender, person.age) == (0, "Male", "Adult")
    assert person.annotators == (Annotator(categories=("Happiness", "Peace"), vad=(5, 3, 9)),)


@pytest.mark.parametrize("split", ["val", "test"])
def test_a_person_of_val_or_test_has_the_combined_labels_and_every_annotators(read, split):
    person = person_of(read()[split][0])

    assert person.categories == ("Fear", "Pain")
    assert person.vad == (1.5, 3.0, 3.0)
    assert person.annotators == (
        Annotator(categories=("Fear",), vad=(1, 2, 3)),
        Annotator(categories=("Pain", "Fear"), vad=(2, 4, 3)),
    )


def test_numbers_stay_as_the_file_holds_them(read):
    whole = {"n_col": np.uint16(640), "n_row": np.uint16(480)}
    broken = {"n_col": 640.0, "n_row": 480.0}
    people = [
        train_person(body_bbox=np.int16([-3, 4, 300, 200]), annotations_continuous=[vad(5, 3, 9)]),
        train_person(
            body_bbox=(0.5, 4.0, 300.0, 200.0), annotations_continuous=[vad(5.0, 3.5, 9.0)]
        ),
    ]
    first, second = read(
        train=[
            row("a.jpg", people[0], image_size=whole),
            row("b.jpg", people[1], image_size=broken),
        ]
    )["train"]

    assert repr(first.size) == "(640, 480)"
    assert repr(person_of(first).body_box) == "(-3, 4, 300, 200)"
    assert repr(person_of(first).vad) == "(5, 3, 9)"
    assert repr(second.size) == "(640.0, 480.0)"
    assert repr(person_of(second).body_box) == "(0.5, 4.0, 300.0, 200.0)"
    assert repr(person_of(second).vad) == "(5.0, 3.5, 9.0)"


@pytest.mark.parametrize(
    ("box", "clamped"),
    [
        ((10, 20, 50, 40), (10, 20, 50, 40)),
        ((-7, -0.5, 64.9, 48.5), (0, 0, 64, 48)),
        ((10.9, 20.2, 50.7, 40.99), (10, 20, 50, 40)),
        ((70, 10, 90, 40), (64, 10, 64, 40)),
        ((50, 40, 10, 20), (50, 40, 10, 20)),
        ((0, 0, math.inf, 40), (0, 0, 64, 40)),
    ],
    ids=["inside", "partly outside", "fractions", "outside", "reversed", "infinite"],
)
def test_a_box_is_clamped_to_the_annotated_size_and_truncated(read, box, clamped):
    (image,) = read(train=[row("a.jpg", train_person(body_bbox=box))])["train"]
    result = person_of(image).clamped_box(image.size)

    assert result == clamped
    assert all(type(value) is int for value in result)


def test_a_missing_number_of_vad_is_nan(read):
    people = [
        combined_person(combined_continuous=[vad(1, math.nan, 3)]),
        combined_person(combined_continuous=[vad(1, [], 3)]),
        combined_person(combined_continuous=[]),
    ]
    images = read(val=[row("a.jpg", person) for person in people])["val"]

    first, second, third = (person_of(image).vad for image in images)
    np.testing.assert_array_equal([first, second], [(1, math.nan, 3)] * 2)
    np.testing.assert_array_equal(third, [math.nan] * 3)


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_person_whom_nobody_labelled_has_neither_categories_nor_vad(read, split):
    make = train_person if split == "train" else combined_person
    person = make(annotations_categories=[], annotations_continuous=[])

    (image,) = read(**{split: [row("a.jpg", person)]})[split]

    assert person_of(image).categories is None
    assert all(map(math.isnan, person_of(image).vad))
    assert person_of(image).annotators == ()


def test_an_annotator_may_have_chosen_nothing(read):
    person = train_person(annotations_categories=[{"categories": []}])

    assert person_of(read(train=[row("a.jpg", person)])["train"][0]).categories == ()


def test_an_annotator_may_have_given_one_kind_of_labels_alone(read):
    person = combined_person(annotations_continuous=[vad(1, 2, 3)])

    first, second = person_of(read(val=[row("a.jpg", person)])["val"][0]).annotators

    assert (first.categories, first.vad) == (("Fear",), (1, 2, 3))
    assert second.categories == ("Pain", "Fear")
    assert all(map(math.isnan, second.vad))


def test_an_image_may_hold_nobody_or_several_people(read):
    images = read(train=[row("a.jpg"), row("b.jpg", *[train_person()] * 3)])["train"]

    assert [len(image.people) for image in images] == [0, 3]
    assert [person.index for person in images[1].people] == [0, 1, 2]


def test_a_split_may_be_empty(read):
    assert read(val=[])["val"] == []


def test_gender_and_age_may_be_missing_or_new(read):
    person = train_person(gender=[], age="Elder")

    person = person_of(read(train=[row("a.jpg", person)])["train"][0])

    assert (person.gender, person.age) == ("", "Elder")


def test_fields_are_found_by_name_and_others_ignored(read):
    image = row("a.jpg", {"lettering": 3} | dict(reversed(train_person().items())))
    image = {"note": "x"} | dict(reversed(image.items()))

    assert read(train=[image])["train"] == read()["train"]


def test_names_may_be_of_any_script(read):
    (image,) = read(train=[row("été 写真.jpg", train_person())])["train"]

    assert image.filename == "été 写真.jpg"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Hapiness", "Unknown emotion: did you mean Happiness"),
        ("xyz", "Unknown emotion: expected one of Affection, Anger, "),
    ],
    ids=["a slip", "nothing like it"],
)
def test_an_unknown_emotion_is_an_error_that_names_the_row_and_the_person(read, name, message):
    people = [train_person(), train_person(annotations_categories=[{"categories": [name]}])]

    with pytest.raises(EmoError) as caught:
        read(train=[row("a.jpg"), row("x.jpg", *people)])

    place = "Annotations.mat, train row 1 (mscoco/images/x.jpg), person 1: "
    assert f"{place}{message}" in str(caught.value)


def without(fields: dict, name: str) -> dict:
    return {key: value for key, value in fields.items() if key != name}


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (without(row("a.jpg"), "folder"), "row 0: expected a field folder. Received: filename, "),
        (without(row("a.jpg"), "person"), "row 0: expected a field person. "),
        (row("a.jpg", without(train_person(), "age")), "person 0: expected a field age. "),
        (row("a.jpg", train_person(body_bbox=(1, 2))), "body_bbox of 4 numbers. Received: [1, 2]"),
        (row("a.jpg", train_person(body_bbox=(1, 2, 3, math.nan))), "Received: [1.0, 2.0, 3.0, n"),
        (row("a.jpg", train_person(body_bbox="box")), "expected numbers. Received: str"),
        (row("a.jpg", train_person(gender=1.5)), "expected a text. Received: float64 of shape"),
        (row("a.jpg", person="nobody"), "row 0: expected a struct. Received: str"),
        (row("a.jpg", image_size=[]), "row 0: expected an image_size of two numbers. Received: "),
    ],
    ids=[
        *("no folder", "no people", "no age", "short box", "box with NaN", "box of text"),
        *("gender of a number", "people of text", "no size"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_names_the_row(read, image, message):
    with pytest.raises(EmoError, match=re.escape(message)) as caught:
        read(train=[image])

    assert "Annotations.mat, train row 0" in str(caught.value)


def test_a_split_of_something_else_is_an_error_that_names_it(tmp_path):
    rows = rows_of_every_split() | {"val": "nothing"}
    path = write_annotations(tmp_path / "Annotations.mat", **rows)

    with pytest.raises(EmoError, match="val: expected a struct"):
        read_annotations(path)
