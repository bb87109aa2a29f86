"""Reading an episode's annotations."""

import json

import pytest

from emo_tf.errors import EmoError

from .annotations import Face, read_annotations
from .hard_copies import NONE, RECTANGLE, annotations_path, person, record, write_annotations


@pytest.fixture
def read(tmp_path):
    """Writes records and reads them back."""

    def write_and_read(*records):
        return read_annotations(write_annotations(annotations_path(tmp_path, 1), *records))

    return write_and_read


def ross(read, **changes):
    """Returns what is read of Ross."""
    (only,) = read(record(people={"Ross": person(**changes)}))
    return next(face for face in only.faces if face.character == "ross")


def test_a_record_is_read_with_all_six_characters(read):
    (first,) = read(record(8, people={"Ross": person("Sad"), "Joey": person("FEAR ")}))

    assert (first.file, first.index) == ("s01_ep01_tag2_visual_Final_180809.json", 0)
    assert (first.period, first.key_frame) == (7, 8)
    assert (first.start_s, first.end_s) == (10.5, 62.25)
    assert {face.character: (face.expression, face.box) for face in first.faces} == {
        "chandler": (None, None),
        "joey": ("fear", (20, 10, 36, 34)),
        "monica": (None, None),
        "phoebe": (None, None),
        "rachel": (None, None),
        "ross": ("sad", (20, 10, 36, 34)),
    }


def test_records_share_a_period_and_keep_their_order(read):
    records = read(record(12, period_num=3), record(4, period_num=" 3 "), record(8))

    assert [(one.index, one.period, one.key_frame) for one in records] == [
        (0, 3, 12),
        (1, 3, 4),
        (2, 7, 8),
    ]


@pytest.mark.parametrize(
    ("emotion", "expression"),
    [
        ("angry", "angry"),
        ("Anger", "angry"),
        ("DISGUST", "disgust"),
        ("disgusted", "disgust"),
        ("fear", "fear"),
        ("fearful", "fear"),
        ("happy", "happy"),
        (" Happiness ", "happy"),
        ("sad", "sad"),
        ("sadness", "sad"),
        ("surprise", "surprise"),
        ("Surprised", "surprise"),
        ("neutral", "neutral"),
        ("None", None),
    ],
)
def test_every_spelling_of_an_emotion_is_understood(read, emotion, expression):
    assert ross(read, emotion=emotion).expression == expression


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12, 12),
        (12.9, 12),
        ("12", 12),
        ("12.9", 12),
        ("12  456", 12),
        (" 12 ", 12),
        ("-3", -3),
        (-3.9, -3),
    ],
)
def test_every_form_of_a_coordinate_is_understood(read, value, expected):
    assert ross(read, face_rect=RECTANGLE | {"min_x": value}).box == (expected, 10, 36, 34)


@pytest.mark.parametrize("key", ["min_x", "max_y"])
def test_a_box_with_any_coordinate_that_is_none_is_none(read, key):
    face = ross(read, face_rect=RECTANGLE | {key: "None "})

    assert face == Face("ross", "happy", None)
    assert not face.is_usable


def test_the_box_of_a_face_without_an_expression_is_not_looked_at(read):
    assert ross(read, emotion="none", face_rect={"min_x": "?"}) == Face("ross", None, None)


def test_an_empty_box_is_read_but_cannot_be_used(read):
    face = ross(read, face_rect=RECTANGLE | {"max_x": 20})

    assert face.box == (20, 10, 20, 34)
    assert face.box_is_empty
    assert not face.is_usable


def test_other_names_of_the_image_and_of_characters_are_understood(read):
    (only,) = read(record(image="f000123.jpg", person=[{" CHANDLER": [person()]}]))

    assert only.key_frame == 123
    assert only.faces == (Face("chandler", "happy", (20, 10, 36, 34)),)
    assert only.is_usable


def test_a_byte_order_mark_and_bytes_that_are_not_utf_8_do_no_harm(tmp_path):
    path = annotations_path(tmp_path, 1)
    text = json.dumps({"visual_results": [record(place="Monica#s")]})
    path.write_bytes(b"\xef\xbb\xbf" + text.encode().replace(b"#", b"\x99"))

    assert [one.key_frame for one in read_annotations(path)] == [8]


