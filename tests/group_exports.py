"""Small models of groups, their runs and their exports, in seconds."""

import json
from pathlib import Path

import keras
import numpy as np

from emo_tf import models
from emo_tf.export.differences import made_up_inputs
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.group_metadata import group_metadata
from emo_tf.models.keras_file import save_model
from tests.drawn_weights import draw_weights

FACES = 15
TEMPERATURE = 1.6

_IMAGE = {"image_backbone": "tiny_resnet", "image_size": (40, 48)}
_CROPS = {
    "face_backbone": "tiny_resnet",
    "alignment": "box",
    "face_size": (28, 24),
    "faces": FACES,
}
_ATTENTION = {**_IMAGE, **_CROPS, "units": 16, "attention_units": 8}

KINDS = {
    "global": ("group_global", _IMAGE),
    "local": ("group_local", _CROPS),
    "local with a margin": ("group_local", {**_CROPS, "margin": 3}),
    "average": ("group_average", {**_IMAGE, "faces": FACES}),
    "attention A": ("group_attention", {**_ATTENTION, "scores": "A"}),
    "attention B": ("group_attention", {**_ATTENTION, "scores": "B"}),
    "attention C": ("group_attention", {**_ATTENTION, "scores": "C"}),
    "attention to all alike": ("group_attention", {**_ATTENTION, "scores": "average"}),
}
"""Builder and arguments of a small model, by what it is."""

WITH_FACES = [kind for kind in KINDS if kind != "global"]


def small_group_model(kind: str, **arguments) -> keras.Model:
    """Builds a model of `KINDS` with other arguments in place; its weights are a fixed lot's."""
    builder, others = KINDS[kind]
    return draw_weights(models.create(builder, **{**others, **arguments}))


def group_run(
    folder: Path, model: keras.Model, *, data_dir: Path | None = None, **provenance: object
) -> Path:
    """Writes what export reads of a run, which names its data set if it has one."""
    folder.mkdir(parents=True)
    metadata = group_metadata(
        model,
        name="small_group",
        version="3",
        temperature=TEMPERATURE,
        licence="CC BY 4.0",
        provenance={"experiment": "Attention_C", "seed": 7, **provenance},
    )
    save_model(model, folder / "model.keras", metadata=metadata)
    (folder / "config.json").write_text('{"task": "group", "name": "Attention_C"}')
    if data_dir is not None:
        data = {"dataset": "group_affect/faces", "data_dir": str(data_dir)}
        (folder / "data.json").write_text(json.dumps(data))
    return folder


def made_up_groups(metadata: ModelMetadata, most: int = FACES) -> dict[str, np.ndarray]:
    """Returns inputs as files take them, of pictures with 0 to `most` faces, all they take."""
    fewer = made_up_inputs(metadata.inputs, metadata.arrays, count=most + 1)
    return {name: values[::-1] for name, values in fewer.items()}


def keras_answers(model: keras.Model, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns what a file of the model has to say: probabilities, and the faces' weights."""
    made = model(
        {name: values.astype(np.float32) for name, values in inputs.items()}, training=False
    )
    answers = {"probabilities": keras.ops.softmax(made["logits"] / TEMPERATURE).numpy()}
    if "face_weights" in made:
        answers["face_weights"] = made["face_weights"].numpy()
    return answers
