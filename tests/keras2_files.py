"""Files as Keras 2.2.4 wrote them, by hand; and what the networks in them compute, in numpy."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np

INITIALIZERS = {
    "kernel_initializer": {
        "class_name": "VarianceScaling",
        "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None},
    },
    "bias_initializer": {"class_name": "Zeros", "config": {}},
    **dict.fromkeys(
        (
            "kernel_regularizer",
            "bias_regularizer",
            "activity_regularizer",
            "kernel_constraint",
            "bias_constraint",
        )
    ),
}
WINDOW = {"strides": [1, 1], "padding": "valid", "data_format": "channels_last"}
"""What the JSON says of every layer with a kernel, and of one that slides."""


def layer(class_name: str, name: str, **config: object) -> dict:
    """Returns a layer's entry in a `Sequential`."""
    return {"class_name": class_name, "config": {"name": name, "trainable": True, **config}}


def convolution(name: str, filters: int, **config: object) -> dict:
    settings = {**WINDOW, "kernel_size": [3, 3], "dilation_rate": [1, 1], "use_bias": True}
    settings |= {"activation": "relu", **INITIALIZERS, "filters": filters}
    return layer("Conv2D", name, **settings | config)


def dense(name: str, units: int, activation: str = "relu", **config: object) -> dict:
    settings = {"units": units, "activation": activation, "use_bias": True, **INITIALIZERS}
    return layer("Dense", name, **settings | config)


def sequential(entries: Sequence[dict], name: str = "sequential_2") -> dict:
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(entries)}}


def node(*sources: str) -> list:
    return [[[name, 0, 0, {}] for name in sources]]


def functional(entries: dict[str, tuple[dict, list]], *, output: list, name: str) -> dict:
    """Returns a functional model of entries with what they are called on, from `input_1`."""
    shape = entries["input_1"][0]["config"]["batch_input_shape"]
    assert shape[0] is None
    layers = [
        {"name": key, "inbound_nodes": nodes, **entry} for key, (entry, nodes) in entries.items()
    ]
    config = {"name": name, "layers": layers, "input_layers": [["input_1", 0, 0]]}
    return {"class_name": "Model", "config": config | {"output_layers": [output]}}


def input_entry(*sides: int) -> tuple[dict, list]:
    shape = {"batch_input_shape": [None, *sides], "dtype": "float32", "sparse": False}
    return layer("InputLayer", "input_1", **shape), []


def norm(name: str, **config: object) -> dict:
    settings = {"axis": -1, "momentum": 0.99, "epsilon": 0.001, "center": True, "scale": True}
    other = {"beta_initializer": {"class_name": "Zeros", "config": {}}, "gamma_regularizer": None}
    return layer("BatchNormalization", name, **settings | other | config)


def branching() -> dict:
    """Returns a model that calls a model inside twice, joins and adds: 4 numbers to 4."""
    inside = functional(
        {
            "input_1": input_entry(4),
            "frozen": (dense("frozen", 4, "tanh", trainable=False), node("input_1")),
            "norm": (norm("norm", scale=False), node("frozen")),
        },
        output=["norm", 0, 0],
        name="inside",
    )
    # A model inside counts the call that made it.
    twice = [[["input_1", 0, 0, {}]], [["inside", 1, 0, {}]]]
    outer = {
        "input_1": input_entry(4),
        "inside": (inside, twice),
        "add": (layer("Add", "add"), [[["inside", 2, 0, {}], ["input_1", 0, 0, {}]]]),
        "leaky": (
            layer("LeakyReLU", "leaky", alpha={"type": "ndarray", "value": 0.25}),
            node("add"),
        ),
    }
    return functional(outer, output=["leaky", 0, 0], name="model_1")


def branching_weights(prefix: str = "") -> dict:
    rng = np.random.default_rng(2)
    return {
        "input_1": {},
        "inside": {
            # What is trained comes first, whatever the order of the layers.
            f"{prefix}norm/beta:0": rng.normal(size=4),
            f"{prefix}frozen/kernel:0": rng.normal(size=(4, 4)),
            f"{prefix}frozen/bias:0": rng.normal(size=4),
            f"{prefix}norm/moving_mean:0": rng.normal(size=4),
            f"{prefix}norm/moving_variance:0": rng.uniform(1, 2, 4),
        },
        "add": {},
        "leaky": {},
    }


