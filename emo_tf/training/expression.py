"""Training an expression model from the data set to `metrics.json`."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from emo_tf import models
from emo_tf.data.fer2013 import Fer2013, load_fer2013
from emo_tf.data.labelled_faces import LabelledFaces, balanced_repeats
from emo_tf.errors import EmoError
from emo_tf.files import replace_whole
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import classification_report
from emo_tf.training.calibrate import fit_temperature, softmax
from emo_tf.training.config import Experiment
from emo_tf.training.trainer import BEST_WEIGHTS, EpochReport, Trainer, predict_logits


def train_expression(
    experiment: Experiment,
    run_dir: Path,
    *,
    manual_dir: Path,
    data_dir: Path,
    photographs: LabelledFaces | None = None,
    initial_run: Path | None = None,
    report: Callable[[EpochReport], None] = lambda _: None,
) -> dict:
    """Trains, keeps the best epoch, fits the temperature and measures PublicTest.

    Epoch and temperature are chosen on the held-out tenth of Training; PublicTest only reports.

    Args:
        experiment: What to train and how.
        run_dir: Folder of the run; a run that was stopped there goes on.
        manual_dir: The folder with the raw FER2013 files.
        data_dir: Where prepared TFDS data sets lie.
        photographs: Faces cut out of photographs, mixed in as `experiment.photograph_repeats`
            says.
        initial_run: Folder of a run whose best weights to start from.
        report: Called after every epoch.

    Returns:
        What `metrics.json` in the run's folder holds; `model.keras` lies beside it.

    Raises:
        EmoError: The data, the photographs or the weights to start from are missing, or the
            folder holds another experiment's run.
    """
    if (photographs is not None) != (experiment.photograph_repeats > 0):
        received = "none" if photographs is None else f"{len(photographs)} of them"
        wanted = "none" if photographs is not None else "some to mix in"
        raise EmoError(
            f"photographs: expected {wanted} for {experiment.name}. Received: {received}"
        )
    if experiment.members > 1 and initial_run is None:
        raise EmoError(
            f"initial_run: expected a run for the {experiment.members} members of {experiment.name}"
            " to start from. Received: none"
        )
    stages = [*_earlier_stages(initial_run), json.loads(experiment.to_json())]
    initial_weights = _initial_weights(initial_run) if initial_run else None
    data = load_fer2013(manual_dir=manual_dir, data_dir=data_dir)
    images, labels = data.training.images, data.training.labels
    if photographs is not None:
        # In front: the trainer's limit, if there is one, is for the rest.
        mixed = balanced_repeats(photographs.labels, repeats=experiment.photograph_repeats)
        images = np.concatenate([photographs.images[mixed], images])
        labels = np.concatenate([photographs.labels[mixed], labels])
    trained = []
    for member, folder in enumerate(_member_folders(experiment, Path(run_dir))):
        trainer = Trainer(
            replace(experiment, seed=experiment.seed + member, members=1),
            folder,
            initial_weights=initial_weights,
            report=report,
        )
        trained.append(trainer.fit(images, labels, data.held_out.images, data.held_out.labels))
    model = _final_model(experiment, trained)
    with replace_whole(Path(run_dir) / "model.keras") as temporary:
        model.save(temporary)
    metrics = measure_expression(model, data)
    metrics["photographs"] = 0 if photographs is None else len(photographs)
    metrics["stages"] = stages
    with replace_whole(Path(run_dir) / "metrics.json") as temporary:
        temporary.write_text(json.dumps(metrics, indent=1) + "\n")
    return metrics


def _earlier_stages(run: Path | None) -> list[dict]:
    """Returns the configurations of the runs that led to the weights started from."""
    if run is None:
        return []
    metrics = Path(run) / "metrics.json"
    if not metrics.is_file():
        raise EmoError(f"{run}: expected a finished run to start from. Received: no metrics.json")
    return json.loads(metrics.read_text())["stages"]


def _initial_weights(run: Path) -> Path:
    weights = Path(run) / "checkpoints" / BEST_WEIGHTS
    if not weights.is_file():
        raise EmoError(f"{run}: expected a run with {weights.name}. Received: none")
    return weights


def _member_folders(experiment: Experiment, run_dir: Path) -> list[Path]:
    if experiment.members == 1:
        return [run_dir]
    return [run_dir / f"member_{number}" for number in range(experiment.members)]


def _final_model(experiment: Experiment, trained: Sequence[Path]) -> keras.Model:
    """Returns the model in float32 at the resolution that training ended with.

    Its weights are the mean of its members'.

    Reference:
        Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves
        accuracy without increasing inference time", section 2, uniform soup.
    """
    side = experiment.resolution(experiment.epochs - 1)
    arguments = {**experiment.model_arguments, "height": side, "width": side}
    model = models.create(experiment.model, **arguments)
    members = []
    for weights in trained:
        model.load_weights(weights)
        members.append(model.get_weights())
    model.set_weights([np.mean(weights, axis=0) for weights in zip(*members, strict=True)])
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
