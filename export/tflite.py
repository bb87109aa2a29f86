"""A SavedModel as the bytes of a `.tflite` file."""

import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.lite.python.convert_phase import ConverterError

from emo_tf.errors import EmoError, unknown_name
from emo_tf.export.half_precision import refine_half_precision
from emo_tf.export.head import head_tensors
from emo_tf.runtime.litert import SIGNATURE
from emo_tf.runtime.native_output import without_lines

QUANTISATIONS = ("float32", "float16", "int8")

LEAST_CALIBRATION = 8

# What the converter prints of itself, and before it raises an error that holds the same.
_CONVERTER_SAYS = rb"fully_quantize: |loc\(|error: |Some ops|Custom ops|Flex ops|Details:|\ttf\.|\n"

Images = Mapping[str, np.ndarray]
Representative = Callable[[], Iterable[Images]]
"""Gives inputs by name, one example at a time."""


def convert_tflite(
    saved_model: Path,
    *,
    quantisation: str = "float32",
    representative: Representative | None = None,
    further: Mapping[str, Representative | None] | None = None,
    floats: bytes | None = None,
) -> bytes:
    """Converts a SavedModel, with built-in TFLite operations alone.

    Args:
        saved_model: Folder that `export_saved_model` wrote.
        quantisation: `float32`; `float16`, weights in half precision; or `int8`, integers up to
            the features and a head in float32 (see `head_tensors`), with the uint8 pixels in and
            the float32 outputs that every model has. The head is a thousandth of the work; in
            integers its scores would come in 256 steps, too coarse to rank people by, and no seven
            of them would add up to 1.
        representative: For int8, a function that yields inputs by name, uint8 arrays of shape
            (1, H, W, channels), for the ranges of the activations; eight examples or more.
        further: Signatures to convert besides `serving_default`, such as the one by which a model
            takes one frame and its states; for int8 each with representative inputs of its own.
        floats: What this returned of the same in float32, by which the others are made, too; it
            is converted anew where `None`.

    Returns:
        The file's content, without metadata.

    Raises:
        EmoError: The quantisation is unknown, int8 lacks its representative images or has too few,
            or the model has an operation that TFLite does not know.
    """
    if quantisation not in QUANTISATIONS:
        raise unknown_name("quantisation", quantisation, QUANTISATIONS)
    by_signature = {SIGNATURE: representative, **(further or {})}
    if quantisation == "int8":
        calibration = {name: _kept(name, given) for name, given in by_signature.items()}
    if floats is None:
        floats = _converted(_converter(saved_model, by_signature).convert)
    if quantisation == "float32":
        return floats
    converter = _converter(saved_model, by_signature)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantisation == "float16":
        converter.target_spec.supported_types = [tf.float16]
        return refine_half_precision(_converted(converter.convert), floats)
    in_float = head_tensors(floats)
    return _converted(lambda: _convert_int8(converter, calibration, in_float=in_float))


def _converter(saved_model: Path, signatures: Iterable[str]) -> tf.lite.TFLiteConverter:
    return tf.lite.TFLiteConverter.from_saved_model(str(saved_model), signature_keys=[*signatures])


def _converted(convert: Callable[[], bytes]) -> bytes:
    try:
        with without_lines(_CONVERTER_SAYS):
            return convert()
    except ConverterError as error:
        unknown = sorted(set(re.findall(r"tf\.\w+(?=\(|:| op)", str(error))))
        raise EmoError(
            "model: expected operations that TFLite knows, with no library besides. "
            f"Received: {', '.join(unknown) or str(error).splitlines()[0]}"
        ) from error


def _kept(signature: str, representative: Representative | None) -> list[Images]:
    if representative is None:
        raise EmoError(
            "representative: expected a function that yields images, as int8 needs the ranges of"
            f" the activations. Received: None for {signature}"
        )
    images = list(representative())
    if len(images) < LEAST_CALIBRATION:
        raise EmoError(
            f"calibration: expected {LEAST_CALIBRATION} examples or more, as the ranges of all "
            f"activations follow from them. Received: {len(images)}"
        )
    return images


def _convert_int8(
    converter: tf.lite.TFLiteConverter,
    calibration: Mapping[str, Sequence[Images]],
    *,
    in_float: Sequence[str],
) -> bytes:
    converter.representative_dataset = lambda: (
        (name, dict(images)) for name, examples in calibration.items() for images in examples
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    with warnings.catch_warnings():
        # The debugger is the public way to leave some operations in float; it opens the
        # deprecated interpreter of TensorFlow itself.
        warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated")
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter,
            debug_dataset=lambda: (),  # which nothing here runs
            debug_options=tf.lite.experimental.QuantizationDebugOptions(
                denylisted_nodes=list(in_float)
            ),
        )
        return debugger.get_nondebug_quantized_model()
