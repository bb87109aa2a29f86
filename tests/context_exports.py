"""Exports of small models of people in context, in seconds."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest

from emo_tf.data import builders
from emo_tf.data.emotic import ATTRIBUTES
from emo_tf.data.people import People
from emo_tf.export.exporter import export_model
from emo_tf.export.latency import latency_ms
from emo_tf.export.sources import read_exportables
from tests.small_context import SIZES, save_small_run


@dataclass(frozen=True)
class ContextExport:
    """A small run of people in context with its export.

    Attributes:
        run: The run.
        data_dir: Where the data set lies that the run names.
        folder: The export.
        report: What exporting returned.
    """

    run: Path
    data_dir: Path
    folder: Path
    report: dict


def small_run(folder: Path, model: keras.Model, *, data_dir: Path | None = None) -> Path:
    """Writes what export reads of a run, which names its data set if it has one."""
    folder.mkdir(parents=True)
    save_small_run(folder, model)
    if data_dir is not None:
        data = {"dataset": "emotic", "data_dir": str(data_dir)}
        (folder / "data.json").write_text(json.dumps(data))
        (folder / "metrics.json").write_text('{"people": {"train": 21, "val": 3}}')
    return folder


def export_quickly(
    run: Path, out: Path, *, data_dir: Path | None = None, limit: int | None = None, **options
) -> dict:
    """Exports a run and returns the report; each latency is that of a single call."""
    with pytest.MonkeyPatch.context() as patch:
        brief = functools.partial(latency_ms, seconds=0)
        patch.setattr("emo_tf.export.exporter.latency_ms", brief)
        (exportable,) = read_exportables(run, data_dir=data_dir, limit=limit).values()
        return export_model(exportable, out, **options)


def everybody(data_dir: Path) -> dict[str, np.ndarray]:
    """Returns everybody in the split `test` of EMOTIC in one batch, as `People` gives it."""
    dataset = builders.prepared("emotic", data_dir=data_dir)
    count = dataset.info.splits["test"].num_examples
    people = People(dataset, "test", inputs=SIZES, batch_size=count)
    (batch,) = people.evaluation().as_numpy_iterator()
    return batch | people.attributes(ATTRIBUTES)


def as_taken(people: dict[str, np.ndarray], names: list[str]) -> dict[str, np.ndarray]:
    """Returns inputs of these names as files take them: uint8 pictures, a box of float32."""
    return {
        name: people[name] if name == "box" else people[name].astype(np.uint8) for name in names
    }
