import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.layers.face_attention import SCORES
from emo_tf.models.group_branches import alignment_of
from emo_tf.softmax import softmax

PICTURE = {"image_backbone": "tiny_resnet", "image_size": (32, 40)}
FACES = {"face_backbone": "tiny_resnet", "alignment": "box", "face_size": (16, 18), "faces": 4}
SETTINGS = {
    "group_global": PICTURE,
    "group_local": FACES,
    "group_average": PICTURE | {"faces": 4},
    "group_attention": PICTURE | FACES,
}
INPUTS = {
    "image": (None, 32, 40, 3),
    "faces": (None, 4, 16, 18, 3),
    "face_features": (None, 4, 256),
    "face_mask": (None, 4),
}
TAKEN = {
    "group_global": {"image"},
    "group_local": {"faces", "face_mask"},
    "group_average": {"image", "face_features", "face_mask"},
    "group_attention": {"image", "faces", "face_mask"},
}
COUNTS = np.array([0, 1, 4])
MASK = (np.arange(4) < COUNTS[:, None]).astype(np.float32)

Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def pictures() -> Arrays:
    """Inputs of three pictures with no, one and four faces."""
    rng = np.random.default_rng(0)
    given = {name: rng.integers(0, 256, (3, *shape[1:])) for name, shape in INPUTS.items()}
    given |= {"face_mask": MASK, "face_features": rng.standard_normal((3, 4, 256))}
    given["faces"] *= MASK[:, :, None, None, None].astype(int)
    return {name: value.astype(np.float32) for name, value in given.items()}


@functools.cache
def create(name: str, **arguments) -> keras.Model:
    """Builds a small model, once for all tests: only packed ones are trained, and filled anew."""
    keras.utils.set_random_seed(0)
    return models.create(name, **SETTINGS[name] | arguments)


def answers(model: keras.Model, given: Arrays) -> Arrays:
    found = model({name: given[name] for name in model.input}, training=False)
    return {name: np.asarray(value) for name, value in found.items()}


def packed(given: Arrays) -> Arrays:
    """Returns the same pictures with their faces one after another."""
    rows = given["faces"][given["face_mask"] > 0]
    return given | {"faces": rows if len(rows) else np.zeros((1, 16, 18, 3), np.float32)}


def assert_near(found: Arrays, expected: Arrays) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_model_takes_what_it_looks_at_and_gives_a_verdict(name, pictures):
    model = create(name)
    shapes = {given: tensor.shape for given, tensor in model.input.items()}
    assert shapes == {given: INPUTS[given] for given in TAKEN[name]}
    found = answers(model, pictures)
    outputs = {"logits": (3, 3)} | ({"face_weights": (3, 4)} if "face_mask" in shapes else {})
    assert {given: value.shape for given, value in found.items()} == outputs
    assert {value.dtype for value in found.values()} == {np.dtype(np.float32)}
    assert np.isfinite(found["logits"]).all()
    if "face_weights" in found:
        np.testing.assert_allclose(found["face_weights"].sum(axis=1), COUNTS > 0, rtol=1e-5)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_saved_model_comes_back_as_it_was(name, pictures, tmp_path):
    model = create(name, dropout=0.25)
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    assert [weight.path for weight in revived.weights] == [weight.path for weight in model.weights]
    assert alignment_of(revived) == alignment_of(model)
    for found, expected in zip(
        revived.get_layer("head").layers, model.get_layer("head").layers, strict=True
    ):
        assert found.get_config() == expected.get_config()
    for given, expected in answers(model, pictures).items():
        np.testing.assert_array_equal(answers(revived, pictures)[given], expected)


@pytest.mark.parametrize("scores", SCORES)
def test_packed_faces_get_the_answer_that_padded_ones_get(scores, pictures):
    padded, rows = (create("group_attention", scores=scores, packed=flag) for flag in (False, True))
    assert rows.input["faces"].shape == (None, 16, 18, 3)
    assert [weight.path for weight in rows.weights] == [weight.path for weight in padded.weights]
    rows.set_weights(padded.get_weights())
    expected = answers(padded, pictures)
    assert np.ptp(expected["logits"], axis=0).max() > 0.01
    assert_near(answers(rows, packed(pictures)), expected)


def test_packed_faces_of_a_batch_without_any_get_the_answer_of_padded_ones(pictures):
    padded, rows = (create("group_attention", packed=flag) for flag in (False, True))
    rows.set_weights(padded.get_weights())
    nobody = pictures | {"face_mask": np.zeros_like(MASK)}
    assert_near(answers(rows, packed(nobody)), answers(padded, nobody))


