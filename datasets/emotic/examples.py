"""Makes the examples of the data set from the people of EMOTIC, with Apache Beam if asked."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tensorflow_datasets.public_api as tfds

from .annotations import CATEGORIES, AnnotatedImage, Annotator
from .people import KeptPerson, people_of
from .source import Source

if TYPE_CHECKING:
    import apache_beam as beam

GENDERS = ("Female", "Male", "unknown")
AGES = ("Kid", "Teenager", "Adult", "unknown")

_LEFT_OUT = "left_out"


def example_of(kept: KeptPerson) -> tuple[str, dict[str, object]]:
    """Returns the key of a person, unique within the split, and the example."""
    image, person, picture = kept.image, kept.person, kept.picture
    x1, y1, x2, y2 = kept.box_in_picture
    return f"{image.row:05d}_{person.index:02d}", {
        "image": picture.encoded,
        "folder": image.folder,
        "filename": image.filename,
        "box_xywh": np.array([x1, y1, x2 - x1, y2 - y1], np.int32),
        "bbox": tfds.features.BBox(
            ymin=y1 / picture.height,
            xmin=x1 / picture.width,
            ymax=y2 / picture.height,
            xmax=x2 / picture.width,
        ),
        "categories": person.categories,
        "vad": np.array(person.vad, np.float32),
        "gender": person.gender if person.gender in GENDERS else GENDERS[-1],
        "age": person.age if person.age in AGES else AGES[-1],
        "annotators": [_labels_of(annotator) for annotator in person.annotators],
        "row": image.row,
        "person": person.index,
    }


def _labels_of(annotator: Annotator) -> dict[str, np.ndarray]:
    chosen = [category in annotator.categories for category in CATEGORIES]
    return {"categories": np.array(chosen), "vad": np.array(annotator.vad, np.float32)}


def examples_by_beam(
    images: list[AnnotatedImage], *, files: Source, left_out: Path
) -> "beam.PTransform":
    """Returns a transform from an empty pipeline to keys and examples.

    Args:
        images: The images of one split.
        files: Where they lie; every worker has to reach it.
        left_out: File that the pipeline writes for `read_left_out`.
    """
    import apache_beam as beam

    @beam.ptransform_fn
    def make(pipeline: beam.Pipeline) -> beam.PCollection:
        people = (
            pipeline
            | "Images" >> beam.Create(images)
            | "People" >> beam.FlatMap(_tagged_people, files).with_outputs(_LEFT_OUT, main="kept")
        )
        _ = (
            people[_LEFT_OUT]
            | "ListLeftOut" >> beam.combiners.ToList()
            | "WriteLeftOut" >> beam.Map(lambda found: left_out.write_text(json.dumps(found)))
        )
        return people.kept

    return make()


def read_left_out(path: Path) -> list[tuple[str, str]]:
    """Returns reason and text of the people left out, in the order of the annotations."""
    # Beam brings them in any order.
    return [(reason, text) for _, _, reason, text in sorted(json.loads(path.read_text()))]


def _tagged_people(image: AnnotatedImage, files: Source) -> Iterator[object]:
    from apache_beam.pvalue import TaggedOutput

    for person in people_of([image], files):
        if isinstance(person, KeptPerson):
            yield example_of(person)
        else:
            place = (image.row, person.person.index)
            yield TaggedOutput(_LEFT_OUT, (*place, person.reason, str(person)))
