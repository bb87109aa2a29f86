"""What of a picture a model is given, and which models a picture is enough for."""

from pathlib import Path

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata
from emo_tf.runtime.picture_requests import PictureRequests
from emo_tf.runtime.resizing import resize, resize_averaged

FACE = ImageInput(12, 10, "grey")
WHOLE = ImageInput(20, 30)
BOX = (10.5, 4, 30, 40)


def requests_of(
    task: str,
    inputs: dict[str, ImageInput],
    *,
    arrays: dict[str, ArrayInput] | None = None,
    crop: dict | None = None,
) -> PictureRequests | None:
    metadata = ModelMetadata(
        name="made up",
        task=task,
        description="",
        version="1",
        inputs=inputs,
        outputs={},
        arrays=arrays or {},
        labels=EMOTIC_CATEGORIES if task == "emotic" else (),
        crop=crop or {},
    )
    return PictureRequests.of(metadata, path=Path("made_up.tflite"))


def test_a_face_is_made_grey_and_averaged(photo):
    grey = np.repeat(photo[..., :1], 3, axis=2)
    found = requests_of("expression", {"image": FACE}).inputs(grey)
    assert list(found) == ["image"]
    np.testing.assert_array_equal(found["image"][..., 0], resize_averaged(grey[..., 0], (12, 10)))


def test_a_group_is_seen_as_a_whole(photo):
    found = requests_of("group", {"image": WHOLE}).inputs(photo)
    np.testing.assert_array_equal(found["image"], resize(photo, (20, 30)))


@pytest.mark.parametrize("blank_person", [True, False], ids=["painted out", "left in"])
def test_a_person_is_cut_out_of_the_scene(photo, blank_person):
    requests = requests_of(
        "emotic",
        {"scene": WHOLE, "body": ImageInput(8, 6)},
        arrays={"box": ArrayInput((4,), "")} if blank_person else {},
        crop={"preset": "person", "blank_person": blank_person},
    )
    assert requests.takes_box
    found = requests.inputs(photo, BOX)
    np.testing.assert_array_equal(found["scene"], resize(photo, (20, 30)))
    np.testing.assert_array_equal(found["body"], resize(photo[4:44, 10:40], (8, 6)))
    assert ("box" in found) == blank_person
    if blank_person:
        np.testing.assert_allclose(found["box"], [10 / 64, 4 / 48, 30 / 64, 40 / 48])


@pytest.mark.parametrize(
    ("task", "inputs", "arrays"),
    [
        ("expression", {"image": ImageInput(12, 10)}, {}),
        ("expression", {"image": ImageInput(None, 10, "grey")}, {}),
        ("expression", {"face": FACE}, {}),
        ("video", {"frame": FACE}, {"state_1": ArrayInput((3,), "")}),
        ("video", {"image": ImageInput(12, 10, "grey", frames=5)}, {}),
        ("group", {"image": WHOLE}, {"face_mask": ArrayInput((3,), "")}),
        ("group", {"image": WHOLE, "faces": ImageInput(9, 9, faces=3)}, {}),
        ("face_detection", {"image": WHOLE}, {}),
    ],
    ids=[
        "faces in colour",
        "an open side",
        "another name",
        "a stream",
        "a clip",
        "numbers too",
        "faces too",
        "another task",
    ],
)
def test_for_other_models_a_picture_is_not_enough(task, inputs, arrays):
    assert requests_of(task, inputs, arrays=arrays) is None


def test_people_cut_out_in_another_way_are_an_error():
    with pytest.raises(EmoError, match=r"made_up\.tflite: expected a model that takes people"):
        requests_of("emotic", {"scene": WHOLE}, crop={"preset": "box"})


def test_a_box_is_needed_of_a_person_and_of_nothing_else(photo):
    person = requests_of("emotic", {"body": ImageInput(8, 6)}, crop={"preset": "person"})
    with pytest.raises(EmoError, match=r"box_xywh: expected one box\. Received: None"):
        person.inputs(photo)
    with pytest.raises(
        EmoError, match=r"box_xywh: expected none, .*Received: \(10\.5, 4, 30, 40\)"
    ):
        requests_of("group", {"image": WHOLE}).inputs(photo, BOX)
