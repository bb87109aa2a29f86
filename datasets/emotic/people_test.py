"""Who can be used, and who is left out and why."""

import ast
import csv
import math

import numpy as np
import pytest
from PIL import Image

from emo_tf.corpora.report import LeftOut
from emo_tf.corpora.testing import encoded, pixels, turned_jpeg

from . import people
from .annotations import SPLITS
from .hard_copies import (
    combined_person,
    row,
    train_person,
    vad,
    write_emotic,
)
from .people import KeptPerson, read_people


@pytest.fixture
def read(tmp_path):
    """Writes one image with some people and returns what becomes of them."""

    def write_and_read(*persons, split="train", image=None, **changes):
        images = {} if image is None else {"x.jpg": image}
        rows = {split: [row("x.jpg", *persons, **changes)]}
        folder = write_emotic(tmp_path / "emotic", images=images, **rows)
        return list(read_people(folder, split))

    return write_and_read


def small_jpeg(height: int, width: int) -> bytes:
    return encoded(Image.fromarray(pixels(height, width)))


def test_rows_are_those_that_the_public_pytorch_implementation_reads(shared):
    real_layout = shared / "fixtures" / "emotic_mini"
    for split in SPLITS:
        with (real_layout / "expected" / f"{split}.csv").open(newline="") as stream:
            expected = list(csv.DictReader(stream))
        kept = list(read_people(real_layout, split))

        assert all(isinstance(one, KeptPerson) for one in kept)
        assert len(kept) == len(expected)
        for index, (one, line) in enumerate(zip(kept, expected, strict=True)):
            assert (one.image.folder, one.image.filename) == (line["Folder"], line["Filename"])
            assert str(index) == line["Index"]
            assert str(list(one.image.size)) == line["Image Size"]
            assert str(list(one.box)) == line["BBox"]
            assert str(list(one.person.categories)) == line["Categorical_Labels"]
            labels = ast.literal_eval(line["Continuous_Labels"])
            np.testing.assert_allclose(one.person.vad, labels, rtol=0, atol=1e-6)
            assert (one.person.gender, one.person.age) == (line["Gender"], line["Age"])


def test_a_kept_person_comes_with_the_picture_and_the_box(read):
    (kept,) = read(train_person(body_bbox=(-5, 7.9, 30.2, 900)))

    assert kept.box == kept.box_in_picture == (0, 7, 30, 48)
    assert (kept.picture.height, kept.picture.width) == (48, 64)
    assert kept.picture.encoded == encoded()
    assert np.abs(kept.picture.pixels.astype(int) - pixels()).mean() < 3


def test_people_of_an_image_share_its_picture(read, monkeypatch):
    decoded = []
    decode = people.decode
    monkeypatch.setattr(people, "decode", lambda data: decoded.append(1) or decode(data))

    first, second, third = read(*[train_person()] * 3)

    assert len(decoded) == 1
    assert first.picture is second.picture is third.picture
    assert [one.person.index for one in (first, second, third)] == [0, 1, 2]


def test_an_image_of_nobody_is_not_read(read):
    assert read(image=b"never read") == []


@pytest.mark.parametrize(
    ("person", "reason", "detail"),
    [
        (
            {"body_bbox": (64, 10, 90, 40)},
            "empty box",
            "box is empty after clamping: [64, 10, 64, 40]",
        ),
        ({"body_bbox": (4, 5, 4.9, 9)}, "empty box", "box is empty after clamping: [4, 5, 4, 9]"),
        ({"body_bbox": (9, 8, 1, 2)}, "empty box", "box is empty after clamping: [9, 8, 1, 2]"),
        ({"annotations_categories": []}, "no categories", "no annotator chose categories"),
        (
            {"annotations_continuous": [vad(5, math.nan, 9)]},
            "incomplete VAD",
            "VAD lacks a number: [5, nan, 9]",
        ),
        (
            {"annotations_continuous": [vad(5, [], 9)]},
            "incomplete VAD",
            "VAD lacks a number: [5, nan, 9]",
        ),
        (
            {"annotations_continuous": []},
            "incomplete VAD",
            "VAD lacks a number: [nan, nan, nan]",
        ),
    ],
    ids=["outside", "thin", "reversed", "no categories", "NaN", "missing number", "no VAD"],
)
def test_who_is_left_out_says_where_and_why(read, person, reason, detail):
    kept, left_out = read(train_person(), train_person(**person))

    assert isinstance(kept, KeptPerson)
    assert isinstance(left_out, LeftOut)
    assert left_out.reason == reason
    assert left_out.reason in people.REASONS
    assert left_out.text == (
        f"Annotations.mat, train row 0 (mscoco/images/x.jpg), person 1: {detail}"
    )


@pytest.mark.parametrize(
    ("data", "detail"),
    [(encoded()[:500], "image cannot be read: "), (b"", "image cannot be read: no known format")],
    ids=["cut off", "empty"],
)
def test_a_person_in_an_unreadable_image_is_left_out(read, data, detail):
    (left_out,) = read(train_person(), image=data)

    place = "Annotations.mat, train row 0 (mscoco/images/x.jpg), person 0"
    assert left_out.reason == people.UNREADABLE_IMAGE
    assert left_out.text.startswith(f"{place}: {detail}")


def test_a_box_outside_an_image_that_is_smaller_than_annotated_is_empty(read):
    (left_out,) = read(train_person(body_bbox=(30, 5, 40, 15)), image=small_jpeg(20, 30))

    assert left_out.reason == people.EMPTY_BOX
    assert left_out.text.endswith(": box lies outside the image of 30 x 20 pixels: [30, 5, 40, 15]")


def test_a_missing_image_leaves_out_everyone_in_it(tmp_path):
    folder = write_emotic(
        tmp_path / "emotic",
        images={"x.jpg": None},
        train=[row("x.jpg", *[train_person()] * 2), row("a.jpg", train_person())],
    )

    first, second, third = read_people(folder, "train")

    assert first.reason == second.reason == people.MISSING_IMAGE
    assert second.text.endswith(": image is missing")
    assert isinstance(third, KeptPerson)


@pytest.mark.parametrize("split", ["val", "test"])
def test_the_combined_vad_counts_not_each_annotators(read, split):
    nan = vad(math.nan, 2, 3)
    kept, left_out = read(
        combined_person(annotations_continuous=[nan, vad(2, 4, 3)]),
        combined_person(combined_continuous=[nan]),
        split=split,
    )

    assert isinstance(kept, KeptPerson)
    assert left_out.reason == people.INCOMPLETE_VAD


def test_an_annotator_who_chose_nothing_is_enough(read):
    (kept,) = read(train_person(annotations_categories=[{"categories": []}]))

    assert kept.person.categories == ()


def test_a_box_beyond_a_smaller_image_is_cut_to_it(read):
    (kept,) = read(train_person(), image=small_jpeg(30, 40))

    assert kept.box == (10, 20, 50, 40)
    assert kept.box_in_picture == (10, 20, 40, 30)


def test_the_box_of_a_turned_image_refers_to_it_upright(read):
    person = train_person(body_bbox=(5, 50, 40, 64))

    (kept,) = read(person, image=turned_jpeg(6), image_size={"n_row": 64, "n_col": 48})

    assert (kept.picture.height, kept.picture.width) == (64, 48)
    assert kept.box_in_picture == (5, 50, 40, 64)


def test_the_first_reason_that_holds_counts(read):
    nobody = train_person(
        body_bbox=(9, 9, 9, 9), annotations_categories=[], annotations_continuous=[]
    )

    (left_out,) = read(nobody)

    assert left_out.reason == people.EMPTY_BOX
