from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data import builders
from emo_tf.errors import EmoError
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_task import GroupTask
from emo_tf.training.strategy import single
from emo_tf.training.summaries import Summaries

IMAGE = {"image_backbone": "tiny_resnet", "image_size": (32, 32)}
FACES = {"face_backbone": "tiny_resnet", "alignment": "box", "face_size": (32, 32), "faces": 3}


@pytest.fixture(scope="module")
def make_task(group_twin) -> Callable[..., GroupTask]:
    """Makes a task on a twin of 40 pictures: `make_task("group_local", FACES, keep="last")`."""
    dataset = builders.prepared("group_affect/faces", data_dir=group_twin)

    def make(model: str = "group_global", arguments: dict = IMAGE, **changes) -> GroupTask:
        experiment = GroupExperiment(
            name="small",
            dataset="group_affect/faces",
            model=model,
            model_arguments=arguments,
            epochs=1,
            batch_size=4,
        )
        return GroupTask(replace(experiment, **changes), dataset, cluster=single())

    return make


class Answers:
    """Stands for a model of pictures that always says the same."""

    def __init__(self, logits: np.ndarray):
        self.input = {"image": None}
        self._logits = tf.constant(logits, tf.float32)

    def __call__(self, inputs, *, training: bool):
        assert training
        assert set(inputs) == {"image"}
        return {"logits": self._logits}


LOGITS = np.array([[1.0, 0, -1], [0, 0, 2], [0.5, 1, 0], [3, 0, 0]])
LABELS = np.array([0, 1, 1, 0], np.int32)


def batch() -> dict[str, tf.Tensor]:
    return {"image": tf.zeros((4, 32, 32, 3)), "label": tf.constant(LABELS)}


def cross_entropies(smoothing: float) -> np.ndarray:
    logarithms = LOGITS - np.log(np.exp(LOGITS).sum(axis=1, keepdims=True))
    targets = np.eye(3)[LABELS] * (1 - smoothing) + smoothing / 3
    return -(targets * logarithms).sum(axis=1)


@pytest.mark.parametrize("smoothing", [0.0, 0.3], ids=str)
def test_the_loss_of_a_batch_is_the_mean_cross_entropy(make_task, smoothing):
    task = make_task(label_smoothing=smoothing)
    loss, figures = task.losses(Answers(LOGITS), batch(), task.totals(batch()))
    assert float(loss) == pytest.approx(cross_entropies(smoothing).mean(), rel=1e-5)
    assert float(figures["accuracy"]) == 0.75


def test_classes_can_weigh_alike(make_task):
    task = make_task(balanced=True)
    counts = np.bincount(task.training.labels(), minlength=3)
    weights = counts.sum() / (3 * counts)
    loss, _ = task.losses(Answers(LOGITS), batch(), task.totals(batch()))
    expected = (weights[LABELS] * cross_entropies(0.0)).mean()
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    assert len(set(counts)) > 1


@pytest.mark.parametrize(
    ("model", "arguments", "unit"),
    [
        ("group_local", FACES, "faces"),
        ("group_local", {**FACES, "margin": 2}, "faces"),
        ("group_local", {**FACES, "margin": 2}, "pictures"),
        ("group_attention", {**IMAGE, **FACES, "scores": "B"}, "pictures"),
        ("group_average", {**IMAGE, "faces": 5}, "pictures"),
    ],
    ids=["faces", "faces with a margin", "pictures with a margin", "attention", "average"],
)
def test_a_batch_of_the_data_has_a_loss_and_gradients(make_task, model, arguments, unit):
    keras.utils.set_random_seed(0)
    task = make_task(model, arguments, unit=unit)
    built = task.build()
    trained = task.to_train(built)
    for weight, expected in zip(trained.get_weights(), built.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
    first = next(iter(task.batches(0, 0)))
    with tf.GradientTape() as tape:
        loss, figures = task.losses(trained, first, task.totals(first))
    gradients = tape.gradient(loss, [v.value for v in trained.trainable_variables])
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    assert any(np.any(gradient) for gradient in gradients)
    assert 0.3 < float(loss) < 5
    assert 0 <= float(figures["accuracy"]) <= 1


def test_validation_measures_every_picture_and_says_which_have_no_faces(make_task):
    task = make_task("group_local", FACES, unit="faces")
    keras.utils.set_random_seed(0)
    model = task.build()
    found = task.validate(model)
    pictures = task.validation
    assert found.detail.labels.tolist() == pictures.labels().tolist()
    np.testing.assert_array_equal(found.detail.faces, np.minimum(pictures.face_counts(), 3))
    assert found.figures["validation/accuracy"] == found.score == found.detail.accuracy
    # The model that is saved, which takes padded faces, says the same.
    batches = list(pictures.evaluation())
    start = 0
    for one in batches:
        mask = one["face_mask"].numpy()
        padded = np.zeros((*mask.shape, 32, 32, 3), np.float32)
        padded[mask > 0] = one["faces"].numpy()[: int(mask.sum())]
        logits = model({"faces": padded, "face_mask": mask}, training=False)["logits"].numpy()
        rows = slice(start, min(start + len(mask), pictures.count))
        expected = logits[: rows.stop - rows.start]
        np.testing.assert_allclose(found.detail.logits[rows], expected, rtol=1e-4, atol=1e-5)
        start += len(mask)


def test_weights_that_changed_count_in_the_next_validation(make_task):
    task = make_task("group_local", FACES)
    model = task.build()
    before = task.validate(model).detail.logits
    kernel = model.get_layer("head").get_layer("classifier").kernel
    kernel.assign(kernel + 1.0 * np.arange(3))
    assert np.abs(task.validate(model).detail.logits - before).max() > 1e-3


def test_the_last_epoch_is_kept_where_that_is_asked_for(make_task):
    task = make_task(keep="last")
    assert task.validate(task.build()).score is None


def test_train_and_val_together_are_validated_on_eval(make_task):
    alone, both = make_task(), make_task(train_split="train+val")
    assert both.training.count == alone.training.count + alone.validation.count
    assert both.validation.split == "eval"
    assert list(alone.measured()) == ["val", "eval"]
    assert list(both.measured()) == ["eval"]


@pytest.mark.parametrize(
    ("model", "arguments", "changes", "said"),
    [
        ("group_global", IMAGE, {"unit": "faces"}, "unit: expected pictures"),
        ("group_attention", {**IMAGE, **FACES}, {"unit": "faces"}, "unit: expected pictures"),
        ("group_local", FACES, {"accumulation": 2}, "accumulation: expected 1"),
        (
            "group_global",
            IMAGE,
            {"accumulation": 2, "drop_remainder": False},
            "accumulation: expected 1, as drop_remainder",
        ),
    ],
    ids=["faces of pictures", "faces of both", "parts of packed faces", "remainder"],
)
def test_what_cannot_be_is_an_error(make_task, model, arguments, changes, said):
    with pytest.raises(EmoError, match=said):
        make_task(model, arguments, **changes)


def test_tensorboard_gets_confusion_and_reliability(make_task, tmp_path):
    task = make_task()
    with Summaries(tmp_path) as summaries:
        task.summarise(summaries, task.validate(task.build()), step=1)
    tags = set()
    for path in tmp_path.iterdir():
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            tags |= {value.tag for value in event.summary.value}
    assert tags == {"confusion", "reliability"}
