import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.layers.blank_box import BlankBox

FILL = (119.625, 0.5, 300.0)
WHOLE = [0.0, 0.0, 1.0, 1.0]


@pytest.fixture
def mixed_bfloat16():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(before)


def noise(*shape: int, dtype: type = np.float32) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape).astype(dtype)


def boxes(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def painted(box: list[float], *, height: int, width: int) -> np.ndarray:
    """Returns which pixels of a picture the layer paints, bool of shape (H, W)."""
    blank = BlankBox([0.0])(np.ones((1, height, width, 1)), boxes(box))
    return np.asarray(blank)[0, :, :, 0] == 0


def by_loop(images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Returns what `BlankBox(FILL)` should, pixel by pixel."""
    images = images.astype(np.float32)
    _, height, width, _ = images.shape
    for image, (x, y, box_width, box_height) in zip(images, rows, strict=True):
        for row in range(height):
            for column in range(width):
                if (
                    x <= (column + 0.5) / width < x + box_width
                    and y <= (row + 0.5) / height < y + box_height
                ):
                    image[row, column] = FILL
    return images


def test_a_layer_has_no_weights_and_knows_its_output_before_it_sees_a_picture():
    layer = BlankBox(FILL)
    output = layer(keras.Input((None, 8, 3), dtype="uint8"), keras.Input((4,)))
    assert output.shape == (None, None, 8, 3)
    assert output.dtype == "float32"
    assert layer.weights == []


def test_a_saved_layer_comes_back_as_it_was(tmp_path):
    image, box = keras.Input((5, 6, 3), name="image"), keras.Input((4,), name="box")
    layer = BlankBox(FILL, name="without_person", trainable=False)
    model = keras.Model({"image": image, "box": box}, layer(image, box))
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    found = revived.get_layer("without_person")
    assert isinstance(found, BlankBox)
    assert (found.fill, found.trainable, found.compute_dtype) == (FILL, False, "float32")
    assert found.get_config() == layer.get_config()
    given = {"image": noise(2, 5, 6, 3), "box": boxes([0.1, 0.2, 0.5, 0.5], WHOLE)}
    np.testing.assert_array_equal(
        revived.predict(given, verbose=0), model.predict(given, verbose=0)
    )


@pytest.mark.parametrize(
    ("box", "rows", "columns"),
    [
        pytest.param([0, 0, 0.5, 0.5], [0], [0, 1, 2], id="a quarter"),
        pytest.param([0.5, 0, 0.5, 1], [0, 1], [3, 4, 5], id="the right half"),
        pytest.param(WHOLE, [0, 1], range(6), id="all of it"),
        pytest.param([-1, -1, 1.5, 1.5], [0], [0, 1, 2], id="partly outside at the upper left"),
        pytest.param([0.8, 0.5, 3, 3], [1], [5], id="partly outside at the lower right"),
        pytest.param([-5, -5, 10, 10], [0, 1], range(6), id="larger than the picture"),
        pytest.param([1.5, 0, 1, 1], [], [], id="outside"),
        # Centres of columns: 1/12, 3/12, 5/12 ...; of rows: 1/4, 3/4.
        pytest.param([0.2, 0.2, 0.1, 0.1], [0], [1], id="a centre and little else"),
        pytest.param([0.09, 0, 0.15, 1], [], [], id="between two centres"),
        pytest.param([0.25, 0.25, 0.5, 0.5], [0], [1, 2, 3], id="begins and ends on centres"),
        pytest.param([0.25, 0.25, 0, 0], [], [], id="without area"),
        pytest.param([0, 0, 0, 1], [], [], id="without width"),
        pytest.param([0, 0, 1, 0], [], [], id="without height"),
        pytest.param([0.9, 0.9, -0.8, -0.8], [], [], id="of negative sides"),
        pytest.param([np.nan, 0, 1, 1], [], [], id="not a number"),
    ],
)
def test_pixels_whose_centre_lies_in_the_box_are_painted(box, rows, columns):
    expected = np.zeros((2, 6), bool)
    expected[np.ix_(list(rows), list(columns))] = True
    np.testing.assert_array_equal(painted(box, height=2, width=6), expected)


def test_each_picture_has_its_own_box_and_keeps_its_colours_outside():
    images = noise(40, 7, 9, 3)
    low, high = [-0.3, -0.3, 0.2, 0.2], [0.7, 0.7, 1.2, 1.2]
    rows = np.random.default_rng(1).uniform(low, high, (40, 4)).astype(np.float32)
    expected = by_loop(images, rows)
    assert 0.1 < (expected != images).mean() < 0.5
    np.testing.assert_array_equal(BlankBox(FILL)(images, rows), expected)


def test_bytes_come_out_as_numbers_of_the_same_value():
    images = noise(1, 4, 4, 3, dtype=np.uint8)
    blank = BlankBox(FILL)(images, boxes([0, 0, 0.5, 1]))
    assert keras.backend.standardize_dtype(blank.dtype) == "float32"
    np.testing.assert_array_equal(blank[:, :, 2:], images[:, :, 2:])
    np.testing.assert_array_equal(blank[:, :, :2], np.broadcast_to(FILL, (1, 4, 2, 3)))


def test_a_model_of_any_size_paints_each_size():
    image, box = keras.Input((None, None, 3), name="image"), keras.Input((4,), name="box")
    model = keras.Model({"image": image, "box": box}, BlankBox(FILL)(image, box))
    rows = boxes([0.25, 0.1, 0.5, 0.4], [0.6, -0.2, 0.9, 0.5])
    for height, width in ((5, 8), (12, 3)):
        images = noise(2, height, width, 3)
        found = model.predict({"image": images, "box": rows}, verbose=0)
        np.testing.assert_array_equal(found, by_loop(images, rows))


def test_it_paints_inside_a_pipeline():
    images, rows = noise(5, 6, 4, 3, dtype=np.uint8), boxes(*[[0.2, 0.3, 0.4, 0.5]] * 5)
    layer = BlankBox(FILL)
    batches = tf.data.Dataset.from_tensor_slices((images, rows)).batch(2).map(layer)
    found = np.concatenate([batch.numpy() for batch in batches])
    np.testing.assert_array_equal(found, by_loop(images, rows))


def test_only_what_is_not_painted_passes_a_gradient():
    images = tf.constant(noise(1, 2, 4, 3))
    with tf.GradientTape() as tape:
        tape.watch(images)
        blank = BlankBox(FILL)(images, boxes([0, 0, 0.5, 1]))
        total = tf.reduce_sum(3 * blank)
    gradient = tape.gradient(total, images).numpy()
    np.testing.assert_array_equal(gradient[..., 0], [[[0, 0, 3, 3]] * 2])


@pytest.mark.usefixtures("mixed_bfloat16")
def test_places_and_colours_stay_float32_in_mixed_precision():
    # In bfloat16 0.506 is 0.5078, two pixels of a thousand further, and 119.625 is 119.5.
    images, rows = noise(1, 1, 1000, 3) + np.float32(0.125), boxes([0.0, 0.0, 0.506, 1.0])
    image, box = keras.Input((1, 1000, 3), name="image"), keras.Input((4,), name="box")
    model = keras.Model({"image": image, "box": box}, BlankBox(FILL)(image, box))
    found = model({"image": images, "box": rows})
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_array_equal(found, by_loop(images, rows))


@pytest.mark.parametrize(
    ("image", "box", "message"),
    [
        pytest.param(
            (2, 4, 4, 1), (2, 4), r"image: expected \(B, H, W, 3\).*\(2, 4, 4, 1\)", id="channels"
        ),
        pytest.param((4, 4, 3), (2, 4), r"image: expected .*\(4, 4, 3\)", id="no batch"),
        pytest.param((2, 4, 4, 3), (2, 3), r"box: expected \(B, 4\).*\(2, 3\)", id="three sides"),
        pytest.param((2, 4, 4, 3), (4,), r"box: expected \(B, 4\).*\(4,\)", id="one box for all"),
    ],
)
def test_pictures_and_boxes_of_another_shape_are_refused(image, box, message):
    with pytest.raises(EmoError, match=message):
        BlankBox(FILL)(np.zeros(image), np.zeros(box))
