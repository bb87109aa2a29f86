"""Turns the weights of the `mtcnn` package into the three files of the face detector.

python -m emo_tf.export.mtcnn --out emo_tf/weights
"""

import argparse
import importlib.metadata
import importlib.resources
import tempfile
from collections.abc import Callable
from pathlib import Path

import joblib
import keras
import numpy as np

from emo_tf.errors import EmoError
from emo_tf.export.metadata import write_metadata
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.model_metadata import ImageInput, ModelMetadata
from emo_tf.models.mtcnn import output_network, proposal_network, refinement_network

PIXEL_MEAN, PIXEL_SCALE = 127.5, 128.0
SCORE = "Probability of a face, 0 to 1"
BOX = "Left, top, right and bottom edge of the face against those of the window, in window sizes"
LANDMARKS = (
    "x and y of left eye, right eye, nose, left and right mouth corner as seen in the image, 0 to 1"
    " across the window"
)
FEATURES = "The last hidden layer's 256 units, which group models read"

# Layers in the order of the package's weights.
_PNET_LAYERS = ("conv1", "conv2", "conv3", "box", "logit")
_RNET_LAYERS = ("conv1", "conv2", "conv3", "dense4", "box", "logit")
_ONET_LAYERS = ("conv1", "conv2", "conv3", "conv4", "dense5", "box", "landmarks", "logit")


def load_weights(model: keras.Model, weights: list[np.ndarray], layer_names: tuple) -> None:
    """Gives `model` the package's weights, folding away what needs no layer of its own.

    Args:
        model: One of `emo_tf.models.mtcnn`.
        weights: The package's arrays: kernel, bias and, within, the slopes of the PReLU behind.
        layer_names: The model's layers in the order of the arrays.

    Raises:
        EmoError: Arrays are left over or missing.
    """
    remaining = list(weights)
    convolved_shape = None
    for name in layer_names:
        if len(remaining) < 2:
            raise EmoError(f"weights: expected arrays for layer {name}. Received: {len(weights)}")
        kernel, bias = remaining.pop(0), remaining.pop(0)
        if name == "conv1":
            kernel, bias = _fold_normalisation(kernel, bias)
        if name.startswith("dense"):
            kernel = _fold_transposition(kernel, convolved_shape)
        if name == "logit":
            kernel, bias = _fold_softmax(kernel, bias)
        if name == "landmarks":
            kernel, bias = _pair_coordinates(kernel), _pair_coordinates(bias)
        model.get_layer(name).set_weights([kernel, bias])
        if name.startswith(("conv", "dense")):
            slopes = model.get_layer(f"{name}_prelu")
            slopes.set_weights([remaining.pop(0)])
            convolved_shape = slopes.output.shape
    if remaining:
        raise EmoError(
            f"weights: expected none after {layer_names[-1]}. Received: {len(remaining)}"
        )


def _fold_normalisation(kernel, bias):
    """Lets a convolution without padding take pixels x where it took (x - mean) / scale."""
    kernel = kernel / PIXEL_SCALE
    return kernel, bias - PIXEL_MEAN * kernel.sum(axis=(0, 1, 2))


def _fold_transposition(kernel, convolved_shape):
    """Lets a dense layer read rows first where it read columns first, as Caffe does."""
    _, height, width, channels = convolved_shape
    by_column = kernel.reshape(width, height, channels, -1)
    return by_column.transpose(1, 0, 2, 3).reshape(kernel.shape)


def _fold_softmax(kernel, bias):
    """Turns the logits of "no face" and "face" into the one whose sigmoid is their softmax."""
    return kernel[..., 1:] - kernel[..., :1], bias[1:] - bias[:1]


def _pair_coordinates(values):
    """Turns five x and five y in the last dimension into five pairs of x and y."""
    paired = values.reshape(*values.shape[:-1], 2, 5).swapaxes(-1, -2)
    return paired.reshape(values.shape)


def _metadata(
    name: str, description: str, inputs: dict[str, ImageInput], outputs: dict[str, str]
) -> ModelMetadata:
    return ModelMetadata(
        name=name,
        task="face_detection",
        description=description,
        version="1.0.0",
        inputs=inputs,
        outputs={"score": SCORE, "box": BOX, **outputs},
        score_kind="sigmoid",
        licence="MIT",
        provenance={
            "weights": f"PyPI package mtcnn {importlib.metadata.version('mtcnn')}",
            "copyright": "Copyright (c) 2019-2024 Iván de Paz Centeno",
            "paper": "Zhang et al. 2016, Joint face detection and alignment using multitask"
            " cascaded convolutional networks, https://arxiv.org/abs/1604.02878",
        },
    )


def _export(
    builder: Callable[[], keras.Model],
    folder: Path,
    *,
    weights: str,
    layer_names: tuple[str, ...],
    quantisation: str,
    metadata: ModelMetadata,
) -> Path:
    model = builder()
    asset = importlib.resources.files("mtcnn.assets.weights") / weights
    with importlib.resources.as_file(asset) as path:
        load_weights(model, joblib.load(path), layer_names)

    def outputs(heads: dict) -> dict:
        score = keras.ops.sigmoid(heads["logit"])
        return {"score": score, **{name: heads[name] for name in heads if name != "logit"}}

    with tempfile.TemporaryDirectory() as scratch:
        saved_model = export_saved_model(
            model, Path(scratch) / "saved_model", inputs=metadata.inputs, outputs=outputs
        )
        bare = Path(scratch) / "model.tflite"
        bare.write_bytes(convert_tflite(saved_model, quantisation=quantisation))
        return write_metadata(bare, folder / f"{metadata.name}.tflite", metadata=metadata)


def export_mtcnn(folder: Path) -> tuple[Path, ...]:
    """Writes `mtcnn_pnet.tflite`, `mtcnn_rnet.tflite` and `mtcnn_onet.tflite` into `folder`.

    O-Net, the largest, keeps its weights in half precision. In the other two that would be enough
    to change which of several windows with nearly the same score goes on.

    Returns:
        The files.
    """
    fine = " (fraction: 256ths of a grey level, 0 where the pixels are whole)"
    any_size, small, large = ImageInput(None, None), ImageInput(24, 24), ImageInput(48, 48)
    return (
        _export(
            proposal_network,
            folder,
            weights="pnet.lz4",
            layer_names=_PNET_LAYERS,
            quantisation="float32",
            metadata=_metadata(
                "mtcnn_pnet",
                f"Proposes faces of 12 x 12 pixels at a stride of 2{fine}",
                {"image": any_size, "fraction": any_size},
                {},
            ),
        ),
        _export(
            refinement_network,
            folder,
            weights="rnet.lz4",
            layer_names=_RNET_LAYERS,
            quantisation="float32",
            metadata=_metadata(
                "mtcnn_rnet",
                f"Sifts proposed faces{fine}",
                {"image": small, "fraction": small},
                {},
            ),
        ),
        _export(
            output_network,
            folder,
            weights="onet.lz4",
            layer_names=_ONET_LAYERS,
            quantisation="float16",
            metadata=_metadata(
                "mtcnn_onet",
                "Decides on a face and finds its landmarks",
                {"image": large},
                {"landmarks": LANDMARKS, "features": FEATURES},
            ),
        ),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    for path in export_mtcnn(parser.parse_args().out):
        print(path)


if __name__ == "__main__":
    main()
