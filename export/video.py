"""A model of clips as what is exported: one frame at a time where it looks back alone."""

import dataclasses
import functools
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import keras
import numpy as np
from keras import ops

from emo_tf import models
from emo_tf.errors import EmoError, in_place
from emo_tf.export.exportable import Arrays, Exportable
from emo_tf.export.run_files import RunFiles
from emo_tf.export.streaming import CLIP, FRAME_PROBABILITIES, PROBABILITIES, Streaming, steps
from emo_tf.export.video_card import video_card
from emo_tf.export.video_examples import VideoExamples, video_examples
from emo_tf.labels import EXPRESSIONS
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.tsm_metadata import video_metadata
from emo_tf.models.tsm_settings import STAGE, TsmSettings
from emo_tf.softmax import softmax

ARGUMENTS = "model_arguments"
"""Where a run's settings, and a model's provenance, have the arguments that it was built by."""

CALIBRATION_CLIPS = 64
STREAM_FRAMES = 100
"""Frames of the stream that files are run on beside Keras, over a dozen clips long."""


def video_exportable(
    run: RunFiles, *, data_dir: Path | None = None, limit: int | None = None
) -> Exportable:
    """Returns a model of clips, or its online form, with labelled clips to measure it on.

    A model whose frames see earlier ones alone becomes one of a frame and its states; one that
    looks at later frames too stays one of whole clips.

    Args:
        run: What training wrote.
        data_dir: Where prepared data sets lie, if not where they lay for training.
        limit: Only the first so many clips.

    Raises:
        EmoError: Nothing says how the model was built, or something that cannot be, it has other
            classes, its clips are too short to be compared with, or the data set that training
            read, or that lies in `data_dir`, cannot be read.
    """
    if run.metadata.labels != EXPRESSIONS:
        raise EmoError(
            f"{run.path}: expected a model of the classes {', '.join(EXPRESSIONS)}. "
            f"Received: {', '.join(run.metadata.labels) or 'none'}"
        )
    settings = _settings(run)
    found = video_examples(run, settings=settings, data_dir=data_dir, limit=limit)
    make = _clip_form if settings.two_way else _online_form
    model, metadata, streaming = make(run, settings, found)
    return Exportable(
        source=run.path,
        model=model,
        metadata=metadata,
        outputs=functools.partial(_outputs, metadata=metadata),
        card=video_card(run, settings=settings, metadata=metadata),
        examples=found.examples,
        calibration=_calibration(found, model, metadata),
        streaming=streaming,
    )


def _settings(run: RunFiles) -> TsmSettings:
    """Returns how a model of clips was built."""
    given = run.metadata.provenance.get(ARGUMENTS, run.config.get(ARGUMENTS))
    if not isinstance(given, Mapping):
        raise EmoError(
            f"{run.path}: expected {ARGUMENTS} in its provenance or in the config.json beside it, "
            "which say how the model was built. Received: none"
        )
    known = [item.name for item in dataclasses.fields(TsmSettings)]
    strange = sorted(set(given) - set(known))
    if strange:
        raise EmoError(
            f"{run.path}: {ARGUMENTS}: expected some of {', '.join(known)}. "
            f"Received: {', '.join(strange)}"
        )
    with in_place(f"{run.path}: {ARGUMENTS}"):
        return TsmSettings(**given)


def _clip_form(
    run: RunFiles, settings: TsmSettings, found: VideoExamples
) -> tuple[keras.Model, ModelMetadata, None]:
    return run.model, run.metadata, None


def _online_form(
    run: RunFiles, settings: TsmSettings, found: VideoExamples
) -> tuple[keras.Model, ModelMetadata, Streaming]:
    """Returns a model of one frame with the weights of the one of clips, and their comparison."""
    model = models.create("tsm_stream", **dataclasses.asdict(settings))
    try:
        model.set_weights(run.model.get_weights())
    except ValueError as error:
        raise EmoError(
            f"{run.path}: expected the weights of the network that its {ARGUMENTS} describe. "
            f"Received: others ({error})"
        ) from error
    of_run = run.metadata
    metadata = video_metadata(
        model,
        name=of_run.name,
        version=of_run.version,
        temperature=of_run.temperature,
        crop=of_run.crop,
        licence=of_run.licence,
        provenance=of_run.provenance,
    )
    # In a clip the first frame keeps what a stream fills with zeros.
    settled = len(metadata.states) if settings.shift == STAGE else 0
    if settled >= settings.frames:
        raise EmoError(
            f"{run.path}: expected clips of more than {settled} frames, the first whose answers "
            f"are those of one frame at a time. Received: {settings.frames}"
        )
    streaming = Streaming(
        states=metadata.states,
        of_clips=functools.partial(_of_clips, model=run.model, temperature=of_run.temperature),
        settled=settled,
        stream=_stream(found.examples.batches()),
    )
    return model, metadata, streaming


def _of_clips(
    batch: Arrays, *, model: keras.Model, temperature: float | None
) -> dict[str, np.ndarray]:
    logits = model.predict_on_batch({CLIP: batch[CLIP].astype(np.float32)})["frame_logits"]
    return {FRAME_PROBABILITIES: softmax(logits / (temperature or 1))}


def _stream(batches: Iterator[Arrays]) -> np.ndarray:
    """Returns frames of clips one after the other, the first clips again where there are few."""
    kept, count = [], 0
    for batch in batches:
        frames = batch[CLIP].reshape(-1, *batch[CLIP].shape[2:])
        kept.append(frames)
        count += len(frames)
        if count >= STREAM_FRAMES:
            break
    frames = np.concatenate(kept)
    return np.take(frames, range(STREAM_FRAMES), axis=0, mode="wrap")


def _outputs(made: Mapping, *, metadata: ModelMetadata) -> dict:
    temperature = metadata.temperature or 1
    outputs = {PROBABILITIES: ops.softmax(made["logits"] / temperature)}
    if FRAME_PROBABILITIES in metadata.outputs:
        outputs[FRAME_PROBABILITIES] = ops.softmax(made["frame_logits"] / temperature)
    return outputs | {name: made[name] for name in metadata.states}


def _calibration(found: VideoExamples, model: keras.Model, metadata: ModelMetadata):
    """Returns what gives one clip at a time, or one frame with the states that it comes with."""
    if found.training is None:
        return None

    def clips() -> Iterator[Arrays]:
        of_one = (
            {CLIP: batch[CLIP][row : row + 1]}
            for batch in found.training()
            for row in range(len(batch[CLIP]))
        )
        return itertools.islice(of_one, CALIBRATION_CLIPS)

    if CLIP in metadata.inputs:
        return clips

    def call(inputs: Arrays) -> Mapping[str, object]:
        made = _outputs(model.predict_on_batch(dict(inputs)), metadata=metadata)
        return {name: np.asarray(value) for name, value in made.items()}

    def frames() -> Iterator[Arrays]:
        for clip in clips():
            for inputs, _ in steps(call, clip[CLIP], states=metadata.states):
                yield inputs

    return frames
