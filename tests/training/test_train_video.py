import json
from dataclasses import replace

import numpy as np
import pytest

from emo_tf import configs, models
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import negative_log_likelihood
from emo_tf.models.expression_net import expression_metadata
from emo_tf.models.keras_file import load_model, save_model
from emo_tf.softmax import softmax
from emo_tf.training.strategy import single
from emo_tf.training.video import train_video
from emo_tf.training.video_config import VideoLoss
from emo_tf.training.video_run import read_video_run
from emo_tf.training.video_task import VideoTask
from emo_tf.weights import weight_path
from tests.twins import made_up_photographs, small_video_experiment, video_datasets

pytestmark = pytest.mark.slow


@pytest.fixture
def train(video_twin):
    """Trains an experiment on the twins: `train(experiment, folder, initial=...)`."""

    def run(experiment, folder, **options):
        datasets = video_datasets(experiment, video_twin)
        return train_video(experiment, folder, datasets=datasets, cluster=single(), **options)

    return run


def no_training(name: str, **changes):
    """An experiment whose trained weights stay what they were."""
    experiment = small_video_experiment(name)
    optimizer = replace(experiment.optimizer, name="sgd", learning_rate=0.0, ema_decay=None, l2=0.0)
    return replace(experiment, epochs=1, optimizer=optimizer, mixed_precision=False, **changes)


def trained(model) -> list[np.ndarray]:
    return [weight.numpy() for weight in model.trainable_variables]


def assert_same(found: list[np.ndarray], expected: list[np.ndarray], **tolerance) -> None:
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, **(tolerance or {"rtol": 0, "atol": 0}))


def test_the_saved_model_is_the_epoch_kept_and_says_what_it_is(video_smoke_run):
    run = video_smoke_run("video_tsm")
    model, metadata = load_model(run.folder / "model.keras")
    saved = model.get_weights()
    model.load_weights(run.folder / "checkpoints" / "best.weights.h5")
    assert_same(saved, model.get_weights())
    experiment = configs.load("video_tsm", smoke=True)
    assert (metadata.name, metadata.task, metadata.labels) == (
        "expression_tsm",
        "video",
        EXPRESSIONS,
    )
    assert metadata.crop == experiment.crop
    assert metadata.inputs["clip"].frames == 8
    assert metadata.temperature == pytest.approx(run.metrics["temperature"], abs=1e-5)
    assert metadata.provenance["datasets"] == ["FER2013"]
    # What the network of streams is built with: the same weights in the same order.
    arguments = json.loads(json.dumps(metadata.provenance["model_arguments"]))
    stream = models.create("tsm_stream", **arguments)
    stream.set_weights(model.get_weights())


def test_figures_are_those_of_the_saved_model(video_smoke_run):
    run = video_smoke_run("video_miniature")
    finished = read_video_run(run.folder)
    assert finished.default_split() == "validation"
    found = finished.predict(finished.clips("validation"))
    expected = found.report(temperature=finished.metadata.temperature)
    figures = run.metrics["validation"]
    assert figures["confusion"] == expected["confusion"]
    assert figures["last_frame"]["confusion"] == expected["last_frame"]["confusion"]
    assert json.loads((run.folder / "metrics.json").read_text()) == run.metrics


def test_clips_start_from_the_run_of_stills(train, video_smoke_run, tmp_path):
    source = video_smoke_run("video_static").folder
    metrics = train(no_training("video_vtt"), tmp_path, initial=source)
    model, metadata = load_model(tmp_path / "model.keras")
    static = read_video_run(source).model
    assert_same(trained(model), trained(static))
    (layers,) = metrics["started_from"].values()
    assert {"conv1", "fc"} <= set(layers)
    assert metadata.provenance["experiments"] == ["video_static", "video_vtt"]
    assert metadata.provenance["datasets"] == [
        "AffectNet",
        "RAF-DB",
        "Friends of the Video Turing Test",
    ]


def test_clips_start_from_a_net_of_still_faces(train, tmp_path):
    experiment = no_training("video_tsm")
    arguments = experiment.model_arguments["backbone_arguments"]
    net = models.create("expression_net", height=32, width=32, **arguments)
    path = tmp_path / "net.keras"
    metadata = expression_metadata(
        net, version="1", temperature=1.0, crop={}, provenance={"experiments": ["before"]}
    )
    save_model(net, path, metadata=metadata)
    train(experiment, tmp_path / "run", initial=path)
    model, metadata = load_model(tmp_path / "run" / "model.keras")
    assert_same(trained(model), trained(net))
    assert metadata.provenance["experiments"] == ["before", "video_tsm"]


