"""A model of people in context as what is exported."""

import functools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.data.emotic import ATTRIBUTES, decode_requested
from emo_tf.data.people import People, PeopleData
from emo_tf.errors import EmoError
from emo_tf.export.differences import made_up_examples, made_up_inputs
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
from emo_tf.export.run_files import RunFiles
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.metrics.emotic import emotic_report
from emo_tf.model_metadata import ModelMetadata
from emo_tf.runtime.picture_requests import BOX_XYWH, IMAGE_BYTES

DATASET = "emotic"
SPLITS = ("test", "val")
"""Splits to measure on, the first that the data set has."""

CALIBRATION_PEOPLE = 200
AT_A_TIME = 32
BETTER = {"mean_average_precision": "higher", "vad_mean_absolute_error": "lower"}

_NOTE = (
    f"`{IMAGE_BYTES}`: bytes of JPEG or PNG files, whole pictures, decoded exactly; a rotation in "
    f"EXIF is not looked at, so that pictures have to be upright. `{BOX_XYWH}`: each person's box "
    "in pixels of it, x, y, width and height."
)


def emotic_exportable(
    run: RunFiles, *, data_dir: Path | None = None, limit: int | None = None
) -> Exportable:
    """Returns a model of people in context, with the people of its data set to measure it on.

    Args:
        run: What training wrote.
        data_dir: Where prepared data sets lie, if not where they lay for training.
        limit: Only the first so many people.

    Raises:
        EmoError: The model knows other categories than EMOTIC's, or the data set that training
            read, or that lies in `data_dir`, cannot be read.
    """
    metadata = run.metadata
    if metadata.labels != EMOTIC_CATEGORIES:
        raise EmoError(
            f"{run.path}: expected a model of the {len(EMOTIC_CATEGORIES)} categories of EMOTIC. "
            f"Received: {len(metadata.labels)} labels"
        )
    sizes = {name: (image.height, image.width) for name, image in metadata.inputs.items()}
    dataset = run.prepared(DATASET, data_dir=data_dir)
    if dataset is None:
        examples, calibration = made_up_examples(metadata.inputs, metadata.arrays), None
    else:
        split = next((name for name in SPLITS if name in dataset.info.splits), "train")
        people = _people(dataset, split, sizes, limit=limit)
        examples = _examples(dataset, people, metadata)
        few = _people(dataset, "train", sizes, limit=CALIBRATION_PEOPLE)
        calibration = functools.partial(_batches, few, metadata, at_a_time=1)
    return Exportable(
        source=run.path,
        model=run.model,
        metadata=metadata,
        outputs=dict,
        card=_card(run),
        examples=examples,
        calibration=calibration,
        from_bytes=_from_bytes(metadata, sizes),
    )


def _people(dataset, split: str, sizes: dict, *, limit: int | None) -> People:
    settings = PeopleData(limit=limit)
    return People(dataset, split, inputs=sizes, batch_size=AT_A_TIME, settings=settings)


def _batches(people: People, metadata: ModelMetadata, *, at_a_time: int) -> Iterator[Arrays]:
    """Yields people as the files take them: uint8 pictures, and the box where one is asked for."""
    with people.errors_named():
        for batch in people.evaluation().as_numpy_iterator():
            is_person = batch["weight"] > 0
            inputs = {name: batch[name][is_person].astype(np.uint8) for name in metadata.inputs}
            inputs |= {name: batch[name][is_person] for name in metadata.arrays}
            for start in range(0, int(is_person.sum()), at_a_time):
                yield {name: rows[start : start + at_a_time] for name, rows in inputs.items()}


def _examples(dataset, people: People, metadata: ModelMetadata) -> Examples:
    name = dataset.name
    known = people.labels() | people.attributes(ATTRIBUTES)
    return Examples(
        source=f"people of {name}, split {people.split}",
        count=people.count,
        batches=functools.partial(_batches, people, metadata, at_a_time=AT_A_TIME),
        batch_size=AT_A_TIME,
        labels=Labels(
            dataset=name,
            split=people.split,
            better=BETTER,
            measure=functools.partial(_measure, known=known, metadata=metadata),
        ),
    )


