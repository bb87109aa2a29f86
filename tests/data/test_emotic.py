import cv2
import numpy as np
import pytest

from emo_tf.data import builders, miniature
from emo_tf.data.emotic import person_inputs, read_people
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    return miniature.write("emotic", tmp_path_factory.mktemp("twin") / "emotic", size=20)


@pytest.fixture(scope="module")
def prepared(twin, tmp_path_factory):
    return builders.prepare("emotic", manual_dir=twin, data_dir=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def raw(twin):
    """What the raw files say of everybody in test, by folder, file and person."""
    people = builders.module("emotic", "people").read_people(twin, "test")
    return {
        (kept.person.vad, kept.person.categories): (kept.picture.pixels, kept.box_in_picture)
        for kept in people
    }


def test_people_come_with_scene_body_and_labels(prepared, raw):
    read = list(read_people(prepared, "test").as_numpy_iterator())

    assert len(read) == len(raw) == 4
    for person in read:
        assert person["scene"].shape == (224, 224, 3)
        assert person["body"].shape == (128, 128, 3)
        chosen = person["categories"] == 1
        names = tuple(np.array(EMOTIC_CATEGORIES)[chosen])
        (pixels, (x1, y1, x2, y2)) = next(
            found
            for (vad, categories), found in raw.items()
            if categories == names and np.allclose(vad, person["vad"])
        )
        expected = cv2.resize(pixels.astype(np.float32), (224, 224))
        np.testing.assert_allclose(person["scene"], expected, atol=0.02)
        body = pixels[y1:y2, x1:x2].astype(np.float32)
        np.testing.assert_allclose(person["body"], cv2.resize(body, (128, 128)), atol=0.02)
        height, width = pixels.shape[:2]
        edges = np.array([x1 / width, y1 / height, x2 / width, y2 / height])
        np.testing.assert_allclose(person["box"], [*edges[:2], *edges[2:] - edges[:2]], rtol=1e-6)
        alone = person_inputs(pixels, (x1, y1, x2 - x1, y2 - y1))
        for name in ("scene", "body", "box"):
            np.testing.assert_allclose(alone[name], person[name], atol=1e-4)


def test_sizes_can_be_chosen_and_people_batched(prepared):
    people = read_people(prepared, "train", scene_size=(96, 80), body_size=(64, 48))

    batch = next(people.batch(5).as_numpy_iterator())

    assert batch["scene"].shape == (5, 96, 80, 3)
    assert batch["body"].shape == (5, 64, 48, 3)
    assert batch["categories"].shape == (5, 26)
    assert batch["vad"].shape == (5, 3)
    assert set(np.unique(batch["categories"])) == {0, 1}


def test_the_categories_of_the_builder_are_those_of_the_package(prepared):
    names = prepared.info.features["categories"].feature.names
    assert tuple(names) == EMOTIC_CATEGORIES


def test_no_thread_that_tunes_holds_up_the_end(prepared):
    assert read_people(prepared, "test").options().autotune.enabled is False


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
