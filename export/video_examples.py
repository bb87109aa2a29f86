"""Labelled clips that models of clips are measured on: cut out of videos, or stills set moving."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clip_splits import CLIPS_AT_A_TIME, ClipSplits, MeasuredClips
from emo_tf.data.clips import ClipData
from emo_tf.errors import EmoError
from emo_tf.export.classes import measure_classes
from emo_tf.export.differences import made_up_examples
from emo_tf.export.exportable import Arrays, Examples, Labels, Measured
from emo_tf.export.run_files import RunFiles
from emo_tf.export.split_use import use_of
from emo_tf.export.streaming import CLIP, FRAME_PROBABILITIES
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.clip_labels import clip_labels
from emo_tf.model_metadata import ImageInput
from emo_tf.models.tsm_settings import TsmSettings
from emo_tf.softmax import softmax

DATASET, TRAIN = "vtt_friends/clips8", "train"
SPLITS = ("test", "public_test", "validation", "val")
"""Splits to measure on, the first that the data set has."""

TRAINING_CLIPS = 64
OF_FRAMES = "frame_accuracy"
BETTER = {
    "accuracy": "higher",
    "mean_recall": "higher",
    "expected_calibration_error": "lower",
    OF_FRAMES: "higher",
}
_LEAST = np.finfo(np.float32).tiny


@dataclass(frozen=True, kw_only=True)
class VideoExamples:
    """Clips for the files of a model.

    Attributes:
        examples: What they are measured on: `clip`, uint8 (B, T, H, W, C).
        training: Gives some clips of training in batches, or `None` where there are none.
    """

    examples: Examples
    training: Callable[[], Iterator[Arrays]] | None = None


def video_examples(
    run: RunFiles, *, settings: TsmSettings, data_dir: Path | None, limit: int | None
) -> VideoExamples:
    """Returns clips of the data set that a run names, or made-up ones where it names none.

    Stills move, and some fade into others, as they did in training.

    Args:
        run: What training wrote.
        settings: How its model was built.
        data_dir: Where prepared data sets lie, if not where they lay for training.
        limit: Only the first so many clips.

    Raises:
        EmoError: The data set does not lie there, or has none of `SPLITS`.
    """
    dataset = run.prepared(DATASET, data_dir=data_dir)
    colour = "grey" if settings.channels == 1 else "rgb"
    size = (settings.height, settings.width)
    if dataset is None:
        clip = ImageInput(*size, colour, frames=settings.frames)
        return VideoExamples(examples=made_up_examples({CLIP: clip}))
    split = next((name for name in SPLITS if name in dataset.info.splits), None)
    if split is None:
        raise EmoError(
            f"{dataset.data_path}: expected one of the splits {', '.join(SPLITS)}. "
            f"Received: {', '.join(dataset.info.splits)}"
        )
    inputs = ClipInputs(frames=settings.frames, size=size, colour=colour)
    clips = _clips(dataset, split, inputs, run, limit=limit)
    labels = functools.cache(functools.partial(_labels, clips))
    return VideoExamples(
        examples=Examples(
            source=f"{dataset.name}, split {split}{', set moving' if clips.augmentation else ''}",
            count=clips.count,
            batches=functools.partial(_batches, clips),
            batch_size=CLIPS_AT_A_TIME,
            labels=Labels(
                dataset=dataset.name,
                split=split,
                better=BETTER,
                measure=lambda outputs: _measure(outputs, labels(), settings=settings),
                use=use_of(split, run.metadata.provenance),
            ),
        ),
        training=functools.partial(_training, dataset, inputs, run)
        if TRAIN in dataset.info.splits
        else None,
    )


def _clips(
    dataset: tfds.core.DatasetBuilder,
    split: str,
    inputs: ClipInputs,
    run: RunFiles,
    *,
    limit: int | None,
) -> MeasuredClips:
    moving = run.config.get("moving", {})
    splits = ClipSplits(
        {dataset.name: dataset},
        inputs=inputs,
        change=moving.get("change", 0.0),
        fade=tuple(moving.get("fade", (1, 1))),
        settings=ClipData(limit=limit),
    )
    return splits.measured(dataset.name, split)


def _training(
    dataset: tfds.core.DatasetBuilder, inputs: ClipInputs, run: RunFiles
) -> Iterator[Arrays]:
    return _batches(_clips(dataset, TRAIN, inputs, run, limit=TRAINING_CLIPS))


def _read(clips: MeasuredClips) -> Iterator[Arrays]:
    """Yields clips and labels, those left out that only fill up a batch."""
    with clips.errors_named():
        for batch in clips.batches().as_numpy_iterator():
            rows = batch["weight"] > 0 if "weight" in batch else slice(None)
            yield {name: batch[name][rows] for name in (CLIP, "label")}


def _batches(clips: MeasuredClips) -> Iterator[Arrays]:
    """Yields clips as the files take them: uint8 pixels."""
    for batch in _read(clips):
        yield {CLIP: np.clip(np.rint(batch[CLIP]), 0, 255).astype(np.uint8)}


def _labels(clips: MeasuredClips) -> np.ndarray:
    """Returns the labels of all frames, (N, T)."""
    return np.concatenate([batch["label"] for batch in _read(clips)])


def _measure(outputs: Arrays, labels: np.ndarray, *, settings: TsmSettings) -> Measured:
    by_frame = outputs[FRAME_PROBABILITIES]
    # The mean of the logits, which probabilities give but for a number that all classes share.
    decided_by = settings.decision_frames or settings.frames
    decision = softmax(np.log(np.maximum(by_frame[:, -decided_by:], _LEAST)).mean(axis=1))
    measured = measure_classes(
        decision,
        clip_labels(labels, classes=len(EXPRESSIONS)),
        names=EXPRESSIONS,
        metrics=[name for name in BETTER if name != OF_FRAMES],
        parts={},
    )
    found = by_frame.argmax(axis=-1)
    of_frames = float((found == labels[:, -found.shape[1] :]).mean())
    return replace(measured, metrics={**measured.metrics, OF_FRAMES: of_frames})
