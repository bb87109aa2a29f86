import numpy as np
import pytest

from emo_tf.data.emotic import person_inputs
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
