import cv2
import numpy as np
import pytest

from emo_tf.data import builders, miniature
from emo_tf.data.emotic import read_people
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
