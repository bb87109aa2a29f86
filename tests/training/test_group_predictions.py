import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf import models
from emo_tf.softmax import softmax
from emo_tf.training.group_predictions import GroupPredictions, packed_form, picture_logits

SMALL = {"image_backbone": "tiny_resnet", "image_size": (32, 32), "face_backbone": "tiny_resnet"}
FACES = {"alignment": "box", "face_size": (32, 32), "faces": 3}
LOCAL = {"face_backbone": "tiny_resnet", **FACES}


def predictions(**changes) -> GroupPredictions:
    nothing = [np.nan] * 3
    arrays = {
        "labels": np.array([0, 1, 2, 2], np.int32),
        "logits": np.array([[2.0, 0, 0], [0, 0, 1], nothing, [0, 0, 3]], np.float32),
        "faces": np.array([2, 1, 0, 3], np.int32),
    }
    return GroupPredictions(**arrays | changes)


def test_a_picture_without_a_verdict_counts_as_a_wrong_one():
    found = predictions()
    assert found.judged.tolist() == [True, True, False, True]
    assert found.accuracy == 0.5
    report = found.report()
    assert (report["pictures"], report["without_verdict"], report["without_faces"]) == (4, 1, 1)
    assert report["accuracy"] == 0.5
    verdicts = report["verdicts"]
    assert verdicts["examples"] == 3
    assert verdicts["accuracy"] == pytest.approx(2 / 3, abs=1e-5)
    assert verdicts["confusion"] == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]


def test_the_temperature_changes_how_certain_verdicts_are():
    found = predictions()
    probabilities = found.probabilities(temperature=2.0)
    assert np.isnan(probabilities[2]).all()
    np.testing.assert_allclose(probabilities[0], softmax(np.array([1.0, 0, 0])), rtol=1e-6)
    sure, unsure = (found.report(temperature=t)["verdicts"] for t in (1.0, 5.0))
    assert sure["accuracy"] == unsure["accuracy"]
    assert sure["negative_log_likelihood"] != unsure["negative_log_likelihood"]


def test_where_no_picture_has_a_verdict_there_are_no_figures_of_verdicts():
    found = predictions(logits=np.full((4, 3), np.nan, np.float32))
    assert found.fit_temperature() == 1
    assert found.report() == {
        "pictures": 4,
        "without_verdict": 4,
        "without_faces": 1,
        "accuracy": 0.0,
    }
    assert set(found.figures("nothing")) == {"confusion", "reliability"}


def batch_of(counts: list[int]) -> tuple[dict[str, tf.Tensor], dict[str, np.ndarray]]:
    """Returns a batch with so many faces a picture, and what the form that is saved takes of it."""
    rng = np.random.default_rng(0)
    mask = (np.arange(3) < np.array(counts)[:, None]).astype(np.float32)
    padded = rng.uniform(0, 255, (len(counts), 3, 32, 32, 3)).astype(np.float32)
    packed = padded[mask > 0] if any(counts) else np.zeros((1, 32, 32, 3), np.float32)
    image = rng.uniform(0, 255, (len(counts), 32, 32, 3)).astype(np.float32)
    label = np.arange(len(counts), dtype=np.int32) % 3
    batch = {"image": image, "faces": packed, "face_mask": mask, "label": label}
    tensors = {name: tf.constant(value) for name, value in batch.items()}
    return tensors, {"image": image, "faces": padded, "face_mask": mask}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("group_local", LOCAL),
        ("group_local", {**LOCAL, "margin": 4}),
        ("group_attention", {**SMALL, **FACES, "scores": "C"}),
        ("group_attention", {**SMALL, **FACES, "scores": "average"}),
    ],
    ids=["local", "margin", "attention", "average"],
)
@pytest.mark.parametrize("counts", [[2, 0, 3], [0, 0]], ids=["some", "none"])
def test_packed_pictures_get_the_verdicts_of_padded_ones(name, arguments, counts):
    keras.utils.set_random_seed(0)
    model = models.create(name, **arguments)
    packed = packed_form(model, name, arguments)
    batch, whole = batch_of(counts)
    expected = model({key: whole[key] for key in model.input}, training=False)["logits"]
    found = picture_logits(packed, batch, training=False)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    if name == "group_local":
        np.testing.assert_array_equal(np.asarray(found)[np.array(counts) == 0], 0)


def test_a_model_without_crops_of_faces_is_its_own_packed_form():
    arguments = {"image_backbone": "tiny_resnet", "image_size": (32, 32)}
    model = models.create("group_global", **arguments)
    assert packed_form(model, "group_global", arguments) is model


def test_the_margin_is_asked_for_in_training_alone():
    keras.utils.set_random_seed(0)
    packed = packed_form(
        models.create("group_local", **LOCAL, margin=4), "group_local", {**LOCAL, "margin": 4}
    )
    head = packed.get_layer("head").get_layer("classifier")
    head.base = head.least = 0.0  # No weight on the plain logits.
    batch, _ = batch_of([1, 2])
    plain = picture_logits(packed, batch, training=False).numpy()
    other = {**batch, "label": batch["label"] + 1}
    np.testing.assert_array_equal(picture_logits(packed, other, training=False), plain)
    first, second = (picture_logits(packed, one, training=True).numpy() for one in (batch, other))
    assert np.abs(first - second).max() > 1e-3
