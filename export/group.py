"""A model of groups as what is exported."""

import functools
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from keras import ops

from emo_tf.data.decode import decode_image, resize
from emo_tf.data.group_pictures import GroupData, GroupInputs, GroupPictures
from emo_tf.data.valence_groups import ValenceGroups
from emo_tf.errors import EmoError
from emo_tf.export.classes import measure_classes
from emo_tf.export.differences import made_up_examples
from emo_tf.export.exportable import (
    Arrays,
    BytesSignature,
    CardText,
    Examples,
    Exportable,
    Labels,
    Measured,
)
from emo_tf.export.padded_faces import FACE_MASK, pad_faces
from emo_tf.export.picture_files import takes_picture_files
from emo_tf.export.run_files import RunFiles
from emo_tf.export.split_use import use_of
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.model_metadata import ModelMetadata
from emo_tf.runtime.picture_requests import IMAGE_BYTES

DATASET, EMOTIC = "group_affect/faces", "emotic"
SPLITS = ("eval", "val")
"""Splits to measure on, the first that the data set has."""

CALIBRATION_PICTURES = 100
AT_A_TIME = 8
BETTER = {
    "accuracy": "higher",
    "mean_recall": "higher",
    "negative_log_likelihood": "lower",
    "expected_calibration_error": "lower",
}
FACE_COUNTS = {"0": (0, 0), "1": (1, 1), "2-4": (2, 4), "5+": (5, math.inf)}
"""Fewest and most faces of the pictures of a slice."""

_NOTE = (
    f"`{IMAGE_BYTES}`: bytes of JPEG or PNG files, whole pictures, decoded exactly and resized; a "
    "rotation in EXIF is not looked at, so that pictures have to be upright."
)
_ABOUT = (
    "It tells how a group looks to annotators, as one of three classes, not what anybody in it "
    "experiences."
)
_OF_GROUPS = (
    "Group Affect Database 3.0 (Dhall et al. 2018): pictures of groups from a picture search by "
    "words for occasions, each annotated as a whole as negative, neutral or positive; annotators "
    "disagree, most of all about neutral."
)
_OF_VALENCE = (
    "EMOTIC (Kosti et al. 2020): the whole pictures, once for each annotated person, whose valence "
    "of 1 to 10 is cut into three classes. No groups: to start other models from."
)
_OF_FACES = (
    " `emo-tf predict` finds the faces and cuts them out; as that is not in the graph, no "
    "signature takes picture files."
)


def group_exportable(
    run: RunFiles, *, data_dir: Path | None = None, limit: int | None = None
) -> Exportable:
    """Returns a model of groups, with the pictures of its data set to measure it on.

    Args:
        run: What training wrote.
        data_dir: Where prepared data sets lie, if not where they lay for training.
        limit: Only the first so many pictures.

    Raises:
        EmoError: The model knows other classes than the Group Affect Database's, or the data set
            that training read, or that lies in `data_dir`, cannot be read or lacks what the model
            looks at.
    """
    metadata = run.metadata
    if metadata.labels != GROUP_EMOTIONS:
        raise EmoError(
            f"{run.path}: expected a model of the classes {', '.join(GROUP_EMOTIONS)}. "
            f"Received: {', '.join(metadata.labels) or 'none'}"
        )
    dataset = run.prepared(DATASET, data_dir=data_dir)
    if dataset is None:
        examples, calibration = made_up_examples(metadata.inputs, metadata.arrays), None
    else:
        split = next((name for name in SPLITS if name in dataset.info.splits), "train")
        pictures = _pictures(dataset, split, metadata, limit=limit)
        examples = _examples(dataset, pictures, run)
        few = _pictures(dataset, "train", metadata, limit=CALIBRATION_PICTURES)
        calibration = functools.partial(_calibration, few, metadata)
    return Exportable(
        source=run.path,
        model=run.model,
        metadata=metadata,
        outputs=functools.partial(_outputs, metadata=metadata),
        card=_card(run),
        examples=examples,
        calibration=calibration,
        from_bytes=_from_bytes(metadata),
    )


def _outputs(made: Mapping, *, metadata: ModelMetadata) -> dict:
    probabilities = ops.softmax(made["logits"] / (metadata.temperature or 1))
    return {"probabilities": probabilities} | {
        name: value for name, value in made.items() if name in metadata.outputs
    }