def small_face_net(side: int = 8, classes: int = 3, *, name: str = "sequential_2") -> dict:
    """Returns the architecture of Garg's plain network, made small."""
    return sequential(
        [
            layer(
                "ZeroPadding2D",
                "zero_padding2d_8",
                batch_input_shape=[None, side, side, 3],
                dtype="float32",
                padding=[[1, 1], [1, 1]],
                data_format="channels_last",
            ),
            convolution("conv2d_8", 4),
            layer(
                "MaxPooling2D", "max_pooling2d_4", **WINDOW | {"strides": [2, 2]}, pool_size=[2, 2]
            ),
            layer("Flatten", "flatten_2", data_format="channels_last"),
            dense("dense_4", 5),
            layer("Dropout", "dropout_3", rate=0.5, noise_shape=None, seed=None),
            dense("dense_6", classes, "softmax"),
        ],
        name,
    )


def small_face_weights(side: int = 8, classes: int = 3, seed: int = 0) -> dict:
    """Returns the weights of `small_face_net` by layer."""
    rng = np.random.default_rng(seed)

    def pair(name: str, *shape: int) -> dict[str, np.ndarray]:
        kernel, bias = rng.normal(0, 0.3, shape), rng.normal(0, 0.3, shape[-1])
        return {f"{name}/kernel:0": kernel, f"{name}/bias:0": bias}

    return {
        "zero_padding2d_8": {},
        "conv2d_8": pair("conv2d_8", 3, 3, 3, 4),
        "max_pooling2d_4": {},
        "flatten_2": {},
        "dense_4": pair("dense_4", (side // 2) ** 2 * 4, 5),
        "dropout_3": {},
        "dense_6": pair("dense_6", 5, classes),
    }


def face_probabilities(face: np.ndarray, weights: Mapping[str, Mapping]) -> np.ndarray:
    """Returns what `small_face_net` says of a face (H, W, 3) in 0 to 1, worked out anew."""
    (kernel, shift), first, last = (
        tuple(weights[name].values()) for name in ("conv2d_8", "dense_4", "dense_6")
    )
    side = len(face)
    padded = np.pad(face, ((1, 1), (1, 1), (0, 0)))
    seen = np.array(
        [
            [np.einsum("hwi,hwio->o", padded[y : y + 3, x : x + 3], kernel) for x in range(side)]
            for y in range(side)
        ]
    )
    seen = np.maximum(seen + shift, 0)
    pooled = seen.reshape(side // 2, 2, side // 2, 2, -1).max(axis=(1, 3))
    hidden = np.maximum(pooled.reshape(-1) @ first[0] + first[1], 0)
    raised = np.exp(hidden @ last[0] + last[1])
    return raised / raised.sum()


def write_json(path: Path, architecture: Mapping) -> Path:
    """Writes what `Model.to_json` of Keras 2.2.4 returned."""
    path.write_text(json.dumps({**architecture, "keras_version": "2.2.4", "backend": "tensorflow"}))
    return path


def write_h5(
    path: Path,
    weights: Mapping[str, Mapping[str, np.ndarray]],
    *,
    architecture: Mapping | None = None,
    backend: str = "tensorflow",
) -> Path:
    """Writes what `Model.save_weights`, or with an architecture `Model.save`, wrote."""
    with h5py.File(path, "w") as file:
        root = file if architecture is None else file.create_group("model_weights")
        if architecture is not None:
            file.attrs["model_config"] = json.dumps(architecture).encode()
        root.attrs["layer_names"] = [name.encode() for name in weights]
        root.attrs["backend"] = backend.encode()
        root.attrs["keras_version"] = b"2.2.4"
        for name, arrays in weights.items():
            group = root.create_group(name)
            group.attrs["weight_names"] = np.array([key.encode() for key in arrays], "S")
            for key, array in arrays.items():
                group.create_dataset(key, data=np.asarray(array, np.float32))
    return path
