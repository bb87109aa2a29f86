"""Small models of clips, their runs and their exports, in seconds."""

import json
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from emo_tf import models
from emo_tf.data import builders
from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clips import Clips
from emo_tf.data.photographs import FER2013_CROP
from emo_tf.models.keras_file import save_model
from emo_tf.models.tsm_metadata import video_metadata
from emo_tf.softmax import softmax
from tests.drawn_weights import draw_weights

FRIENDS = "vtt_friends/clips8"

TEMPERATURE = 0.4
"""Sharp, so that a difference in the logits shows."""

_GREY = {
    "backbone": "expression_net",
    "height": 32,
    "width": 32,
    "backbone_arguments": {"stem_filters": 8, "stage_filters": [16, 24], "stage_blocks": [2, 1]},
}
KINDS = {
    "residual": {**_GREY, "frames": 6, "fraction": 0.5},
    "stage": {**_GREY, "frames": 4, "shift": "stage", "fraction": 0.5, "decision_frames": 2},
    "two-way": {**_GREY, "frames": 4, "two_way": True, "fraction": 0.25, "decision_frames": 2},
    "none": {**_GREY, "frames": 1, "shift": "none"},
}
"""Arguments of a small model, by its shift."""

ONLINE = [kind for kind in KINDS if kind != "two-way"]


def small_video_model(kind: str, **changes: object) -> keras.Model:
    """Builds a model of `KINDS` with other arguments in place; its weights are a fixed lot's."""
    return draw_weights(models.create("tsm", **{**KINDS[kind], **changes}))


def video_run(
    folder: Path,
    kind: str,
    *,
    arguments: Mapping[str, object] | None,
    data: Mapping[str, object] | None = None,
    moving: Mapping[str, object] | None = None,
    **provenance: object,
) -> Path:
    """Writes what export reads of a run.

    Args:
        folder: Where to.
        kind: The model, one of `KINDS`.
        arguments: What the run says that the model was built by; `None` where it does not.
        data: What `data.json` holds; there is none without.
        moving: How the run made clips of stills.
        **provenance: What the model's provenance says besides.
    """
    folder.mkdir(parents=True)
    model = small_video_model(kind)
    metadata = video_metadata(
        model,
        name="small_video",
        version="3",
        temperature=TEMPERATURE,
        crop=FER2013_CROP,
        licence="CC BY 4.0",
        provenance=provenance,
    )
    save_model(model, folder / "model.keras", metadata=metadata)
    config = {"task": "video", "name": "video_tsm", "model": "tsm"}
    if moving is not None:
        config["moving"] = moving
    if arguments is not None:
        config["model_arguments"] = arguments
    (folder / "config.json").write_text(json.dumps(config))
    if data is not None:
        (folder / "data.json").write_text(json.dumps(data))
    return folder


def real_clips(
    kind: str, data_dir: Path, *, count: int, frames: int, split: str = "train"
) -> np.ndarray:
    """Returns frames of a split of Friends' twin, one clip after the other, cut anew.

    Args:
        kind: The model that is to take them.
        data_dir: Where the prepared twin lies.
        count: How many clips, N.
        frames: How long each, T.
        split: The split.

    Returns:
        uint8 (N, T, H, W, 1).
    """
    arguments = KINDS[kind]
    inputs = ClipInputs(8, (arguments["height"], arguments["width"]), colour="grey")
    dataset = builders.prepared(FRIENDS, data_dir=data_dir)
    batches = Clips(dataset, split, inputs=inputs, batch_size=4).evaluation()
    clips = np.concatenate([batch["clip"] for batch in batches.as_numpy_iterator()])
    shown = clips.round().astype(np.uint8).reshape(-1, *clips.shape[2:])
    return shown[: count * frames].reshape(count, frames, *shown.shape[1:])


def keras_probabilities(kind: str, clips: np.ndarray) -> np.ndarray:
    """Returns Keras' probabilities for each frame of clips of any length, (N, T, 7)."""
    model = small_video_model(kind, frames=clips.shape[1])
    logits = model({"clip": clips.astype(np.float32)}, training=False)["frame_logits"]
    return softmax(logits.numpy() / TEMPERATURE)
