import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.layers.face_attention import FaceAttention
from emo_tf.models.golden import relative_error
from emo_tf.models.group_head import attention_head, average_head, plain_head

TOLERANCE = 1e-4
TORCH_NAMES = {
    "kernel": "weight",
    "bias": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
WIDTHS = {"A": 256, "B": 64, "C": 256, "average": 256}
"""Features of a face as the attention gets them, by scores."""

Tensors = dict[str, np.ndarray]


def fill(weights: list[keras.Variable], tensors: Tensors, *, own: str) -> None:
    """Fills weights with torch's tensors, which bear the layers' names, behind `own` or alone."""
    for weight in weights:
        *_, layer, kind = weight.path.split("/")
        name = f"{layer}.{TORCH_NAMES[kind]}"
        tensor = tensors.get(f"{own}.{name}", tensors.get(name))
        weight.assign(tensor.T if kind == "kernel" else tensor)


def mask(count: np.ndarray, faces: int) -> np.ndarray:
    return (np.arange(faces) < count[:, None]).astype(np.float32)


@pytest.mark.parametrize("scores", WIDTHS)
def test_attention_gives_torchs_numbers(scores, shared, golden_tensors):
    with np.load(shared / "goldens" / "group_attention.npz") as file:
        golden = dict(file)
    layer = FaceAttention(scores)
    faces = golden[f"faces{WIDTHS[scores]}"]
    layer.build([golden["image"].shape, faces.shape])
    fill(layer.weights, golden_tensors("group_attention"), own="")
    is_face = mask(golden["count"], faces.shape[1])
    attended, weights = layer([golden["image"], faces], mask=is_face, return_weights=True)
    own = scores.lower()
    expected = {f"attended_{own}": attended, f"weights_{own}": weights}
    if scores == "average":
        expected = {"average": attended}
    for name, found in expected.items():
        assert relative_error(np.asarray(found), golden[name]) <= TOLERANCE


@pytest.mark.parametrize("scores", ["A", "B", "C"])
@pytest.mark.parametrize("faces", [15, None], ids=["15 faces", "any number of faces"])
def test_a_whole_head_gives_torchs_numbers(scores, faces, shared, golden_tensors):
    with np.load(shared / "goldens" / "group_heads.npz") as file:
        golden = dict(file)
    head = attention_head(2208, 512, faces=faces, scores=scores)
    tensors = golden_tensors("group_attention") | golden_tensors("group_heads")
    fill(head.weights, tensors, own=scores.lower())
    given = {
        "image": golden["image"],
        "faces": golden["embeddings"],
        "face_mask": mask(golden["count"], 15),
    }
    found = np.asarray(head(given)["logits"])
    assert relative_error(found, golden[f"logits_{scores.lower()}"]) <= TOLERANCE


def test_the_head_of_average_gives_torchs_numbers(shared, golden_tensors):
    with np.load(shared / "goldens" / "group_heads.npz") as file:
        golden = dict(file)
    head = average_head(2208, 256, faces=27)
    fill(head.weights, golden_tensors("group_heads"), own="average")
    given = {
        "image": golden["image"],
        "faces": golden["onet_features"],
        "face_mask": mask(golden["onet_count"], 27),
    }
    found = np.asarray(head(given)["logits"])
    assert relative_error(found, golden["logits_average"]) <= TOLERANCE


@pytest.mark.parametrize(
    ("scores", "joined"),
    [
        pytest.param("A", 24 + 24, id="A"),
        pytest.param("B", 5 + 24, id="B"),
        pytest.param("C", 24 + 24, id="C"),
        pytest.param("average", 24 + 24, id="average"),
    ],
)
def test_the_classifier_sees_the_faces_first_and_then_the_picture(scores, joined):
    head = attention_head(7, 6, faces=3, scores=scores, units=24, attention_units=5)
    assert head.get_layer("classifier").kernel.shape == (joined, 3)
    inner = keras.Model(head.input, head.get_layer("joined").output)
    given = {
        "image": np.ones((1, 7), np.float32),
        "faces": np.ones((1, 3, 6), np.float32),
        "face_mask": np.zeros((1, 3), np.float32),
    }
    found = np.asarray(inner(given))[0]
    assert not found[: joined - 24].any()
    assert found[joined - 24 :].any()


def test_dropout_is_where_it_was_published():
    head = attention_head(7, 6, faces=3, scores="C", dropout=0.25)
    rates = {layer.name: layer.rate for layer in head.layers if hasattr(layer, "rate")}
    assert rates == {"image_dropout": 0.25, "face_dropout": 0.25}
    assert head.get_layer("attention").dropout == 0.25
    assert average_head(7, 6, faces=3, dropout=0.25).get_layer("dropout").rate == 0.25
    assert plain_head(7, dropout=0.25).get_layer("dropout").rate == 0.25


def test_batch_normalisation_has_no_weights_to_learn():
    head = attention_head(7, 6, faces=3, scores="A", units=24)
    for name in ("bn_face", "bn_global"):
        layer = head.get_layer(name)
        assert not layer.trainable_weights
        assert layer.epsilon == 1e-5


def test_a_margin_needs_labels_in_training_alone():
    plain, margined = plain_head(7), plain_head(7, margin=3)
    features = np.random.default_rng(0).standard_normal((4, 7)).astype(np.float32)
    assert margined.get_layer("classifier").margin == 3
    margined.get_layer("classifier").kernel.assign(plain.get_layer("classifier").kernel)
    given = {"features": features, "labels": np.array([0, 1, 2, 0])}
    np.testing.assert_allclose(margined(given), plain(features), rtol=1e-5, atol=1e-6)
    trained = np.asarray(margined(given, training=True) - margined(given))
    is_true = np.arange(3) == given["labels"][:, None]
    assert (trained[is_true] < 0).all()
    np.testing.assert_array_equal(trained[~is_true], 0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        pytest.param(
            lambda: attention_head(7, 6, faces=3, scores="averages"),
            "Unknown scores: did you mean average",
            id="scores",
        ),
        pytest.param(
            lambda: plain_head(7, margin=5), "^margin: expected 1, 2, 3 or 4", id="margin"
        ),
    ],
)
def test_what_there_is_not_is_refused(build, message):
    with pytest.raises(EmoError, match=message):
        build()
