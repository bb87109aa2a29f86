"""A served model answers picture files, and says what is wrong with one."""

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.image_io import read_image
from tests.serve.asked_predictors import MOST, ask, ask_of_files, b64


def test_a_face_as_a_file_is_answered_as_its_pixels(expression, faces, expected, make_picture):
    files = [make_picture(face[..., 0], "PNG") for face in faces]
    np.testing.assert_allclose(ask_of_files(expression, *files), expected, rtol=1e-6)


def test_people_are_told_apart_by_their_boxes_and_a_picture_is_read_once(
    people, photo, make_picture, monkeypatch
):
    read = []
    monkeypatch.setattr(
        "emo_tf.serve.requested_pictures.read_image",
        lambda *given, **options: read.append(1) or read_image(*given, **options),
    )
    file, boxes = make_picture(photo, "PNG"), [[0, 0, 30, 40], [20.5, 5, 30, 40], [0, 0, 30, 40]]
    found = ask_of_files(people, file, file, file, box_xywh=boxes)
    assert len(read) == 1
    assert [set(one) for one in found] == [{"score", "vad"}] * 3
    assert [len(found[0]["score"]), len(found[0]["vad"])] == [26, 3]
    assert found[0] == found[2] != found[1]


BAD_PICTURES = {
    "no base64": ({"b64": "AAA"}, "b64: expected base64"),
    "another key": ({"b64": "", "a": 1}, r'expected \{"b64": "\.\.\."\}.*a JSON object of 2'),
    "a number": ({"b64": 5}, "'b64': 5"),
    "bare text": ("AAAA", "Received: 'AAAA'"),
    "nothing": ({"b64": ""}, "expected a picture .*no bytes"),
    "no picture": ({"b64": "AAAA"}, "expected a picture"),
}


@pytest.mark.parametrize(("file", "error"), BAD_PICTURES.values(), ids=BAD_PICTURES)
def test_a_bad_picture_is_named_by_its_place(expression, faces, make_picture, file, error):
    good = b64(make_picture(faces[0, ..., 0], "PNG"))
    rows = [{"image_bytes": good}, {"image_bytes": file}]
    with pytest.raises(EmoError, match=rf"^instances\[1\]: image_bytes: .*{error}"):
        ask(expression, signature_name="serve_bytes", instances=rows)
    with pytest.raises(EmoError, match=rf"^inputs, row 1: image_bytes: .*{error}"):
        ask(expression, signature_name="serve_bytes", inputs={"image_bytes": [good, file]})


@pytest.mark.parametrize(
    "box",
    [None, [1, 2, 3], [1, 2, 3, 4, 5], "1 2 3 4", [0, 0, 0, 5], [99, 99, 5, 5], [0, 0, 1, "5"]],
    ids=["none", "three", "five", "text", "no width", "outside", "a string"],
)
def test_a_bad_box_is_named_by_its_place(people, photo, make_picture, box):
    with pytest.raises(EmoError, match=r"^instances\[0\]: box_xywh: expected .*Received: "):
        ask_of_files(people, make_picture(photo, "PNG"), box_xywh=[box])


def test_a_box_is_asked_for_where_people_are_meant_and_only_there(
    people, expression, photo, make_picture
):
    file = make_picture(photo, "PNG")
    with pytest.raises(EmoError, match=r"instances\[0\]: expected box_xywh\. Received: none"):
        ask_of_files(people, file)
    with pytest.raises(EmoError, match="Unknown input of serve_bytes"):
        ask_of_files(expression, file, box_xywh=[[0, 0, 5, 5]])


def test_pictures_of_too_many_pixels_are_refused_alone_and_together(expression, make_picture):
    large = make_picture(np.zeros((600, 600), np.uint8), "PNG")
    others = [make_picture(np.full((600, 600), shade, np.uint8), "PNG") for shade in range(1, 5)]
    assert len(ask_of_files(expression, *[large] * MOST)) == MOST
    assert len(ask_of_files(expression, *others)) == 4
    with pytest.raises(EmoError, match=r"^instances\[4\]: image_bytes: .*1,440,000 pixels in all"):
        ask_of_files(expression, *others, large)
    larger = make_picture(np.zeros((600, 601), np.uint8), "PNG")
    with pytest.raises(EmoError, match=r"at most 360,000 pixels\. Received: 601 x 600"):
        ask_of_files(expression, larger)
