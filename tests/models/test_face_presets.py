import keras
import numpy as np
import pytest

from emo_tf.models.face_presets import FACE_PRESETS
from emo_tf.models.normalisation import IMAGENET, standardised
from emo_tf.runtime.face_align import ALIGNMENTS

PIXELS = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 3))


def normalised(normalisation) -> np.ndarray:
    image = keras.Input((3, 4, 3))
    model = keras.Model(image, standardised(image, normalisation, name="standardised"))
    return np.asarray(model(PIXELS.astype(np.float32)))


def test_the_aligned_crops_are_those_that_the_runtime_cuts_out_at_their_size():
    sizes = {name: preset.size for name, preset in FACE_PRESETS.items() if preset.size is not None}
    assert sizes == {name: alignment.size for name, alignment in ALIGNMENTS.items()}


@pytest.mark.parametrize(
    ("preset", "expected"),
    [("vlgiitr", PIXELS / 255), ("sphereface", (PIXELS - 127.5) / 128), ("box", PIXELS / 255)],
    ids=["vlgiitr", "sphereface", "box"],
)
def test_a_crop_is_normalised_as_it_was_published(preset, expected):
    found = normalised(FACE_PRESETS[preset].normalisation)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_each_colour_is_standardised_by_its_own_mean_and_deviation():
    expected = (PIXELS / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(normalised(IMAGENET), expected, rtol=1e-4, atol=1e-5)
