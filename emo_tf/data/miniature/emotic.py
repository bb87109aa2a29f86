"""EMOTIC's twin: drawn people in drawn scenes, in the original's folders and MATLAB structs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.corpora.emotic_layout import (
    ANNOTATIONS_PATH,
    PICTURES_FOLDER,
    SPLITS,
    Annotation,
    LabelledPerson,
    LabelledPicture,
    write_annotations,
)
from emo_tf.data.miniature.bodies import FACE_HEIGHT, WIDEST, Person, draw_person
from emo_tf.data.miniature.emotic_rule import (
    ANNOTATORS,
    BODIES,
    Body,
    annotate,
    person_vad,
)
from emo_tf.data.miniature.faces import EXPRESSION_SHAPES
from emo_tf.data.miniature.oracle import Oracle
from emo_tf.data.miniature.scenes import SCENES, SIDE, SKY, Scene, draw_scene
from emo_tf.data.miniature.writing import check_size, save_jpeg
from emo_tf.labels import EMOTIC_AGES, EMOTIC_CATEGORIES, EMOTIC_GENDERS

VERSION = 1
DEFAULT_SIZE = 200
SMALLEST_SIZE = 10
UNIT = "people"

DATABASES = ("mscoco", "framesdb", "emodb_small", "ade20k")

_TENTHS = {"val": 1, "test": 2}  # of the people; the rest is train
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
        gender: One of `EMOTIC_GENDERS`, by lot: nothing in the drawing follows it.
        age: One of `EMOTIC_AGES`, by lot.
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
                gender=str(rng.choice(EMOTIC_GENDERS)),
                age=str(rng.choice(EMOTIC_AGES)),
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
    labelled = {split: [] for split in SPLITS}
    for picture in plan(seed=seed, size=size):
        canvas, bodies, _ = draw_picture(picture)
        save_jpeg(canvas, folder / PICTURES_FOLDER / picture.folder / picture.filename)
        labelled[picture.split].append(_labelled(picture, bodies))
    write_annotations(folder / ANNOTATIONS_PATH, labelled, info="drawn")


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


def _labelled(picture: DrawnPicture, boxes: Sequence[np.ndarray]) -> LabelledPicture:
    people = []
    for person, box in zip(picture.people, boxes, strict=True):
        x, y, width, height = np.round(box).tolist()
        people.append(
            LabelledPerson(
                box=(x, y, x + width, y + height),
                annotations=person.annotations,
                combined=Annotation(tuple(person.categories), tuple(person.vad.tolist())),
                gender=person.gender,
                age=person.age,
            )
        )
    return LabelledPicture(
        folder=picture.folder,
        filename=picture.filename,
        size=(picture.width, picture.height),
        people=tuple(people),
    )
