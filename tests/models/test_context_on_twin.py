"""The parts of an EMOTIC model together, on the made-up twin."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf import models
from emo_tf.data import builders, miniature
from emo_tf.data.people import People
from emo_tf.losses import category_loss, score_kind, vad_loss
from emo_tf.metrics.average_precision import mean_average_precision
from emo_tf.metrics.binned_average_precision import BinnedMeanAveragePrecision
from emo_tf.metrics.emotic import emotic_report
from emo_tf.metrics.streaming_vad import VadMeanAbsoluteError
from emo_tf.metrics.thresholds import break_even_thresholds
from emo_tf.metrics.vad import mean_absolute_error

INPUTS = {"scene": (64, 64), "body": (64, 48)}
SIZES = {f"{name}_size": size for name, size in INPUTS.items()}
BATCH = 10
"""Every split is a multiple of it."""


@pytest.fixture(scope="module")
def splits(tmp_path_factory) -> dict[str, tf.data.Dataset]:
    folder = tmp_path_factory.mktemp("twin")
    raw = miniature.write("emotic", folder / "raw", size=100)
    dataset = builders.prepare("emotic", manual_dir=raw, data_dir=folder / "data")

    def for_keras(people: dict) -> tuple[dict, dict]:
        labels = {"score": people["categories"], "vad": people["vad"]}
        return {name: people[name] for name in (*INPUTS, "box")}, labels

    sources = {
        split: People(dataset, split, inputs=INPUTS, batch_size=BATCH)
        for split in ("train", "val", "test")
    }
    assert not any(source.count % BATCH for source in sources.values())
    return {split: source.evaluation().map(for_keras) for split, source in sources.items()}


def labels_of(dataset: tf.data.Dataset) -> dict[str, np.ndarray]:
    batches = [labels for _, labels in dataset.as_numpy_iterator()]
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["dynamic_squared_error", "asymmetric"])
def test_people_go_from_the_data_set_to_a_report(splits, loss):
    keras.utils.set_random_seed(0)
    model = models.create("context_fusion", **SIZES, blank_person=True, score_kind=score_kind(loss))
    precision = BinnedMeanAveragePrecision()
    model.compile(
        keras.optimizers.Adam(1e-3),
        loss={
            "score": category_loss(loss, reduction="mean"),
            "vad": vad_loss("l2", reduction="mean"),
        },
        metrics={"score": [precision], "vad": [VadMeanAbsoluteError()]},
    )
    history = model.fit(
        splits["train"].repeat(), steps_per_epoch=5, epochs=3, shuffle=False, verbose=0
    ).history
    assert history["loss"][-1] < history["loss"][0]

    streamed = model.evaluate(splits["val"], return_dict=True, verbose=0)
    outputs, labels = model.predict(splits["val"], verbose=0), labels_of(splits["val"])
    exact = mean_average_precision(labels["score"], outputs["score"])
    assert abs(streamed["score_mean_average_precision"] - exact) <= precision.error() + 1e-6
    errors = mean_absolute_error(labels["vad"], outputs["vad"])
    assert streamed["vad_mean_absolute_error"] == pytest.approx(errors.mean(), rel=1e-3)

    thresholds = break_even_thresholds(labels["score"], outputs["score"])
    outputs, labels = model.predict(splits["test"], verbose=0), labels_of(splits["test"])
    report = emotic_report(
        labels["score"], outputs["score"], labels["vad"], outputs["vad"], thresholds=thresholds
    )
    assert report["people"] == 20
    assert 0 < report["mean_average_precision"] <= report["mean_average_precision_interpolated"]
