"""Detection models in TFLite, as other tools write them, that are made up in a test."""

from collections.abc import Callable, Sequence
from pathlib import Path

import flatbuffers
import numpy as np
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

PERSON, OTHER = 0, 1
Found = Sequence[tuple[Sequence[float], int, float]]
"""Edges `ymin, xmin, ymax, xmax` in shares of the picture, class and score of what is found."""


def write_post_process(
    path: Path, found: Found, *, size: tuple[int, int] = (32, 48), dtype: tf.DType = tf.uint8
) -> Path:
    """Writes a network that ends in LiteRT's own operation `TFLite_Detection_PostProcess`.

    It finds the same whatever it sees, but multiplies the scores by the picture's mean brightness,
    0 for black to 1 for white.

    Args:
        path: The file to write.
        found: What there is to find; one class and score for each.
        size: Height and width of the picture that the network takes.
        dtype: Type of its pixels, uint8 of 0 to 255 or float32 of -1 to 1.
    """
    edges = np.array([box for box, _, _ in found], np.float32)  # (N, 4)
    sides = edges[:, 2:] - edges[:, :2]
    anchors = np.hstack([edges[:, :2] + sides / 2, sides])
    scores = np.zeros((len(found), 3), np.float32)  # the first class is the background
    for row, (_, label, score) in zip(scores, found, strict=True):
        row[1 + label] = score
    post_process = _post_process(max_detections=len(found), classes=2)

    def detect(image):
        pixels = tf.cast(image, tf.float32)
        light = tf.reduce_mean(pixels / 255 if dtype == tf.uint8 else (pixels + 1) / 2)
        return post_process(
            light * 0 + np.zeros((1, *edges.shape), np.float32), light * scores[None], anchors
        )

    return write_network(path, detect, size=size, dtype=dtype)


def write_network(
    path: Path,
    function: Callable[[tf.Tensor], object],
    *,
    size: tuple[int, int] = (32, 48),
    dtype: tf.DType = tf.uint8,
) -> Path:
    """Writes a function of a picture (1, *size, 3) as a `.tflite` file.

    What it returns under names keeps these in the file's signature; the parts of a tuple become
    `output_0` and so on.
    """
    module = tf.Module()
    spec = tf.TensorSpec((1, *size, 3), dtype, "image")
    module.detect = tf.function(function, input_signature=[spec])
    concrete = module.detect.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
    converter.allow_custom_ops = True
    path.write_bytes(converter.convert())
    return path


def name_outputs(path: Path, names: Sequence[str]) -> None:
    """Takes the signature out of a file and gives its outputs names, as files of old have them."""
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes())
    (signature,) = model.signatureDefs
    ordered = sorted(signature.outputs, key=lambda item: item.name)
    for item, name in zip(ordered, names, strict=True):
        model.subgraphs[0].tensors[item.tensorIndex].name = name.encode()
    model.signatureDefs = []
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(builder.Output())


def _post_process(*, max_detections: int, classes: int):
    """Returns a function that the converter takes for the operation, as TensorFlow's own tool."""
    attributes = {
        "max_detections": f"i: {max_detections}",
        "max_classes_per_detection": "i: 1",
        "use_regular_nms": "b: false",
        "nms_score_threshold": "f: 0.1",
        "nms_iou_threshold": "f: 0.99",
        "y_scale": "f: 10",
        "x_scale": "f: 10",
        "h_scale": "f: 5",
        "w_scale": "f: 5",
        "num_classes": f"i: {classes}",
    }
    words = ['name: "TFLite_Detection_PostProcess"']
    words += [f'attr {{ key: "{key}" value {{ {value} }} }}' for key, value in attributes.items()]

    @tf.function(experimental_implements=" ".join(words))
    def post_process(encodings, scores, anchors):
        blank = tf.constant(0.0)
        return blank, blank, blank, blank

    return post_process