def _pictures(
    dataset: tfds.core.DatasetBuilder, split: str, metadata: ModelMetadata, *, limit: int | None
) -> GroupPictures | ValenceGroups:
    kind = ValenceGroups if dataset.name == EMOTIC else GroupPictures
    return kind(
        dataset,
        split,
        inputs=_wanted(metadata),
        batch_size=AT_A_TIME,
        settings=GroupData(limit=limit),
    )


def _wanted(metadata: ModelMetadata) -> GroupInputs:
    """Returns what of a data set the model looks at."""
    image, faces = (metadata.inputs.get(name) for name in ("image", "faces"))
    features = metadata.arrays.get("face_features")
    alignment = metadata.crop.get("preset")
    return GroupInputs(
        image_size=image and (image.height, image.width),
        faces=faces.faces if faces else 0,
        alignment=alignment,
        face_size=(faces.height, faces.width) if faces and alignment == "box" else None,
        features=features.shape[0] if features else 0,
    )


def _batches(
    pictures: GroupPictures | ValenceGroups, metadata: ModelMetadata
) -> Iterator[dict[str, np.ndarray]]:
    """Yields pictures as the files take them: uint8 pixels, padded faces, and float32."""
    with pictures.errors_named():
        for batch in pictures.evaluation().as_numpy_iterator():
            if "faces" in metadata.inputs:
                batch["faces"] = pad_faces(batch["faces"], batch[FACE_MASK])
            rows = batch["weight"] > 0
            yield {name: batch[name][rows].astype(np.uint8) for name in metadata.inputs} | {
                name: batch[name][rows] for name in metadata.arrays
            }


def _calibration(
    pictures: GroupPictures | ValenceGroups, metadata: ModelMetadata
) -> Iterator[Arrays]:
    """Yields one picture at a time, its places without a face filled with faces of others.

    What a network makes of blackness would widen the ranges, and nobody looks at it.
    """
    for batch in _batches(pictures, metadata):
        if "faces" in batch and batch[FACE_MASK].any():
            places = batch[FACE_MASK] > 0
            spare = batch["faces"][places]
            batch["faces"][~places] = np.resize(spare, ((~places).sum(), *spare.shape[1:]))
        for row in range(len(next(iter(batch.values())))):
            yield {name: values[row : row + 1] for name, values in batch.items()}


def _examples(
    dataset: tfds.core.DatasetBuilder, pictures: GroupPictures | ValenceGroups, run: RunFiles
) -> Examples:
    name, labels, counts = dataset.name, pictures.labels(), pictures.face_counts()
    return Examples(
        source=f"pictures of {name}, split {pictures.split}",
        count=pictures.count,
        batches=functools.partial(_batches, pictures, run.metadata),
        batch_size=AT_A_TIME,
        labels=Labels(
            dataset=name,
            split=pictures.split,
            better=BETTER,
            measure=functools.partial(_measure, labels=labels, counts=counts),
            use=use_of(pictures.split, run.metadata.provenance),
        ),
    )


def _measure(outputs: Arrays, *, labels: np.ndarray, counts: np.ndarray) -> Measured:
    parts = {}
    if counts.any():  # A data set without faces knows of none.
        parts = {
            f"faces={name}": (least <= counts) & (counts <= most)
            for name, (least, most) in FACE_COUNTS.items()
        }
    return measure_classes(
        outputs["probabilities"], labels, names=GROUP_EMOTIONS, metrics=[*BETTER], parts=parts
    )


def _from_bytes(metadata: ModelMetadata) -> BytesSignature | None:
    if [*metadata.inputs, *metadata.arrays] != ["image"]:
        return None
    image = metadata.inputs["image"]

    def decode(encoded: tf.Tensor) -> tf.Tensor:
        return resize(decode_image(encoded), (image.height, image.width))

    return takes_picture_files(image, decode, note=_NOTE)


def _card(run: RunFiles) -> CardText:
    takes_faces = run.metadata.inputs.keys() != {"image"} or bool(run.metadata.arrays)
    return CardText(
        title="Group emotion",
        about=_ABOUT + (_OF_FACES if takes_faces else ""),
        data=_OF_VALENCE if run.dataset == EMOTIC else _OF_GROUPS,
        recipe=run.recipe,
        works_best="on upright colour photographs of several people whose faces can be seen",
        limits=(
            "large faces in front outweigh small ones behind, whoever is meant; what an occasion "
            "or a place suggests is taken for how people appear; smiles for the camera count as "
            "much as any other; posed and staged pictures are common in the data; the annotators "
            "share a culture, and so do the labels; faces that are turned away, covered or smaller "
            "than 20 pixels are not looked at; accuracy by age, gender or skin has not been "
            "measured, as the data carry no such labels"
        ),
    )
