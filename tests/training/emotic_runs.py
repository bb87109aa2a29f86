"""Runs of EMOTIC made by hand: networks that look at mean colours, on a small twin.

from tests.training.emotic_runs import mean_colour_model, write_run
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from matplotlib.figure import Figure

from emo_tf.models.context_fusion import context_metadata
from emo_tf.models.keras_file import save_model

SIDES = {"scene": (24, 32), "body": (20, 16)}


class ListedPeople:
    """Stands for a split read from a data set: people who lie in arrays.

    Args:
        arrays: Inputs, `categories` and `vad` of N people by name.
        batch_size: People a batch; the last one is filled with copies of the first person.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray], *, batch_size: int):
        self.arrays = arrays
        self.batch_size = batch_size
        self.count = len(arrays["vad"])

    def evaluation(self) -> tf.data.Dataset:
        padded = -(-self.count // self.batch_size) * self.batch_size
        taken = np.where(np.arange(padded) < self.count, np.arange(padded), 0)
        columns = {name: values[taken] for name, values in self.arrays.items()}
        columns["weight"] = (np.arange(padded) < self.count).astype(np.float32)
        return tf.data.Dataset.from_tensor_slices(columns).batch(self.batch_size)

    def errors_named(self) -> AbstractContextManager:
        return nullcontext()


def listed_people(count: int, *, batch_size: int, seed: int = 0) -> ListedPeople:
    """Draws people with pictures of one colour each; everybody shows about a third of all."""
    rng = np.random.default_rng(seed)
    arrays = {
        branch: rng.uniform(0, 255, (count, 1, 1, 3)) * np.ones((1, *side, 1))
        for branch, side in SIDES.items()
    }
    arrays["categories"] = rng.random((count, 26)) < 0.35
    arrays["categories"][0] = True
    arrays["vad"] = rng.uniform(1, 10, (count, 3))
    arrays = {name: values.astype(np.float32) for name, values in arrays.items()}
    return ListedPeople(arrays, batch_size=batch_size)


def mean_colour_model(
    branches: Sequence[str] = ("scene", "body"),
    *,
    looks_at: Sequence[str] = ("scene", "body"),
    seed: int = 0,
) -> keras.Model:
    """Builds a model of the parts of `context_fusion` that looks at mean colours.

    Args:
        branches: The branches that it has.
        looks_at: Those whose colours change what it puts out.
        seed: Draws the weights.
    """
    inputs = {name: keras.Input((*SIDES[name], 3), name=name) for name in branches}
    parts = {name: keras.Input((3,), name=name) for name in branches}
    x = layers.Concatenate()(list(parts.values())) if len(parts) > 1 else parts[branches[0]]
    score = layers.Dense(26, name="fc_cat")(x)
    tenths = layers.Dense(3, activation="sigmoid", name="fc_cont")(x)
    outputs = {
        "score": layers.Activation("linear", name="score")(score),
        "vad": layers.Rescaling(10.0, name="vad")(tenths),
    }
    head = keras.Model(parts, outputs, name="head")
    rng = np.random.default_rng(seed)
    for name in ("fc_cat", "fc_cont"):
        kernel, bias = head.get_layer(name).weights
        seen = np.repeat([name in looks_at for name in branches], 3)[:, None]
        kernel.assign(rng.standard_normal(kernel.shape) * seen)
        bias.assign(rng.standard_normal(bias.shape) / 10)
    features = {}
    for name, picture in inputs.items():
        inner = keras.Input((*SIDES[name], 3))
        means = layers.GlobalAveragePooling2D()(layers.Rescaling(1 / 255)(inner))
        features[name] = keras.Model(inner, means, name=f"{name}_backbone")(picture)
    return keras.Model(inputs, head(features), name="context_fusion")


def outputs_by_hand(
    model: keras.Model, people: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the scores and VAD that a `mean_colour_model` puts out, worked out in numpy."""
    colours = [people[name].mean(axis=(1, 2), dtype=np.float64) / 255 for name in model.input]
    x = np.concatenate(colours, axis=1)
    head = model.get_layer("head")
    score, tenths = (
        x @ kernel + bias
        for kernel, bias in (head.get_layer(name).get_weights() for name in ("fc_cat", "fc_cont"))
    )
    return score, 10 / (1 + np.exp(-tenths))


def write_run(folder: Path, model: keras.Model, *, data_dir: Path, **changes: object) -> Path:
    """Writes what training leaves of a run that has ended, and returns its folder.

    Args:
        folder: The run.
        model: What was trained.
        data_dir: Where the prepared data set lies.
        changes: Other values in `config.json`.
    """
    folder.mkdir(parents=True)
    config = {"task": "emotic", "name": "mean_colours"} | changes
    (folder / "config.json").write_text(json.dumps(config))
    data = {"dataset": "emotic", "data_dir": str(data_dir)}
    (folder / "data.json").write_text(json.dumps(data))
    save_model(model, folder / "model.keras", metadata=context_metadata(model, version="1"))
    return folder


def with_empty_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets an evaluation draw nothing: the figures take most of its time."""
    own = ("precision_recall", "confusion", "calibration", "ablation")
    figures = [f"emo_tf.training.emotic_evaluation.{name}_figure" for name in own]
    for figure in (*figures, "emo_tf.plots.slices.slices_figure"):
        monkeypatch.setattr(figure, lambda *_, **__: Figure((1, 1)))
