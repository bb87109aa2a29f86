"""Training an expression model from the data set to `metrics.json`."""

import json
from collections.abc import Callable
from pathlib import Path

import keras

from emo_tf import models
from emo_tf.data.fer2013 import Fer2013, load_fer2013
from emo_tf.files import replace_whole
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import classification_report
from emo_tf.training.calibrate import fit_temperature, softmax
from emo_tf.training.config import Experiment
from emo_tf.training.trainer import EpochReport, Trainer, predict_logits


def train_expression(
    experiment: Experiment,
    run_dir: Path,
    *,
    manual_dir: Path,
    data_dir: Path,
    report: Callable[[EpochReport], None] = lambda _: None,
) -> dict:
    """Trains, keeps the best epoch, fits the temperature and measures PublicTest.

    Epoch and temperature are chosen on the held-out tenth of Training; PublicTest only reports.

    Args:
        experiment: What to train and how.
        run_dir: Folder of the run; a run that was stopped there goes on.
        manual_dir: The folder with the raw FER2013 files.
        data_dir: Where prepared TFDS data sets lie.
        report: Called after every epoch.

    Returns:
        What `metrics.json` in the run's folder holds; `model.keras` lies beside it.

    Raises:
        EmoError: The data are missing, or the folder holds another experiment's run.
    """
    data = load_fer2013(manual_dir=manual_dir, data_dir=data_dir)
    trainer = Trainer(experiment, run_dir, report=report)
    weights = trainer.fit(
        data.training.images, data.training.labels, data.held_out.images, data.held_out.labels
    )
    model = _final_model(experiment, weights)
    with replace_whole(Path(run_dir) / "model.keras") as temporary:
        model.save(temporary)
    metrics = measure_expression(model, data)
    with replace_whole(Path(run_dir) / "metrics.json") as temporary:
        temporary.write_text(json.dumps(metrics, indent=1) + "\n")
    return metrics


def _final_model(experiment: Experiment, weights: Path) -> keras.Model:
    """Returns the model in float32 at the resolution that training ended with."""
    side = experiment.resolution(experiment.epochs)
    arguments = {**experiment.model_arguments, "height": side, "width": side}
    model = models.create(experiment.model, **arguments)
    model.load_weights(weights)
    return model


def measure_expression(model: keras.Model, data: Fer2013) -> dict:
    """Returns the temperature and the figures of an expression model on each part of FER2013.

    Args:
        model: From pixels to logits.
        data: FER2013 with its held-out part.
    """
    held_out_logits = predict_logits(model, data.held_out.images)
    temperature = fit_temperature(held_out_logits, data.held_out.labels)

    def measure(faces):
        probabilities = softmax(predict_logits(model, faces.images) / temperature)
        return classification_report(probabilities, faces.labels, names=EXPRESSIONS)

    metrics = {
        "parameters": model.count_params(),
        "training_examples": len(data.training),
        "temperature": temperature,
        "held_out": measure(data.held_out),
        "public_test": measure(data.public_test),
        "public_test_without_duplicates": measure(
            data.public_test.where(~data.public_test_duplicates)
        ),
    }
    if data.private_test is not None:
        metrics["private_test"] = measure(data.private_test)
    return metrics
