import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from emo_tf.errors import EmoError
from emo_tf.export.tflite import convert_tflite
from emo_tf.layers.face_attention import SCORES, FaceAttention

FACES, WIDTH = 4, 6
COUNTS = np.array([4, 2, 1, 0])
MASK = (np.arange(FACES) < COUNTS[:, None]).astype(np.float32)


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((len(COUNTS), WIDTH)).astype(np.float32)


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    shape = (len(COUNTS), FACES, WIDTH)
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def made(scores: str, **arguments) -> FaceAttention:
    return FaceAttention(scores, **{"units": WIDTH} | arguments)


def answer(layer: FaceAttention, image, faces, mask=MASK) -> tuple[np.ndarray, np.ndarray]:
    found = layer([image, faces], mask=mask, return_weights=True)
    return tuple(map(np.asarray, found))


def as_model(layer: FaceAttention) -> keras.Model:
    """Returns a model of any number of faces with nothing but the layer in it."""
    inputs = {
        "image": keras.Input((WIDTH,), name="image"),
        "faces": keras.Input((None, WIDTH), name="faces"),
        "mask": keras.Input((None,), name="mask"),
    }
    attended, weights = layer(
        [inputs["image"], inputs["faces"]], mask=inputs["mask"], return_weights=True
    )
    return keras.Model(inputs, {"attended": attended, "weights": weights})


def softmax_over_faces(scores: np.ndarray) -> np.ndarray:
    """Returns the weights of `MASK`'s faces from their scores, picture after picture."""
    weights = np.zeros_like(scores)
    for row, count in enumerate(COUNTS):
        powers = np.exp(scores[row, :count])
        weights[row, :count] = powers / powers.sum()
    return weights


@pytest.mark.parametrize(
    ("scores", "weights"),
    [
        pytest.param("A", {}, id="A"),
        pytest.param("B", {"global_fc/kernel": (9, 6), "global_fc/bias": (6,)}, id="B"),
        pytest.param(
            "C",
            {
                "attentionfc1/kernel": (6, 6),
                "attentionfc1/bias": (6,),
                "attentionfc2/kernel": (6, 1),
                "attentionfc2/bias": (1,),
            },
            id="C",
        ),
        pytest.param("average", {}, id="average"),
    ],
)
def test_the_weights_of_the_layer_are_those_of_its_scores(scores, weights):
    layer = made(scores, name="attention")
    layer.build([(None, 9 if weights else WIDTH), (None, None, WIDTH)])
    prefix = "attention/"
    assert {w.path.removeprefix(prefix): tuple(w.shape) for w in layer.weights} == weights


@pytest.mark.parametrize("scores", SCORES)
def test_a_picture_has_one_row_and_each_of_its_faces_a_weight(scores, image, faces):
    layer = made(scores)
    attended, weights = answer(layer, image, faces)
    assert attended.shape == (len(COUNTS), WIDTH)
    assert weights.shape == (len(COUNTS), FACES)
    np.testing.assert_allclose(weights.sum(axis=1), COUNTS > 0, rtol=1e-5)
    np.testing.assert_array_equal(layer([image, faces], mask=MASK), attended)


@pytest.mark.parametrize("scores", ["B", "C"])
def test_a_saved_layer_comes_back_as_it_was(scores, image, faces, tmp_path):
    layer = FaceAttention(scores, units=WIDTH, dropout=0.25, name="attention")
    model = as_model(layer)
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    found = revived.get_layer("attention")
    assert isinstance(found, FaceAttention)
    assert (found.scores, found.units, found.dropout) == (scores, WIDTH, 0.25)
    given = {"image": image, "faces": faces, "mask": MASK}
    for name, expected in model(given).items():
        np.testing.assert_array_equal(revived(given)[name], expected)


def test_scores_a_are_the_products_of_image_and_face(image, faces):
    attended, weights = answer(made("A"), image, faces)
    expected = softmax_over_faces(np.einsum("bd,bfd->bf", image, faces))
    np.testing.assert_allclose(weights, expected, rtol=1e-4, atol=1e-6)
    sums = np.einsum("bf,bfd->bd", expected, faces)
    np.testing.assert_allclose(attended, sums, rtol=1e-4, atol=1e-5)


def test_scores_b_are_the_products_of_the_projected_image_and_the_face(faces):
    image = np.random.default_rng(2).standard_normal((len(COUNTS), 9)).astype(np.float32)
    layer = made("B")
    _, weights = answer(layer, image, faces)
    kernel, bias = layer.global_fc.get_weights()
    expected = softmax_over_faces(np.einsum("bd,bfd->bf", image @ kernel + bias, faces))
    np.testing.assert_allclose(weights, expected, rtol=1e-4, atol=1e-6)


