"""A SavedModel as the bytes of a `.tflite` file."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.errors import EmoError, unknown_name
from emo_tf.runtime.litert import SIGNATURE

QUANTISATIONS = ("float32", "float16", "int8")
# In int8 a softmax answers in steps of 1/256, and no seven of those add up to 1.
FLOAT_OPERATIONS = ("SOFTMAX",)

Images = Mapping[str, np.ndarray]


def convert_tflite(
    saved_model: Path,
    *,
    quantisation: str = "float32",
    representative: Callable[[], Iterable[Images]] | None = None,
) -> bytes:
    """Converts a SavedModel, with built-in TFLite operations alone.

    Args:
        saved_model: Folder that `export_saved_model` wrote.
        quantisation: `float32`; `float16`, weights in half precision; or `int8`, integers
            throughout but for a last softmax, with the uint8 pixels in and the float32 outputs
            that every model has.
        representative: For int8, a function that yields inputs by name, uint8 arrays of shape
            (1, H, W, channels), for the ranges of the activations.

    Returns:
        The file's content, without metadata.

    Raises:
        EmoError: The quantisation is unknown, or int8 lacks its representative images.
    """
    if quantisation not in QUANTISATIONS:
        raise unknown_name("quantisation", quantisation, QUANTISATIONS)
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(saved_model), signature_keys=[SIGNATURE]
    )
    if quantisation == "float32":
        return converter.convert()
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantisation == "float16":
        converter.target_spec.supported_types = [tf.float16]
        return converter.convert()
    if representative is None:
        raise EmoError(
            "representative: expected a function that yields images, as int8 needs the ranges of"
            " the activations. Received: None"
        )
    return _convert_int8(converter, representative)


def _convert_int8(
    converter: tf.lite.TFLiteConverter, representative: Callable[[], Iterable[Images]]
) -> bytes:
    converter.representative_dataset = lambda: (
        (SIGNATURE, dict(images)) for images in representative()
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    with warnings.catch_warnings():
        # The debugger is the public way to leave some operations in float; it opens the
        # deprecated interpreter of TensorFlow itself.
        warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated")
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter,
            debug_dataset=lambda: ([*images.values()] for images in representative()),
            debug_options=tf.lite.experimental.QuantizationDebugOptions(
                denylisted_ops=list(FLOAT_OPERATIONS)
            ),
        )
        return debugger.get_nondebug_quantized_model()
