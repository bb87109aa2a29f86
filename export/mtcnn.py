"""The face detector of the package `mtcnn` as what is exported: its three networks."""

import importlib.metadata
import importlib.resources
from collections.abc import Callable

import joblib
import keras
import numpy as np

from emo_tf.errors import EmoError
from emo_tf.export.differences import made_up_examples
from emo_tf.export.exportable import CardText, Exportable
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

_CARD = CardText(
    title="Face detector, one of three networks",
    about="It tells where faces are, not whose.",
    data="Trained on WIDER FACE and CelebA by the authors of the paper, not here.",
    recipe=(
        "The weights of the package are taken as they are. The normalisation is folded into the "
        "first convolution, the two classes' softmax into one sigmoid, and Caffe's order of "
        "columns before rows into the dense layers."
    ),
    works_best="on faces from the front of 12 pixels and more",
    limits=(
        "faces in profile, upside down, covered or dark are found less well; how that differs by "
        "age, gender or skin has not been measured"
    ),
)

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


def mtcnn_exportables() -> dict[str, Exportable]:
    """Returns the three networks of the face detector, by name.

    P-Net and R-Net stay in float32: halves would be enough to change which of several windows with
    nearly the same score goes on. O-Net, the largest, is shipped with weights in half precision.

    Raises:
        EmoError: The package's weights are not what they were.
    """
    fine = " (fraction: 256ths of a grey level, 0 where the pixels are whole)"
    any_size, small, large = ImageInput(None, None), ImageInput(24, 24), ImageInput(48, 48)
    networks = [
        _exportable(
            proposal_network,
            weights="pnet.lz4",
            layer_names=_PNET_LAYERS,
            precisions=("float32",),
            metadata=_metadata(
                "mtcnn_pnet",
                f"Proposes faces of 12 x 12 pixels at a stride of 2{fine}.",
                {"image": any_size, "fraction": any_size},
                {},
            ),
        ),
        _exportable(
            refinement_network,
            weights="rnet.lz4",
            layer_names=_RNET_LAYERS,
            precisions=("float32",),
            metadata=_metadata(
                "mtcnn_rnet",
                f"Sifts proposed faces{fine}.",
                {"image": small, "fraction": small},
                {},
            ),
        ),
        _exportable(
            output_network,
            weights="onet.lz4",
            layer_names=_ONET_LAYERS,
            precisions=("float32", "float16"),
            metadata=_metadata(
                "mtcnn_onet",
                "Decides on a face and finds its landmarks.",
                {"image": large},
                {"landmarks": LANDMARKS, "features": FEATURES},
            ),
        ),
    ]
    return {network.metadata.name: network for network in networks}


def _exportable(
    builder: Callable[[], keras.Model],
    *,
    weights: str,
    layer_names: tuple[str, ...],
    precisions: tuple[str, ...],
    metadata: ModelMetadata,
) -> Exportable:
    model = builder()
    asset = importlib.resources.files("mtcnn.assets.weights") / weights
    with importlib.resources.as_file(asset) as path:
        load_weights(model, joblib.load(path), layer_names)
    return Exportable(
        source=f"{metadata.provenance['weights']}, {weights}",
        model=model,
        metadata=metadata,
        outputs=_outputs,
        card=_CARD,
        examples=made_up_examples(metadata.inputs),
        precisions=precisions,
    )


def _outputs(heads: dict) -> dict:
    score = keras.ops.sigmoid(heads["logit"])
    return {"score": score, **{name: heads[name] for name in heads if name != "logit"}}