def test_scores_c_are_linear_in_the_face_and_pass_over_the_image(image, faces):
    layer = made("C", units=3)
    _, weights = answer(layer, image, faces)
    (kernel1, bias1), (kernel2, bias2) = (
        layer.attentionfc1.get_weights(),
        layer.attentionfc2.get_weights(),
    )
    scores = ((faces @ kernel1 + bias1) @ kernel2 + bias2)[..., 0]
    np.testing.assert_allclose(weights, softmax_over_faces(scores), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(answer(layer, -image, faces)[1], weights)


def test_all_faces_alike_make_the_mean(image, faces):
    attended, weights = answer(made("average"), image, faces)
    np.testing.assert_allclose(weights[:3], MASK[:3] / COUNTS[:3, None], rtol=1e-6)
    np.testing.assert_allclose(attended[0], faces[0].mean(axis=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(attended[1], faces[1, :2].mean(axis=0), rtol=1e-4, atol=1e-6)


def test_units_are_dropped_between_the_layers_of_c_in_training_alone(image, faces):
    layer = made("C", dropout=0.5)
    keras.utils.set_random_seed(0)
    trained = [np.array(layer([image, faces], mask=MASK, training=True)) for _ in range(2)]
    assert not np.array_equal(*trained)
    used = [np.array(layer([image, faces], mask=MASK, training=False)) for _ in range(2)]
    np.testing.assert_array_equal(*used)


@pytest.mark.parametrize("scores", SCORES)
def test_a_single_face_counts_fully_and_no_face_gives_zeros(scores, image, faces):
    attended, weights = answer(made(scores), image, faces)
    np.testing.assert_array_equal(weights[2], [1, 0, 0, 0])
    np.testing.assert_allclose(attended[2], faces[2, 0], rtol=1e-6)
    np.testing.assert_array_equal(weights[3], np.zeros(FACES))
    np.testing.assert_array_equal(attended[3], np.zeros(WIDTH))


@pytest.mark.parametrize("padding", [1e6, np.inf, np.nan], ids=str)
@pytest.mark.parametrize("scores", SCORES)
def test_what_stands_in_rows_without_a_face_changes_nothing(scores, padding, image, faces):
    layer = made(scores)
    expected = answer(layer, image, faces)
    padded = np.where(MASK[..., None] > 0, faces, padding).astype(np.float32)
    for found, value in zip(answer(layer, image, padded), expected, strict=True):
        np.testing.assert_array_equal(found, value)


@pytest.mark.parametrize("scores", SCORES)
def test_more_rows_without_a_face_change_nothing(scores, image, faces):
    layer = made(scores)
    expected = answer(layer, image, faces)
    longer = np.pad(faces, ((0, 0), (0, 3), (0, 0)))
    attended, weights = answer(layer, image, longer, np.pad(MASK, ((0, 0), (0, 3))))
    np.testing.assert_allclose(attended, expected[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(weights, np.pad(expected[1], ((0, 0), (0, 3))), rtol=1e-5)


@pytest.mark.parametrize(
    "mask",
    [pytest.param([None, MASK], id="beside the image's"), pytest.param(MASK > 0, id="of booleans")],
)
def test_a_mask_may_be_told_in_other_ways(mask, image, faces):
    layer = made("A")
    expected = answer(layer, image, faces)
    for found, value in zip(answer(layer, image, faces, mask), expected, strict=True):
        np.testing.assert_array_equal(found, value)


def test_all_rows_are_faces_without_a_mask(image, faces):
    layer = made("A")
    full = answer(layer, image, faces, np.ones_like(MASK))
    for found, value in zip(answer(layer, image, faces, None), full, strict=True):
        np.testing.assert_array_equal(found, value)


@pytest.mark.parametrize("size", [1.0, 1e4], ids=["usual", "huge"])
@pytest.mark.parametrize("scores", SCORES)
def test_gradients_are_finite_and_none_where_there_is_no_face(scores, size, image, faces):
    layer = made(scores)
    watched = tf.Variable(size * faces)
    with tf.GradientTape() as tape:
        attended = layer([tf.constant(image), watched], mask=MASK, training=True)
        loss = tf.reduce_sum(attended**2)
    weights = [weight.value for weight in layer.trainable_weights]
    of_faces, *of_weights = map(np.asarray, tape.gradient(loss, [watched, *weights]))
    assert np.isfinite(of_faces).all()
    assert of_faces[MASK == 1].any()
    np.testing.assert_array_equal(of_faces[MASK == 0], 0)
    assert all(np.isfinite(gradient).all() for gradient in of_weights)


@pytest.mark.parametrize("scores", SCORES)
def test_the_layer_runs_on_operations_of_tflite_alone(scores, image, faces, tmp_path):
    model = as_model(made(scores))
    model.export(tmp_path / "saved_model", format="tf_saved_model", verbose=False)
    interpreter = Interpreter(model_content=convert_tflite(tmp_path / "saved_model"))
    run = interpreter.get_signature_runner("serving_default")
    given = {"image": image, "faces": faces, "mask": MASK}
    found = run(**given)
    for name, expected in model(given).items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        pytest.param(
            lambda: FaceAttention("averag"),
            "Unknown scores: did you mean average",
            id="unknown scores",
        ),
        pytest.param(
            lambda: FaceAttention("B", units=0),
            r"^units: expected 1 or more\. Received: 0$",
            id="no units",
        ),
        pytest.param(
            lambda: FaceAttention("A").build([(None, 4), (None, 3, 5)]),
            r"^faces: expected 4 features each for scores A\. Received: 5$",
            id="A of two widths",
        ),
        pytest.param(
            lambda: FaceAttention("B", units=8).build([(None, 4), (None, 3, 5)]),
            r"^faces: expected 8 features each for scores B\. Received: 5$",
            id="B of another width",
        ),
        pytest.param(
            lambda: FaceAttention("A").build([(None, 4), (None, 4)]),
            r"^inputs: expected image \(B, D\) and faces \(B, F, E\)\. Received: ",
            id="one face",
        ),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(EmoError, match=message):
        build()
