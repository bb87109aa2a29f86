"""Makes the examples of the data set from the people of EMOTIC."""

from collections.abc import Iterator

import numpy as np

from emo_tf.corpora.boxes import box_features
from emo_tf.corpora.report import LeftOut
from emo_tf.labels import EMOTIC_AGES, EMOTIC_CATEGORIES, EMOTIC_GENDERS

from .annotations import AnnotatedImage, Annotator
from .people import KeptPerson, people_of
from .source import Source

GENDERS = (*EMOTIC_GENDERS, "unknown")
AGES = (*EMOTIC_AGES, "unknown")


def examples_of(
    image: AnnotatedImage, *, files: Source
) -> Iterator[tuple[str, dict[str, object]] | LeftOut]:
    """Yields key and example of every person of an image that can be used, and who cannot.

    Args:
        image: The image.
        files: Where its picture is read from.
    """
    for person in people_of([image], files):
        yield example_of(person) if isinstance(person, KeptPerson) else person


def example_of(kept: KeptPerson) -> tuple[str, dict[str, object]]:
    """Returns the key of a person, unique within the split, and the example."""
    image, person, picture = kept.image, kept.person, kept.picture
    return f"{image.row:05d}_{person.index:02d}", {
        "image": picture.encoded,
        "folder": image.folder,
        "filename": image.filename,
        **box_features(kept.box_in_picture, picture, dtype=np.int32),
        "categories": person.categories,
        "vad": np.array(person.vad, np.float32),
        "gender": person.gender if person.gender in GENDERS else GENDERS[-1],
        "age": person.age if person.age in AGES else AGES[-1],
        "annotators": [_labels_of(annotator) for annotator in person.annotators],
        "row": image.row,
        "person": person.index,
    }


def _labels_of(annotator: Annotator) -> dict[str, np.ndarray]:
    chosen = [category in annotator.categories for category in EMOTIC_CATEGORIES]
    return {"categories": np.array(chosen), "vad": np.array(annotator.vad, np.float32)}
