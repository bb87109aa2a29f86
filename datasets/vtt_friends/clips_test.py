"""Crops, and the faces that are left out."""

import io

import numpy as np
import pytest
from PIL import Image

from emo_tf.corpora.report import LeftOut

from . import frames
from .annotations import read_annotations
from .clips import crop_square, cut_out, examples_of
from .frames import FrameFolder
from .hard_copies import (
    FRAMES,
    NONE,
    RECTANGLE,
    annotations_path,
    frame,
    person,
    record,
    write_annotations,
    write_frames,
)
from .source import EpisodePart

FILE = "s01_ep01_tag2_visual_Final_180809.json"


@pytest.fixture
def found(tmp_path):
    """Returns what is found in records whose frames lie in a folder."""

    def write_and_read(*records, length=4):
        path = write_annotations(annotations_path(tmp_path, 1), *records)
        folder = write_frames(tmp_path / "ep01", [frame(number) for number in range(FRAMES)])
        part = EpisodePart(1, tuple(read_annotations(path)), FrameFolder(folder))
        return list(examples_of(part, length=length))

    return write_and_read


def rectangle(x1, y1, x2, y2):
    return {"min_x": x1, "min_y": y1, "max_x": x2, "max_y": y2}


def test_the_square_of_a_box_worked_out_by_hand():
    # w = 20, h = 30, m = 15, sqrt(35 * 45) = 39.7; centre (110, 115).
    assert crop_square((100, 100, 120, 130)) == (110 - 19, 115 - 19, 39)
    # w = 3, h = 3, m = 1.8, side 4; centre (1.5, 1.5), cut to 1.
    assert crop_square((0, 0, 3, 3)) == (-1, -1, 4)
    # The centre (-0.5, 10.5) is cut towards 0.
    assert crop_square((-2, 9, 1, 12)) == (0 - 2, 10 - 2, 4)
    # The smallest box: m = 0.6, side 1.
    assert crop_square((5, 5, 6, 6)) == (5, 5, 1)


@pytest.mark.parametrize("left", [-50, -5, 0, 30, 60, 70])
@pytest.mark.parametrize("top", [-40, -1, 20, 47, 60])
@pytest.mark.parametrize("side", [1, 12, 130])
def test_a_crop_is_black_beyond_the_frame(left, top, side):
    picture = frame(3) + 1
    padded = np.pad(picture, ((200, 200), (200, 200), (0, 0)))

    crop = cut_out(picture, (left, top, side))

    expected = padded[200 + top : 200 + top + side, 200 + left : 200 + left + side]
    np.testing.assert_array_equal(crop, expected)


@pytest.mark.parametrize("length", [4, 8, 16])
def test_a_clip_holds_half_of_its_frames_before_the_key_frame_all_cropped_alike(found, length):
    kept = [one for one in found(record(8), length=length) if not isinstance(one, LeftOut)]

    ((key, example),) = kept
    assert key == "ep01_00000_ross"
    crops = [np.asarray(Image.open(io.BytesIO(data))) for data in example["frames"]]
    left, top, side = crop_square((20, 10, 36, 34))
    numbers = range(8 - length // 2, 8 + length // 2)
    expected = [frame(n)[top : top + side, left : left + side] for n in numbers]
    np.testing.assert_array_equal(crops, expected)
    assert example["crop_xywh"].tolist() == [left, top, side, side]


def test_a_box_partly_outside_the_frame_is_kept_and_padded(found):
    people = {"Ross": person(face_rect=rectangle(-10, 30, 10, 60))}

    (key, example), *_ = (one for one in found(record(people=people)) if isinstance(one, tuple))

    assert key == "ep01_00000_ross"
    assert example["box_xywh"].tolist() == [-10, 30, 20, 30]
    left, top, side = crop_square((-10, 30, 10, 60))
    crop = np.asarray(Image.open(io.BytesIO(example["frames"][2])))
    assert crop.shape == (side, side, 3)
    assert not crop[:, :-left].any()
    assert not crop[48 - top :].any()
    np.testing.assert_array_equal(crop[: 48 - top, -left:], frame(8)[top:, : left + side])


def test_the_frames_of_a_key_frame_are_decoded_once_for_all_its_faces(found, monkeypatch):
    decoded = []

    def counting(data):
        decoded.append(data)
        return decode(data)

    decode = frames.decode
    monkeypatch.setattr(frames, "decode", counting)

    kept = [
        one
        for one in found(record(people={"Ross": person(), "Joey": person("sad")}))
        if not isinstance(one, LeftOut)
    ]

    assert [key for key, _ in kept] == ["ep01_00000_joey", "ep01_00000_ross"]
    assert len(decoded) == 4


LEFT_OUT = {
    "no emotion": (person("none"), "emotion is none"),
    "no face box": (person(face_rect=NONE), "face_rect is none"),
    "empty box": (
        person(face_rect=RECTANGLE | {"min_y": 34}),
        "face_rect is empty: [20, 34, 36, 34]",
    ),
    "box outside the frame": (
        person(face_rect=rectangle(64, 0, 70, 10)),
        "face_rect lies outside the frame of 64 x 48 pixels: [64, 0, 70, 10]",
    ),
    "box too large": (
        person(face_rect=rectangle(0, 0, 99_999_999, 40)),
        "face_rect is much larger than the frame of 64 x 48 pixels: [0, 0, 99999999, 40]",
    ),
}


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_a_face_that_cannot_be_used_is_left_out_with_file_and_row(found, reason):
    said, detail = LEFT_OUT[reason]
    others = {name: person("none") for name in ("Monica", "Phoebe")}

    results = found(record(9), record(people={"Ross": said} | others))

    (own,) = [one for one in results if isinstance(one, LeftOut) and "1, ross" in one.text]
    assert own == LeftOut(reason, f"{FILE}, record 1, ross: {detail}")
    assert sum(isinstance(one, tuple) for one in results) == 1


@pytest.mark.parametrize("edge", [(-1, 0, 0, 10), (0, -1, 10, 0), (0, 48, 10, 60)])
def test_a_box_that_only_touches_the_frame_lies_outside(found, edge):
    people = {"Ross": person(face_rect=rectangle(*edge))}

    reasons = [one.reason for one in found(record(people=people)) if "ross" in one.text]

    assert reasons == ["box outside the frame"]


@pytest.mark.parametrize(
    ("key_frame", "detail"),
    [
        (1, "the clip begins before frame 0, with frame -1"),
        (19, "{folder}/00020.jpg is missing"),
    ],
)
def test_a_clip_without_all_its_frames_is_left_out(found, tmp_path, key_frame, detail):
    results = found(record(key_frame), record(2), record(18))

    (own,) = [one for one in results if isinstance(one, LeftOut) and "0, ross" in one.text]
    detail = detail.format(folder=tmp_path / "ep01")
    assert own == LeftOut("missing frame", f"{FILE}, record 0, ross: {detail}")
    assert sum(isinstance(one, tuple) for one in results) == 2
