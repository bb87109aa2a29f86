"""EMOTIC's twin: drawn people in drawn scenes, in the original's folders and MATLAB structs."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.io import savemat

from emo_tf.data.miniature.bodies import FACE_HEIGHT, WIDEST, Person, draw_person
from emo_tf.data.miniature.emotic_rule import (
    ANNOTATORS,
    BODIES,
    Annotation,
    Body,
    annotate,
    person_vad,
)
from emo_tf.data.miniature.faces import EXPRESSION_SHAPES
from emo_tf.data.miniature.oracle import Oracle
from emo_tf.data.miniature.scenes import SCENES, SIDE, SKY, Scene, draw_scene
from emo_tf.data.miniature.writing import check_size, save_jpeg
from emo_tf.labels import EMOTIC_CATEGORIES, VAD

VERSION = 1
DEFAULT_SIZE = 200
SMALLEST_SIZE = 10
UNIT = "people"

SPLITS = ("train", "val", "test")
DATABASES = ("mscoco", "framesdb", "emodb_small", "ade20k")
GENDERS = ("Female", "Male")
AGES = ("Kid", "Teenager", "Adult")

_TENTHS = {"val": 1, "test": 2}  # of the people; the rest is train
_MATLAB_TEXT = b"MATLAB 5.0 MAT-file, drawn".ljust(116)  # what such a file begins with
_MOST_PEOPLE = 3
_WIDTHS, _HEIGHTS = (460, 560), (330, 420)
_CROWN = (SKY + 0.09, SKY + 0.15)  # below the pennants, as a share of the picture's height
_SHORTEST, _TALLEST = 42 / FACE_HEIGHT, 420  # a face of 42 pixels is found
_OVERLAP = 1.3  # neighbours' arms may cross


@dataclass(frozen=True)
class DrawnPerson:
    """One person of the twin.

    Attributes:
        body: What the person shows.
        crown_xy: Top of the head in pixels.
        height: In pixels, beyond the picture's lower edge included.
        annotations: What each annotator says.
        gender: One of `GENDERS`, by lot: nothing in the drawing follows it.
        age: One of `AGES`, by lot.
    """

    body: Body
    crown_xy: tuple[float, float]
    height: float
    annotations: tuple[Annotation, ...]
    gender: str
    age: str

    @property
    def categories(self) -> list[str]:
        """What any annotator gave, in the order of `EMOTIC_CATEGORIES`."""
        every = {name for annotation in self.annotations for name in annotation.categories}
        return [name for name in EMOTIC_CATEGORIES if name in every]

    @property
    def vad(self) -> np.ndarray:
        """Mean of the annotators' numbers, (3,)."""
        return np.mean([annotation.vad for annotation in self.annotations], axis=0)


@dataclass(frozen=True)
class DrawnPicture:
    """One picture of the twin.

    Attributes:
        split: One of `SPLITS`.
        folder: As `Annotations.mat` names it, `mscoco/images`.
        filename: In that folder.
        width: In pixels.
        height: In pixels.
        scene: What the scene shows.
        people: From left to right.
        seed: Of all that is drawn by lot and tells nothing.
    """

    split: str
    folder: str
    filename: str
    width: int
    height: int
    scene: Scene
    people: tuple[DrawnPerson, ...]
    seed: tuple[int, ...]