def without(mapping, key):
    return {name: value for name, value in mapping.items() if name != key}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            record(people={"Ross": person("Hapiness")}),
            "record 1, ross: Unknown emotion: did you mean happiness",
        ),
        (record(people={"Rosss": person()}), "record 1: Unknown character: did you mean ross?"),
        (
            record(people={"ROSS": person()}),
            "record 1: expected each character once. Received: ross twice",
        ),
        (
            record(start_time="00:00:10:12"),
            "record 1: expected a time HH:MM:SS;FF of hours, minutes, seconds and 24 frames a "
            "second. Received: '00:00:10:12'",
        ),
        (record(end_time="00:61:00;00"), "record 1: expected a time HH:MM:SS;FF"),
        (record(end_time="00:00:60;00"), "record 1: expected a time HH:MM:SS;FF"),
        (
            record(image="Frame.jpg"),
            "record 1: expected an image Frame_012345.jpg or f012345.jpg. Received: 'Frame.jpg'",
        ),
        (record(image=17), "record 1: expected an image Frame_012345.jpg"),
        (
            record(period_num="seven"),
            "record 1: expected a whole number for period_num. Received: 'seven'",
        ),
        (record(period_num=True), "record 1: expected a whole number for period_num"),
        (
            record(people={"Ross": person(face_rect=RECTANGLE | {"min_y": "1O"})}),
            "record 1, ross: expected a number or none for min_y. Received: '1O'",
        ),
        (
            record(people={"Ross": person(face_rect=RECTANGLE | {"min_y": None})}),
            "record 1, ross: expected a number or none for min_y. Received: None",
        ),
        (
            record(people={"Ross": person(face_rect=RECTANGLE | {"max_y": 10**400})}),
            "record 1, ross: expected a number or none for max_y. Received: 1000",
        ),
        (
            record(people={"Ross": person(face_rect=RECTANGLE | {"max_y": float("nan")})}),
            "record 1, ross: expected a number or none for max_y. Received: nan",
        ),
        (
            without(record(), "period_num"),
            "record 1: expected an object with the key period_num. Received: start_time, end_time",
        ),
        (without(record(), "image"), "record 1: expected an object with the key image."),
        (
            record(people={"Ross": without(person(), "emotion")}),
            "record 1, ross: expected an object with the key emotion. Received: behavior, face_rec",
        ),
        (
            record(people={"Ross": person(face_rect=without(NONE, "max_x"))}),
            "record 1, ross: expected an object with the key max_x. Received: min_x, min_y, max_y",
        ),
        (
            record(people={"Ross": person(emotion=3)}),
            "record 1, ross: expected a str for emotion. Received: 3",
        ),
        (record(person=[]), "record 1: expected a list of one object for person. Received: []"),
        (
            record(person=[{"Ross": []}]),
            "record 1, ross: expected a list of one object for Ross. Received: []",
        ),
        ("a text", "record 1: expected an object with the key period_num. Received: 'a text'"),
    ],
    ids=[
        *("emotion", "character", "character twice", "time", "minutes", "frames"),
        *("image name", "image number", "period", "period that is true"),
        *("coordinate", "no coordinate", "huge coordinate", "coordinate that is no number"),
        *("no period", "no image", "no emotion", "no corner", "emotion that is no text"),
        *("no person", "empty character", "record"),
    ],
)
def test_what_cannot_be_understood_is_an_error_with_its_place(tmp_path, row, message):
    path = write_annotations(annotations_path(tmp_path, 1), record(), row)

    with pytest.raises(EmoError) as caught:
        read_annotations(path)

    assert str(caught.value).startswith(f"{path}, {message}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"visual_results": [', "expected a JSON file. Received: "),
        (b"", "expected a JSON file. Received: "),
        (b"[" * 10**5, "expected a JSON file. Received: "),
        (b'{"results": []}', "expected an object with the key visual_results. Received: results"),
        (b"[1]", "expected an object with the key visual_results. Received: [1]"),
        (b'{"visual_results": 3}', "expected a list for visual_results. Received: 3"),
    ],
    ids=["cut off", "empty", "nested too deep", "another key", "a list", "no list"],
)
def test_a_file_that_is_something_else_is_an_error_that_names_it(tmp_path, content, message):
    path = annotations_path(tmp_path, 1)
    path.write_bytes(content)

    with pytest.raises(EmoError) as caught:
        read_annotations(path)

    assert str(caught.value).startswith(f"{path}: {message}")