def _measure(outputs: Arrays, *, known: Arrays, metadata: ModelMetadata) -> Measured:
    thresholds = np.array([metadata.thresholds.get(label, np.nan) for label in metadata.labels])

    def report(rows: np.ndarray) -> dict:
        return emotic_report(
            known["categories"][rows],
            outputs["score"][rows],
            known["vad"][rows],
            outputs["vad"][rows],
            thresholds=thresholds,
        )

    primary = next(iter(BETTER))
    whole = report(np.ones(len(known["vad"]), bool))
    slices = {}
    for attribute in ATTRIBUTES:
        for value in sorted(set(known[attribute])):
            rows = known[attribute] == value
            part = report(rows)
            slices[f"{attribute}={value}"] = {"examples": int(rows.sum()), primary: part[primary]}
    return Measured(
        metrics={
            primary: whole[primary],
            "vad_mean_absolute_error": whole["vad_mean_absolute_error"]["mean"],
        },
        slices=slices,
        details=_by_category(whole),
    )


def _by_category(report: dict) -> str:
    lines = ["| category | people | average precision | F1 |", "|---|---|---|---|"]
    for category in EMOTIC_CATEGORIES:
        figures = (report[name][category] for name in ("average_precision", "f1"))
        cells = ("-" if value is None else f"{value:.3f}" for value in figures)
        lines.append(f"| {category} | {report['positives'][category]} | {' | '.join(cells)} |")
    return "By category:\n\n" + "\n".join(lines)


def _from_bytes(metadata: ModelMetadata, sizes: dict[str, tuple[int, int]]) -> BytesSignature:
    names = (*metadata.inputs, *metadata.arrays)

    def decode(request: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        def one(row: tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
            made = decode_requested(*row, inputs=sizes)
            return {name: made[name] for name in names}

        specs = {name: tf.TensorSpec((*size, 3), tf.uint8) for name, size in sizes.items()}
        specs |= {name: tf.TensorSpec(array.shape) for name, array in metadata.arrays.items()}
        rows = (request[IMAGE_BYTES], request[BOX_XYWH])
        return tf.map_fn(one, rows, fn_output_signature=specs)

    picture = made_up_inputs(metadata.inputs)[next(iter(metadata.inputs))][0]
    height, width = picture.shape[:2]
    box = np.array([[width // 4, height // 4, width // 2, height // 2]], np.float32)
    return BytesSignature(
        inputs={
            IMAGE_BYTES: tf.TensorSpec((None,), tf.string, IMAGE_BYTES),
            BOX_XYWH: tf.TensorSpec((None, 4), tf.float32, BOX_XYWH),
        },
        decode=decode,
        request={IMAGE_BYTES: [tf.io.encode_png(picture).numpy()], BOX_XYWH: box},
        note=_NOTE,
    )


def _card(run: RunFiles) -> CardText:
    people = run.metrics.get("people", {})
    trained_on = ", ".join(f"{count:,} people in {split}" for split, count in people.items())
    data = (
        "EMOTIC (Kosti et al. 2020): people in unconstrained pictures, annotated with 26 "
        "categories and with valence, arousal and dominance on scales of 1 to 10; validation and "
        "test by several annotators, who often disagree."
    )
    return CardText(
        title="People in context",
        about=APPARENT,
        data=f"{data} {f'Here: {trained_on}.' if trained_on else ''}".strip(),
        recipe=run.recipe,
        works_best="on people who can be seen from the waist up, upright, in colour",
        limits=(
            "rare categories are hardly recognised (see their average precision); the box decides "
            "who is meant; what a scene suggests is taken for how somebody appears; EMOTIC's "
            "annotators share a culture, and so do its labels; Pain, Fatigue and Suffering are "
            "what annotators wrote beside a picture, not diagnoses"
        ),
    )
