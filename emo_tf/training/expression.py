"""Training an expression model from the data set to `metrics.json`."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from emo_tf import models
from emo_tf.data.fer2013 import LICENCE, Fer2013, load_fer2013
from emo_tf.data.labelled_faces import LabelledFaces, balanced_repeats
from emo_tf.data.photographs import FER2013_CROP
from emo_tf.errors import EmoError
from emo_tf.files import replace_whole
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import classification_report
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.expression_net import expression_metadata
from emo_tf.models.keras_file import save_model
from emo_tf.softmax import softmax
from emo_tf.training.calibrate import fit_temperature
from emo_tf.training.expression_config import ExpressionExperiment
from emo_tf.training.expression_task import ExpressionTask, predict_logits
from emo_tf.training.photographs import PHOTOGRAPHS, check_photographs
from emo_tf.training.strategy import Cluster, single
from emo_tf.training.trainer import BEST_WEIGHTS, Trainer


def train_expression(
    experiment: ExpressionExperiment,
    run_dir: Path,
    *,
    manual_dir: Path,
    data_dir: Path,
    photographs: LabelledFaces | None = None,
    initial_run: Path | None = None,
    cluster: Cluster | None = None,
    **options: object,
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
        cluster: The devices; this process alone on one of them where `None`.
        **options: As for `Trainer`.

    Returns:
        What `metrics.json` in the run's folder holds; `model.keras` lies beside it.

    Raises:
        EmoError: The data, the photographs or the weights to start from are missing, or the
            folder holds another experiment's run.
    """
    check_photographs(photographs, wanted=experiment.photograph_repeats > 0, name=experiment.name)
    if experiment.members > 1 and initial_run is None:
        raise EmoError(
            f"initial_run: expected a run for the {experiment.members} members of {experiment.name}"
            " to start from. Received: none"
        )
    stages = [*_earlier_stages(initial_run), json.loads(experiment.to_json())]
    initialise = None
    if initial_run is not None:
        initial_weights = _initial_weights(initial_run)

        def initialise(model: keras.Model) -> None:
            model.load_weights(initial_weights)

    cluster = cluster or single()
    data = load_fer2013(manual_dir=manual_dir, data_dir=data_dir)
    faces = data.training
    if photographs is not None:
        # In front: the experiment's limit, if there is one, is for the rest.
        mixed = balanced_repeats(photographs.labels, repeats=experiment.photograph_repeats)
        faces = LabelledFaces(
            images=np.concatenate([photographs.images[mixed], faces.images]),
            labels=np.concatenate([photographs.labels[mixed], faces.labels]),
            ids=(*(photographs.ids[index] for index in mixed), *faces.ids),
        )
    trained = []
    for member, folder in enumerate(_member_folders(experiment, Path(run_dir))):
        alone = replace(experiment, seed=experiment.seed + member, members=1)
        task = ExpressionTask(alone, faces, data.held_out, share=cluster.share)
        trainer = Trainer(task, folder, cluster=cluster, initialise=initialise, **options)
        trained.append(trainer.fit())
    model = _final_model(experiment, trained)
    metrics = measure_expression(model, data)
    metrics["photographs"] = 0 if photographs is None else len(photographs)
    metrics["stages"] = stages
    if cluster.is_chief:
        save_model(model, Path(run_dir) / "model.keras", metadata=_metadata(model, metrics))
        where = {"dataset": experiment.dataset, "data_dir": str(Path(data_dir).resolve())}
        for name, content in {"data.json": where, "metrics.json": metrics}.items():
            with replace_whole(Path(run_dir) / name) as temporary:
                temporary.write_text(json.dumps(content, indent=1) + "\n")
    return metrics


def _metadata(model: keras.Model, metrics: dict) -> ModelMetadata:
    stages = metrics["stages"]
    return expression_metadata(
        model,
        version="1",
        temperature=metrics["temperature"],
        crop=FER2013_CROP,
        licence=LICENCE,
        provenance={
            "datasets": ["FER2013"] + [PHOTOGRAPHS] * bool(metrics["photographs"]),
            "experiments": [stage["name"] for stage in stages],
            "seed": stages[-1]["seed"],
        },
    )


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


def _member_folders(experiment: ExpressionExperiment, run_dir: Path) -> list[Path]:
    if experiment.members == 1:
        return [run_dir]
    return [run_dir / f"member_{number}" for number in range(experiment.members)]


def _final_model(experiment: ExpressionExperiment, trained: Sequence[Path]) -> keras.Model:
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