def test_the_verdict_of_local_is_the_mean_of_those_on_single_faces(pictures):
    padded, single = (create("group_local", packed=flag) for flag in (False, True))
    assert single.input.keys() == {"faces"}
    assert [weight.path for weight in single.weights] == [weight.path for weight in padded.weights]
    single.set_weights(padded.get_weights())
    of_faces = softmax(answers(single, packed(pictures))["logits"])
    found = answers(padded, pictures)
    np.testing.assert_array_equal(found["logits"][0], np.zeros(3))
    np.testing.assert_allclose(np.exp(found["logits"][1]), of_faces[0], rtol=1e-4)
    np.testing.assert_allclose(np.exp(found["logits"][2]), of_faces[1:].mean(axis=0), rtol=1e-4)
    np.testing.assert_array_equal(found["face_weights"], MASK / np.maximum(COUNTS, 1)[:, None])


def test_a_margin_asks_for_labels_where_faces_are_learnt_from_alone(pictures):
    padded, single = (create("group_local", margin=4, packed=flag) for flag in (False, True))
    assert padded.input.keys() == {"faces", "face_mask"}
    assert single.input.keys() == {"faces", "labels"}
    single.set_weights(padded.get_weights())
    given = packed(pictures) | {"labels": np.arange(5) % 3}
    of_faces = softmax(answers(single, given)["logits"])
    found = np.exp(answers(padded, pictures)["logits"])
    np.testing.assert_allclose(found[2], of_faces[1:].mean(axis=0), rtol=1e-4)
    trained = single({name: given[name] for name in single.input}, training=True)
    assert not np.allclose(softmax(np.asarray(trained["logits"])), of_faces, atol=1e-4)


@pytest.mark.parametrize("name", ["group_local", "group_average", "group_attention"])
def test_what_stands_where_there_is_no_face_changes_nothing(name, pictures):
    model = create(name)
    noise = {
        "faces": np.where(MASK[:, :, None, None, None] > 0, pictures["faces"], 200),
        "face_features": np.where(MASK[:, :, None] > 0, pictures["face_features"], 9),
    }
    assert_near(answers(model, pictures | noise), answers(model, pictures))


@pytest.mark.parametrize("name", ["group_local", "group_average", "group_attention"])
def test_room_for_more_faces_changes_nothing(name, pictures):
    model, larger = create(name), create(name, faces=7)
    larger.set_weights(model.get_weights())
    given = {
        key: np.pad(value, [(0, 0), (0, 3)] + [(0, 0)] * (value.ndim - 2))
        for key, value in pictures.items()
        if key != "image"
    }
    found = answers(larger, pictures | given)
    assert not found["face_weights"][:, 4:].any()
    found["face_weights"] = found["face_weights"][:, :4]
    assert_near(found, answers(model, pictures))


@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("counts", [(0, 0, 0), (0, 1, 4)], ids=["no faces", "some faces"])
def test_training_on_packed_faces_has_finite_gradients(scores, counts, pictures):
    model = create("group_attention", scores=scores, packed=True)
    is_face = (np.arange(4) < np.array(counts)[:, None]).astype(np.float32)
    given = packed(pictures | {"face_mask": is_face})
    with tf.GradientTape() as tape:
        found = model({name: given[name] for name in model.input}, training=True)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits([0, 1, 2], found["logits"])
        loss = tf.reduce_mean(losses)
    weights = [weight.value for weight in model.trainable_weights]
    gradients = tape.gradient(loss, weights, unconnected_gradients="zero")
    assert np.isfinite(loss)
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    of_faces = [
        np.abs(gradient).max()
        for weight, gradient in zip(model.trainable_weights, gradients, strict=True)
        if "fc6" in weight.path
    ]
    assert (max(of_faces) > 0) == any(counts)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        pytest.param(
            "group_attention", {"scores": "averag"}, "did you mean average", id="unknown scores"
        ),
        pytest.param(
            "group_global",
            {"image_backbone": "tiny_resnt"},
            "Unknown backbone: did you mean tiny_resnet",
            id="unknown backbone",
        ),
        pytest.param(
            "group_local",
            {"alignment": "sphere"},
            "Unknown alignment: did you mean sphereface",
            id="unknown alignment",
        ),
        pytest.param(
            "group_local",
            {"face_size": None},
            r"^face_size: expected height and width .* alignment is box\. Received: None$",
            id="faces of no size",
        ),
        pytest.param(
            "group_attention",
            {"alignment": "vlgiitr", "face_size": (112, 96)},
            r"^face_size: expected \(96, 112\) or None .*vlgiitr\. Received: \(112, 96\)$",
            id="faces of another size",
        ),
        pytest.param("group_local", {"faces": 0}, "^faces: expected 1 or more", id="no faces"),
        pytest.param("group_average", {"faces": 0}, "^faces: expected 1", id="no features"),
        pytest.param("group_local", {"margin": 9}, "^margin: expected 1, 2, 3 or 4", id="margin"),
        pytest.param(
            "group_average", {"image_weights": "imagenet"}, "^weights of tiny_resnet", id="weights"
        ),
    ],
)
def test_what_there_is_not_is_refused(name, arguments, message):
    with pytest.raises(EmoError, match=message):
        create(name, **arguments)
