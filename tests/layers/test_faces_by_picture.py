import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.layers.faces_by_picture import FacesByPicture

ROWS = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]], np.float32)


def test_each_face_goes_to_its_picture_in_order():
    found = FacesByPicture()(ROWS, np.array([[1, 1, 0], [0, 0, 0], [1, 0, 0]], np.float32))
    expected = [[ROWS[0], ROWS[1], [0, 0]], [[0, 0]] * 3, [ROWS[2], [0, 0], [0, 0]]]
    np.testing.assert_array_equal(found, np.array(expected))
    assert FacesByPicture().compute_output_shape((None, 2), (None, 3)) == (None, 3, 2)


def test_a_batch_full_of_faces_has_no_zeros():
    np.testing.assert_array_equal(FacesByPicture()(ROWS, np.ones((1, 3)))[0], ROWS)


@pytest.mark.parametrize("spare", [0, 1], ids=["no row", "a row of no picture"])
def test_a_batch_without_faces_is_all_zeros_and_sends_no_gradient_back(spare):
    rows = tf.Variable(ROWS[:spare])
    with tf.GradientTape() as tape:
        found = FacesByPicture()(rows, np.zeros((2, 3), np.float32))
        total = tf.reduce_sum(found)
    np.testing.assert_array_equal(found, np.zeros((2, 3, 2)))
    np.testing.assert_array_equal(
        tf.convert_to_tensor(tape.gradient(total, rows)), np.zeros((spare, 2))
    )


def test_each_face_gets_the_gradient_of_its_place():
    is_face = np.array([[1, 0, 0], [1, 1, 0]], np.float32)
    upstream = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    rows = tf.Variable(ROWS)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(FacesByPicture()(rows, is_face) * upstream)
    found = tf.convert_to_tensor(tape.gradient(total, rows))
    np.testing.assert_array_equal(found, upstream[is_face > 0])


@pytest.mark.parametrize("faces", [2, None], ids=["so many faces", "any number of faces"])
def test_a_saved_layer_comes_back_as_it_was(faces, tmp_path):
    rows, is_face = keras.Input((2,), name="rows"), keras.Input((faces,), name="is_face")
    outputs = FacesByPicture(name="by_picture")(rows, is_face)
    assert outputs.shape == (None, faces, 2)
    model = keras.Model([rows, is_face], outputs)
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(revived.get_layer("by_picture"), FacesByPicture)
    given = [ROWS, np.array([[1, 0], [1, 1]], np.float32)]
    np.testing.assert_array_equal(revived(given), model(given))
