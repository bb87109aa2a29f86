"""What is shown of a face beside what a model is given of it."""

import pytest

from emo_tf.model_metadata import ImageInput
from emo_tf.results import Face
from emo_tf.runtime.face_input import FINER, FaceInput

LANDMARKS = ((24, 20), (40, 22), (31, 28), (25, 34), (37, 35))
FACE = Face((18, 10, 26, 32), 0.9, LANDMARKS)
FITTED = {
    "preset": "similarity",
    "template": [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6)] + [(0.5, 0.8)] * 2,
}


@pytest.mark.parametrize(
    ("crop", "size", "times"),
    [
        pytest.param(FITTED, (12, 8), FINER, id="similarity"),
        pytest.param({"preset": "box", "margin": 0.2}, (8, 12), FINER, id="box"),
        pytest.param({"preset": "vtt", "k": 0.1}, (10, 10), FINER, id="vtt"),
        # Published for crops of one size.
        pytest.param({"preset": "vlgiitr"}, (96, 112), 1, id="vlgiitr"),
    ],
)
def test_the_face_that_is_shown_is_the_part_that_the_model_is_given(photo, crop, size, times):
    height, width = size
    of_model = FaceInput(ImageInput(height, width, colour="rgb"), crop, path="a.tflite")
    shown = of_model.crop_to_show(photo, FACE)
    assert shown.shape == (times * height, times * width, 3)
    blocks = shown.reshape(height, times, width, times, 3).mean(axis=(1, 3))
    assert abs(blocks - of_model.crop(photo, [FACE])[0]).mean() < 2
