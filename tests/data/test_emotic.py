import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data.decode import decode_image
from emo_tf.data.emotic import decode_requested, person_inputs
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES


def test_the_categories_of_the_builder_are_those_of_the_package(emotic):
    names = emotic.info.features["categories"].feature.names
    assert tuple(names) == EMOTIC_CATEGORIES


def test_a_box_is_cut_to_the_picture_and_to_whole_pixels():
    picture = np.zeros((20, 40, 3), np.uint8)
    picture[5:9, 30:40] = 255
    inputs = person_inputs(picture, (30.7, 5.9, 25, 3.6), scene_size=(10, 20), body_size=(8, 6))
    np.testing.assert_allclose(inputs["box"], [0.75, 0.25, 0.25, 0.2])
    assert inputs["scene"].shape == (10, 20, 3)
    np.testing.assert_allclose(inputs["body"], np.full((8, 6, 3), 255))


@pytest.mark.parametrize(
    "box",
    [
        (5, 5, 0, 10),
        (5, 5, 10, 0),
        (5, 5, -3, 10),
        (40, 5, 10, 10),
        (-9, 5, 9, 10),
        (5.2, 5, 0.7, 9),
    ],
    ids=["no width", "no height", "negative", "right of it", "left of it", "below one pixel"],
)
def test_a_box_without_area_in_the_picture_is_an_error(box):
    with pytest.raises(EmoError, match=r"box_xywh: .* area in the picture of 40 x 20 pixels\. Rec"):
        person_inputs(np.zeros((20, 40, 3), np.uint8), box)


@pytest.mark.parametrize("box", [(1, 2, 3), (1, 2, 3, np.nan), (1, 2, np.inf, 4)])
def test_a_box_of_other_than_four_numbers_is_an_error(box):
    with pytest.raises(EmoError, match="box_xywh: expected four numbers"):
        person_inputs(np.zeros((20, 40, 3), np.uint8), box)


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3))], ids=["grey", "floats"]
)
def test_a_picture_of_another_shape_or_type_is_an_error(image):
    with pytest.raises(EmoError, match=r"image: expected uint8 \(H, W, 3\)\. Received"):
        person_inputs(image, (0, 0, 2, 2))


INPUTS = {"scene": (24, 20), "body": (16, 12)}


@tf.function(
    input_signature=[tf.TensorSpec((), tf.string, "encoded"), tf.TensorSpec((4,), name="box_xywh")]
)
def requested(encoded: tf.Tensor, box_xywh: tf.Tensor) -> dict[str, tf.Tensor]:
    return decode_requested(encoded, box_xywh, inputs=INPUTS)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize(
    "box",
    [(3, 0, 1, 17), (0, 0, 64, 48), (-20.5, 10.2, 60.9, 90), (30.7, 5.9, 5.25, 3.6)],
    ids=["one pixel wide", "whole", "larger than the picture", "no whole pixels"],
)
def test_a_request_holds_the_pixels_of_the_picture_alone(photo, make_picture, kind, box):
    content = make_picture(photo, kind)
    pixels = decode_image(content).numpy()
    alone = person_inputs(pixels, box, scene_size=INPUTS["scene"], body_size=INPUTS["body"])
    found = requested(content, np.float32(box))
    assert found["scene"].dtype == found["body"].dtype == tf.uint8
    assert found.keys() == alone.keys()
    for name, value in alone.items():
        np.testing.assert_array_equal(found[name], value)


@pytest.mark.parametrize(
    "box",
    [
        (5, 5, 0, 10),
        (5, 5, 10, -3),
        (64, 5, 10, 10),
        (-9, 5, 9, 10),
        (5.25, 5, 0.5, 9),
        (1, 2, 3, np.nan),
        (np.nan, 2, 3, 4),
        (1, 2, np.inf, 4),
    ],
    ids=[
        "no width",
        "negative",
        "right of it",
        "left of it",
        "below one pixel",
        "no height",
        "no edge",
        "without end",
    ],
)
def test_a_requested_box_without_area_is_an_error_that_shows_it(photo, make_picture, box):
    content = make_picture(photo, "PNG")
    with pytest.raises(tf.errors.InvalidArgumentError, match="expected a box with an area"):
        requested(content, np.float32(box))
    assert requested(content, np.float32([1, 2, 3, 4]))["body"].shape == (16, 12, 3)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0"], ids=str)
def test_bytes_of_no_picture_are_an_error(content):
    with pytest.raises(tf.errors.InvalidArgumentError):
        requested(content, np.float32([1, 2, 3, 4]))