def test_clips_start_from_the_shipped_file_and_say_what_it_says(train, video_twin, tmp_path):
    experiment = no_training("video_tsm", batch_size=2, steps=2, balanced=True)
    arguments = {"backbone": "expression_net", "frames": 8, "shift": "residual"}
    experiment = replace(experiment, model_arguments=arguments)
    train(experiment, tmp_path, initial=weight_path("expression_float16"))
    model, metadata = load_model(tmp_path / "model.keras")
    assert metadata.provenance["experiments"][0] == "expression_fer2013"
    from emo_tf.models.tflite_weights import fill_from_tflite

    exact = models.create("tsm", **arguments)
    fill_from_tflite(exact, weight_path("expression_float16"))
    clips = np.random.default_rng(0).integers(0, 256, (2, 8, 48, 48, 1), np.uint8)
    found, expected = (
        one({"clip": clips}, training=False)["frame_logits"].numpy() for one in (model, exact)
    )
    # In between, batch normalisation has averaged two batches into its statistics.
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.9


def test_weights_of_another_network_are_refused_before_anything_is_written(
    train, video_smoke_run, tmp_path
):
    source = video_smoke_run("video_static").folder
    with pytest.raises(EmoError, match=r"model\.keras: expected the layers of tsm_expression_net"):
        train(no_training("video_tsm"), tmp_path / "run", initial=source)
    with pytest.raises(EmoError, match="nowhere: expected a run or a model to start from"):
        train(no_training("video_tsm"), tmp_path / "run", initial=tmp_path / "nowhere")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("last_frames", "counted"), [(None, 8), (3, 3)], ids=["all", "last"])
def test_the_loss_is_the_mean_over_the_frames_that_count(video_twin, last_frames, counted):
    loss = VideoLoss(last_frames=last_frames)
    experiment = replace(small_video_experiment("video_tsm"), loss=loss)
    datasets = video_datasets(experiment, video_twin)
    task = VideoTask(experiment, datasets, cluster=single())
    logits = np.random.default_rng(0).normal(size=(4, 8, 7)).astype(np.float32)
    labels = np.arange(32, dtype=np.int32).reshape(4, 8) % 7
    batch = {"clip": np.zeros((4, 8, 1, 1, 1)), "label": labels}
    found, figures = task.losses(
        lambda clips, training: {"frame_logits": logits}, batch, task.totals(batch)
    )
    chances = softmax(logits)[:, -counted:].reshape(-1, 7)
    expected = labels[:, -counted:].ravel()
    assert float(found) == pytest.approx(negative_log_likelihood(chances, expected), rel=1e-5)
    assert float(figures["frame_accuracy"]) == pytest.approx(
        (chances.argmax(axis=1) == expected).mean()
    )


class StoppedError(Exception):
    pass


@pytest.mark.parametrize("name", ["video_tsm", "video_vtt"])
def test_a_run_that_was_stopped_ends_as_an_unbroken_one(train, video_smoke_run, tmp_path, name):
    unbroken = load_model(video_smoke_run(name).folder / "model.keras")[0]

    def stop(report):
        raise StoppedError

    experiment = small_video_experiment(name)
    with pytest.raises(StoppedError):
        train(experiment, tmp_path, report=stop)
    epochs = []
    train(experiment, tmp_path, report=epochs.append)
    assert [report.epoch for report in epochs] == [2]
    found = load_model(tmp_path / "model.keras")[0]
    assert_same(found.get_weights(), unbroken.get_weights(), rtol=1e-4, atol=1e-6)


def test_photographs_are_asked_for_where_some_are_drawn_and_refused_elsewhere(train, tmp_path):
    run = tmp_path / "run"
    with pytest.raises(EmoError, match="photographs: expected some to mix in for video_tsm_phot"):
        train(no_training("video_tsm_photographs"), run)
    with pytest.raises(EmoError, match=r"expected none for video_tsm\. Received: 14 of"):
        train(no_training("video_tsm"), run, photographs=made_up_photographs())
    assert not run.exists()


def test_photographs_are_named_in_what_a_model_says_of_its_data(video_smoke_run):
    metadata = read_video_run(video_smoke_run("video_tsm_photographs").folder).metadata
    assert "labelled photographs" in metadata.provenance["datasets"]
