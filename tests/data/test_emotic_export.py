import csv
import itertools
import shutil

import cv2
import numpy as np
import pytest
from PIL import Image

from emo_tf.data import miniature
from emo_tf.data.emotic_export import COLUMNS, SPLITS, export_emotic
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    return miniature.write("emotic", tmp_path_factory.mktemp("twin") / "emotic", size=20)


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def tables(twin, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    export_emotic(twin, folder, file_format="csv")
    return folder


@pytest.fixture(scope="module")
def arrays(twin, tmp_path_factory):
    folder = tmp_path_factory.mktemp("arrays")
    exported = export_emotic(twin, folder, file_format="npy", splits=["test"])
    assert [(part.split, part.people, part.left_out) for part in exported] == [("test", 4, {})]
    return {path.stem: np.load(path) for path in folder.iterdir()}


def test_the_tables_of_the_reference_are_written_byte_for_byte(shared, tmp_path):
    fixture = shared / "fixtures" / "emotic_mini"

    exported = export_emotic(fixture, tmp_path, file_format="csv")

    assert [part.people for part in exported] == [27, 8, 15]
    for split in SPLITS:
        written = (tmp_path / f"{split}.csv").read_bytes()
        assert written == (fixture / "expected" / f"{split}.csv").read_bytes()


def test_tables_have_the_columns_of_the_reference_and_a_row_a_person(tables):
    for split, people in zip(SPLITS, (14, 2, 4), strict=True):
        rows = rows_of(tables / f"{split}.csv")
        assert tuple(rows[0]) == COLUMNS
        assert [row["Index"] for row in rows] == [str(index) for index in range(people)]


def test_arrays_have_the_names_shapes_and_types_of_the_reference(arrays):
    found = {name: (array.shape, str(array.dtype)) for name, array in arrays.items()}
    assert found == {
        "test_context_arr": ((4, 224, 224, 3), "uint8"),
        "test_body_arr": ((4, 128, 128, 3), "uint8"),
        "test_cat_arr": ((4, 26), "float64"),
        "test_cont_arr": ((4, 3), "float64"),
    }


def test_arrays_hold_what_the_tables_say(arrays, tables, twin):
    for index, row in enumerate(rows_of(tables / "test.csv")):
        pixels = np.asarray(Image.open(twin / "emotic" / row["Folder"] / row["Filename"]))
        x1, y1, x2, y2 = map(int, row["BBox"].strip("[]").split(","))
        body = cv2.resize(pixels[y1:y2, x1:x2], (128, 128))
        np.testing.assert_array_equal(
            arrays["test_context_arr"][index], cv2.resize(pixels, (224, 224))
        )
        np.testing.assert_array_equal(arrays["test_body_arr"][index], body)
        names = [name.strip(" '") for name in row["Categorical_Labels"].strip("[]").split(",")]
        chosen = itertools.compress(EMOTIC_CATEGORIES, arrays["test_cat_arr"][index])
        assert list(chosen) == names
        vad = [float(number) for number in row["Continuous_Labels"].strip("[]").split(",")]
        np.testing.assert_array_equal(arrays["test_cont_arr"][index], vad)


def test_people_left_out_are_counted_by_reason(twin, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(twin, copy)
    next((copy / "emotic" / "mscoco" / "images").iterdir()).unlink()

    exported = export_emotic(copy, tmp_path / "out", file_format="csv")

    counted = sum(part.left_out.total() for part in exported)
    assert counted in (1, 2, 3)
    assert sum(part.people for part in exported) == 20 - counted
    assert {reason for part in exported for reason in part.left_out} == {"missing image"}


def test_a_file_that_stands_there_is_kept_and_nothing_is_written(twin, tmp_path):
    (tmp_path / "val.csv").write_text("mine")

    with pytest.raises(EmoError, match=r"val\.csv: expected no such file yet"):
        export_emotic(twin, tmp_path, file_format="csv")
    assert [path.name for path in tmp_path.iterdir()] == ["val.csv"]
    assert (tmp_path / "val.csv").read_text() == "mine"


def test_annotations_that_cannot_be_used_leave_no_file(twin, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(twin, copy)
    annotations = copy / "Annotations" / "Annotations.mat"
    annotations.write_bytes(annotations.read_bytes()[:-200])

    with pytest.raises(EmoError, match=r"emotic: .*Annotations\.mat"):
        export_emotic(copy, tmp_path / "out", file_format="npy")
    assert not list((tmp_path / "out").glob("*"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"file_format": "parquet"}, "Unknown format"),
        ({"file_format": "csv", "splits": ["valid"]}, "Unknown split: did you mean val"),
    ],
    ids=["format", "split"],
)
def test_an_unknown_argument_is_an_error(twin, tmp_path, options, message):
    with pytest.raises(EmoError, match=message):
        export_emotic(twin, tmp_path, **options)
