"""A model of expressions as what is exported."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from keras import ops

from emo_tf.data.decode import decode_image
from emo_tf.data.fer2013 import Fer2013, load_fer2013
from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.export.classes import measure_classes
from emo_tf.export.differences import made_up_examples
from emo_tf.export.exportable import (
    APPARENT,
    Arrays,
    BytesSignature,
    CardText,
    Examples,
    Exportable,
    Labels,
    Measured,
)
from emo_tf.export.picture_files import takes_picture_files
from emo_tf.export.run_files import RunFiles
from emo_tf.labels import EXPRESSIONS
from emo_tf.model_metadata import ModelMetadata
from emo_tf.runtime.picture_requests import IMAGE_BYTES

DATASET = "fer2013"
CALIBRATION_IMAGES = 512
AT_A_TIME = 64
BETTER = {"accuracy": "higher", "mean_recall": "higher", "expected_calibration_error": "lower"}

_LUMA = (0.299, 0.587, 0.114)  # Rec. 601
_NOTE = (
    f"`{IMAGE_BYTES}`: bytes of JPEG or PNG files of faces that were cut out as in training, "
    "decoded exactly, made grey and resized; a rotation in EXIF is not looked at."
)


def expression_exportable(
    run: RunFiles, *, data_dir: Path | None = None, limit: int | None = None
) -> Exportable:
    """Returns a model of expressions, with the faces of FER2013's PublicTest to measure it on.

    Args:
        run: What training wrote.
        data_dir: Where prepared data sets lie, if not where they lay for training.
        limit: Only the first so many faces of PublicTest.

    Raises:
        EmoError: The data set that training read, or that lies in `data_dir`, cannot be read.
    """
    metadata = run.metadata
    data = _data(run, data_dir)
    if data is None:
        examples, calibration = made_up_examples(metadata.inputs), None
    else:
        examples = _examples(data, limit)

        def calibration() -> Iterator[Arrays]:
            return _calibration(data.held_out)

    return Exportable(
        source=run.path,
        model=run.model,
        metadata=metadata,
        outputs=lambda logits: {"probabilities": ops.softmax(logits / (metadata.temperature or 1))},
        card=_card(run),
        examples=examples,
        calibration=calibration,
        from_bytes=_from_bytes(metadata),
    )


def _data(run: RunFiles, data_dir: Path | None) -> Fer2013 | None:
    if run.prepared(DATASET, data_dir=data_dir) is None:
        return None
    folder = run.data_dir(data_dir)
    return load_fer2013(manual_dir=folder, data_dir=folder)  # it needs no raw files now


def _calibration(faces: LabelledFaces) -> Iterator[Arrays]:
    for index in range(0, len(faces), max(1, len(faces) // CALIBRATION_IMAGES)):
        yield {"image": faces.images[index : index + 1]}


def _examples(data: Fer2013, limit: int | None) -> Examples:
    faces, duplicates = data.public_test, data.public_test_duplicates
    if limit is not None:
        first = np.arange(len(faces)) < limit
        faces, duplicates = faces.where(first), duplicates[first]

    def batches() -> Iterator[Arrays]:
        for start in range(0, len(faces), AT_A_TIME):
            yield {"image": faces.images[start : start + AT_A_TIME]}

    return Examples(
        source="FER2013, PublicTest",
        count=len(faces),
        batches=batches,
        batch_size=AT_A_TIME,
        labels=Labels(
            dataset=DATASET,
            split="public_test",
            better=BETTER,
            measure=lambda outputs: _measure(
                outputs["probabilities"], faces.labels, in_training=duplicates
            ),
        ),
    )


def _measure(probabilities: np.ndarray, labels: np.ndarray, *, in_training: np.ndarray) -> Measured:
    parts = {"pixels_in_training=yes": in_training, "pixels_in_training=no": ~in_training}
    return measure_classes(probabilities, labels, names=EXPRESSIONS, metrics=[*BETTER], parts=parts)


def _from_bytes(metadata: ModelMetadata) -> BytesSignature:
    (image,) = metadata.inputs.values()

    def decode(encoded: tf.Tensor) -> tf.Tensor:
        luma = tf.tensordot(tf.cast(decode_image(encoded), tf.float32), _LUMA, axes=1)
        # Faces larger than the model's input are averaged, as cutting them out does.
        size = (image.height, image.width)
        resized = tf.image.resize(tf.round(luma)[..., tf.newaxis], size, antialias=True)
        return tf.cast(tf.round(resized), tf.uint8)

    return takes_picture_files(image, decode, note=_NOTE)


def _card(run: RunFiles) -> CardText:
    metrics = run.metrics
    return CardText(
        title="Expression model",
        about=APPARENT,
        data=_data_text(metrics),
        recipe=_recipe(metrics.get("stages", [])),
        works_best="on frontal faces of 40 pixels and more",
        limits=(
            "fear, disgust, sadness and anger are often confused, with each other and with "
            "neutral; dark pictures, faces in profile, glasses, hands and masks lower the "
            "accuracy; FER2013 comes from a picture search and leans to posed faces; accuracy by "
            "age, gender or skin has not been measured, as the data carry no such labels"
        ),
    )


def _data_text(metrics: Mapping) -> str:
    text = "FER2013 (Goodfellow et al. 2013)"
    if metrics:
        text += (
            f": {metrics['training_examples']:,} pictures of Training to train on and "
            f"{metrics['held_out']['examples']:,} set aside, by a hash of their pixels, to choose "
            "the epoch and the temperature. Pictures of Training whose pixels occur in PublicTest "
            "were left out"
        )
    text += (
        ". A picture search by 184 words for emotions gave the pictures and their labels, which "
        "people then sorted. The labels are noisy: people agree with them in about 65 % of the "
        "cases."
    )
    if metrics.get("photographs"):
        text += (
            f"\n\n{metrics['photographs']} labelled photographs "
            "(github.com/muxspace/facial_expressions, Apache-2.0), mostly of public figures and "
            "actors, with the faces cut out as the package cuts them. Few people, few pictures of "
            "fear, and a notion of disgust of its own: what the model says about disgust leans on "
            "them."
        )
    return text


def _recipe(stages: Sequence[Mapping]) -> str:
    if not stages:
        return "Not stated."
    lines = [_stage(number, stage) for number, stage in enumerate(stages, 1)]
    return "\n".join(lines) + (
        "\n\nEvery stage: SGD with Nesterov momentum, warm-up and a cosine to zero; random turns, "
        "zooms, shifts, mirroring, shading, light, blur and erased rectangles; averaged weights; "
        "a single pass at test time."
    )


def _stage(number: int, config: Mapping) -> str:
    optimizer, warmup = config["optimizer"], config["schedule"]["warmup_epochs"]
    epochs = "1 epoch" if config["epochs"] == 1 else f"{config['epochs']} epochs"
    parts = [
        f"{epochs} in batches of {config['batch_size']}",
        _sides(config["resolutions"]),
        f"learning rate up to {optimizer['learning_rate']}, warm-up of {warmup:g} epochs, weight "
        f"decay {optimizer['weight_decay']}, averaging {optimizer['ema_decay']}",
        f"label smoothing {config['label_smoothing']}",
    ]
    if config["photograph_repeats"]:
        parts.append(
            f"each photograph at least {config['photograph_repeats']} times an epoch, those of "
            "rarer classes more often"
        )
    if config["members"] > 1:
        parts.append(f"the mean of {config['members']} such runs, each with a seed of its own")
    return f"{number}. `emo-tf train {config['name']}`: {'; '.join(parts)}"


def _sides(resolutions: Sequence) -> str:
    if len(resolutions) == 1:
        return f"{resolutions[0][1]} px"
    return ", ".join(f"{side} px from {share:.0%}" for share, side in resolutions) + " of the way"
