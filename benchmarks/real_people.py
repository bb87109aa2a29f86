"""People of real photographs, as EMOTIC's networks take them."""

import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from emo_tf.data import builders
from emo_tf.data.emotic import person_inputs
from emo_tf.data.people import People
from emo_tf.export.exportable import Arrays
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.image_io import read_image
from emo_tf.runtime.person_boxes import bodies_from_faces

PICTURES = ("scene", "body")


def real_people(
    shared: Path, data_dir: Path, *, sizes: Mapping[str, tuple[int, int]]
) -> tuple[dict, dict]:
    """Returns people of real photographs: some to set ranges by, and all to compare on.

    Args:
        shared: Folder with `fixtures/emotic_mini` and `photos`.
        data_dir: Where the data set is, or is to be built.
        sizes: Height and width of `scene` and `body`.

    Returns:
        The training split of the fixture, and all of it with the people of the photographs whose
        faces are found; uint8 `scene` and `body` (N, H, W, 3).
    """
    fixture = shared / "fixtures" / "emotic_mini"
    with contextlib.redirect_stdout(io.StringIO()):
        dataset = builders.prepare("emotic", manual_dir=fixture, data_dir=data_dir)
    splits = {}
    for split in dataset.info.splits:
        people = People(dataset, split, inputs=sizes, batch_size=1).evaluation()
        splits[split] = [_pixels(person, 0) for person in people.as_numpy_iterator()]
    analyzer, others = Analyzer(), []
    for path in sorted((shared / "photos").rglob("*.[jp][pn]g")):
        picture = read_image(path)
        height, width = picture.shape[:2]
        for person in bodies_from_faces(analyzer.analyze(path).faces, width=width, height=height):
            scene_size, body_size = sizes["scene"], sizes["body"]
            made = person_inputs(
                picture, person.box_xywh, scene_size=scene_size, body_size=body_size
            )
            others.append(_pixels(made, ...))
    everybody = [person for split in splits.values() for person in split] + others
    return _stacked(splits["train"]), _stacked(everybody)


def _pixels(person: Mapping[str, np.ndarray], index: object) -> dict[str, np.ndarray]:
    return {name: person[name][index].astype(np.uint8) for name in PICTURES}


def _stacked(people: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.stack([person[name] for person in people]) for name in PICTURES}


def batches(people: Arrays, size: int) -> Iterator[Arrays]:
    """Yields people in batches of `size`."""
    for start in range(0, len(people["body"]), size):
        yield {name: rows[start : start + size] for name, rows in people.items()}