def plan(*, seed: int, size: int = DEFAULT_SIZE) -> list[DrawnPicture]:
    """Returns what the twin holds, before anything is drawn.

    Args:
        seed: Draws another twin.
        size: People in all; a tenth are in val, two tenths in test.

    Raises:
        EmoError: `size` is below `SMALLEST_SIZE`.
    """
    check_size(size, smallest=SMALLEST_SIZE, unit=UNIT)
    counts = {split: size * tenths // 10 for split, tenths in _TENTHS.items()}
    counts = {"train": size - sum(counts.values())} | counts
    pictures = []
    for split, left in counts.items():
        while left:
            pictures.append(_plan_picture(split, len(pictures), most=left, seed=seed))
            left -= len(pictures[-1].people)
    return pictures


def _plan_picture(split: str, number: int, *, most: int, seed: int) -> DrawnPicture:
    rng = np.random.default_rng([seed, number])
    width, height = (int(rng.integers(*ends, endpoint=True)) for ends in (_WIDTHS, _HEIGHTS))
    scene = SCENES[rng.integers(len(SCENES))]
    count = min(most, int(rng.integers(1, _MOST_PEOPLE, endpoint=True)))
    slot = width * (1 - 2 * SIDE) / count
    people = []
    for place in range(count):
        body = BODIES[rng.integers(len(BODIES))]
        annotators = 1 if split == "train" else int(rng.choice(ANNOTATORS))
        vad = person_vad(body, scene)
        tallest = max(min(_TALLEST, slot * _OVERLAP / WIDEST), 1.05 * _SHORTEST)
        tall = float(rng.uniform(_SHORTEST, tallest))
        # Nobody stands before the things at the sides, which tell the place.
        first, last = SIDE * width + WIDEST / 2 * tall, (1 - SIDE) * width - WIDEST / 2 * tall
        x = SIDE * width + (place + rng.uniform(0.42, 0.58)) * slot
        people.append(
            DrawnPerson(
                body=body,
                crown_xy=(float(np.clip(x, first, last)), float(height * rng.uniform(*_CROWN))),
                height=tall,
                annotations=tuple(annotate(vad, rng) for _ in range(annotators)),
                gender=str(rng.choice(GENDERS)),
                age=str(rng.choice(AGES)),
            )
        )
    return DrawnPicture(
        split=split,
        folder=f"{DATABASES[number % len(DATABASES)]}/images",
        filename=f"drawn_{number:05d}.jpg",
        width=width,
        height=height,
        scene=scene,
        people=tuple(people),
        seed=(seed, number, 1),
    )


def draw_picture(
    picture: DrawnPicture,
) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Draws one picture of the twin.

    Returns:
        The picture, uint8 RGB of shape (H, W, 3); boxes `[x, y, width, height]` of the people,
        which may reach beyond the picture; boxes of their faces.
    """
    scene_rng, rng = (np.random.default_rng([*picture.seed, part]) for part in (0, 1))
    canvas = draw_scene(picture.scene, height=picture.height, width=picture.width, rng=scene_rng)
    bodies, faces = [], []
    for person in picture.people:
        shape = EXPRESSION_SHAPES[person.body.expression].varied(rng)
        looks = Person.draw(person.body.posture, shape, rng=rng)
        boxes = draw_person(canvas, looks, crown_xy=person.crown_xy, height=person.height)
        bodies.append(boxes[0])
        faces.append(boxes[1])
    return canvas, bodies, faces


def write(folder: Path, *, seed: int, size: int = DEFAULT_SIZE) -> None:
    """Writes the twin: `emotic/<database>/images/*.jpg` and `Annotations/Annotations.mat`.

    Args:
        folder: An empty folder.
        seed: Draws another twin.
        size: People in all.

    Raises:
        EmoError: `size` is too small.
    """
    rows = {split: [] for split in SPLITS}
    for picture in plan(seed=seed, size=size):
        canvas, bodies, _ = draw_picture(picture)
        path = folder / "emotic" / picture.folder / picture.filename
        save_jpeg(canvas, path)
        rows[picture.split].append(_picture_struct(picture, bodies))
    (folder / "Annotations").mkdir()
    structs = {split: _struct(pictures) for split, pictures in rows.items()}
    file = io.BytesIO()
    savemat(file, structs, do_compression=True)
    # scipy begins with the time, and the same twin should be the same bytes.
    file.getbuffer()[: len(_MATLAB_TEXT)] = _MATLAB_TEXT
    (folder / "Annotations" / "Annotations.mat").write_bytes(file.getvalue())


def oracle(*, seed: int, size: int = DEFAULT_SIZE) -> Oracle:
    """Scores the best predictions on the twin's test split; see `emotic_oracle`.

    Args:
        seed: As for `write`.
        size: As for `write`.
    """
    # scikit-learn takes its time.
    from emo_tf.data.miniature.emotic_oracle import score_evidence

    shown = [
        (person, BODIES.index(person.body), SCENES.index(picture.scene))
        for picture in plan(seed=seed, size=size)
        if picture.split == "test"
        for person in picture.people
    ]
    people, bodies, scenes = zip(*shown, strict=True)
    return score_evidence(
        bodies,
        scenes,
        categories=np.array([np.isin(EMOTIC_CATEGORIES, person.categories) for person in people]),
        vad=np.array([person.vad for person in people]),
        measured_on=f"test, {len(people)} people",
    )


def _picture_struct(picture: DrawnPicture, boxes: Sequence[np.ndarray]) -> dict[str, object]:
    people = [
        _person_struct(person, box, combined=picture.split != "train")
        for person, box in zip(picture.people, boxes, strict=True)
    ]
    return {
        "filename": picture.filename,
        "folder": picture.folder,
        "image_size": _struct([{"n_col": float(picture.width), "n_row": float(picture.height)}]),
        "original_database": _struct([{"name": picture.folder.split("/")[0], "info": "drawn"}]),
        "person": _struct(people),
    }


def _person_struct(person: DrawnPerson, box: np.ndarray, *, combined: bool) -> dict[str, object]:
    x, y, width, height = np.round(box)
    said = person.annotations
    struct = {
        "body_bbox": np.array([[x, y, x + width, y + height]]),
        "annotations_categories": _struct([{"categories": _cell(a.categories)} for a in said]),
    }
    if combined:
        struct["combined_categories"] = _cell(person.categories)
    struct["annotations_continuous"] = _struct([_vad_struct(annotation.vad) for annotation in said])
    if combined:
        struct["combined_continuous"] = _struct([_vad_struct(person.vad)])
    return struct | {"gender": person.gender, "age": person.age}


def _vad_struct(vad: Sequence[float]) -> dict[str, object]:
    return dict(zip(VAD, map(float, vad), strict=True))


def _struct(rows: Sequence[dict[str, object]]) -> np.ndarray:
    """Returns a MATLAB struct array of shape (1, N)."""
    array = np.empty((1, len(rows)), dtype=[(name, object) for name in rows[0]])
    for column, row in enumerate(rows):
        array[0, column] = tuple(row.values())
    return array


def _cell(texts: Sequence[str]) -> np.ndarray:
    array = np.empty((1, len(texts)), dtype=object)
    array[0] = list(texts)
    return array
