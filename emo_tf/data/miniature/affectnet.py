"""AffectNet's twin: drawn portraits in numbered folders, and the two CSV files of labels.

The rule: a face is drawn with one of the eight expressions, each as likely as any other. Contempt,
of which the drawn faces have no shape of their own, is half-way from happy to disgust: a smile with
a wrinkled nose. Valence and arousal are those of `VALENCE_AROUSAL` plus noise by lot, even from
`-NOISE` to `NOISE`. Every fifth picture belongs to the validation split.

Beside these, each CSV file has one row each of what is left out of the original: an expression that
is none of the eight, one that is uncertain, and a picture without a face.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.data.miniature.faces import EXPRESSION_SHAPES
from emo_tf.data.miniature.oracle import Oracle
from emo_tf.data.miniature.portraits import (
    SIXTY_EIGHT_POINTS,
    Portrait,
    draw_background,
    draw_portrait,
    points_in,
)
from emo_tf.data.miniature.writing import check_size, save_jpeg
from emo_tf.labels import AFFECTNET_EXPRESSIONS

VERSION = 1
DEFAULT_SIZE = 320
SMALLEST_SIZE = 20
UNIT = "faces"

NOISE = 0.15
"""How far valence and arousal may lie from the table's."""

VALENCE_AROUSAL = {
    "neutral": (0.0, 0.0),
    "happy": (0.7, 0.15),
    "sad": (-0.65, -0.3),
    "surprise": (0.2, 0.75),
    "fear": (-0.25, 0.8),
    "disgust": (-0.7, 0.4),
    "angry": (-0.45, 0.65),
    "contempt": (-0.55, 0.1),
}
"""Valence and arousal of each expression before noise, in the order of its codes."""

SHAPES = EXPRESSION_SHAPES | {
    "contempt": EXPRESSION_SHAPES["happy"].towards(EXPRESSION_SHAPES["disgust"], 0.5)
}
"""The middle of each of the eight expressions."""

TABLES = {"train": "training.csv", "validation": "validation.csv"}
"""The CSV file of each split; the second has no header, as in some releases."""

LEFT_OUT = {"none": 8, "uncertain": 9, "no face": 10}
"""Code of each kind of row that the builder leaves out; one of each a split."""

_COLUMNS = (
    "subDirectory_filePath",
    "face_x",
    "face_y",
    "face_width",
    "face_height",
    "facial_landmarks",
    "expression",
    "valence",
    "arousal",
)
_IMAGES = "Manually_Annotated_Images"
_IN_A_FOLDER = 50
_VALIDATION_EVERY = 5
_NOT_RATED = (-2, -2)


@dataclass(frozen=True)
class DrawnFace:
    """One picture of the twin.

    Attributes:
        split: `train` or `validation`.
        path: In the folder of pictures.
        expression: One of `AFFECTNET_EXPRESSIONS`.
        valence: -1 to 1.
        arousal: -1 to 1.
        portrait: What is drawn.
    """

    split: str
    path: str
    expression: str
    valence: float
    arousal: float
    portrait: Portrait


def plan(*, seed: int, size: int = DEFAULT_SIZE) -> list[DrawnFace]:
    """Returns what the twin holds, before anything is drawn, but for what is left out.

    Args:
        seed: Draws another twin.
        size: Faces in all.

    Raises:
        EmoError: `size` is below `SMALLEST_SIZE`.
    """
    check_size(size, smallest=SMALLEST_SIZE, unit=UNIT)
    return [_plan_face(number, seed=seed) for number in range(size)]


def _plan_face(number: int, *, seed: int) -> DrawnFace:
    rng = np.random.default_rng([seed, number])
    expression = str(rng.choice(AFFECTNET_EXPRESSIONS))
    noise = rng.uniform(-NOISE, NOISE, size=2)
    valence, arousal = (float(value) for value in np.round(VALENCE_AROUSAL[expression] + noise, 6))
    in_validation = number % _VALIDATION_EVERY == _VALIDATION_EVERY - 1
    return DrawnFace(
        split="validation" if in_validation else "train",
        path=f"{number // _IN_A_FOLDER + 1}/drawn_{number:05d}.jpg",
        expression=expression,
        valence=valence,
        arousal=arousal,
        portrait=Portrait.draw(SHAPES[expression].varied(rng), rng=rng, seed=(seed, number, 1)),
    )


def write(folder: Path, *, seed: int, size: int = DEFAULT_SIZE) -> None:
    """Writes the twin: `Manually_Annotated_Images/<number>/*.jpg` and the two CSV files.

    Args:
        folder: An empty folder.
        seed: Draws another twin.
        size: Faces in all.

    Raises:
        EmoError: `size` is too small.
    """
    faces = plan(seed=seed, size=size)
    images = folder / _IMAGES
    for split, name in TABLES.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as stream:
            table = csv.writer(stream)
            if split == "train":
                table.writerow(_COLUMNS)
            for face in faces:
                if face.split == split:
                    table.writerow(_write_face(face, images))
            table.writerows(_write_left_out(split, images, seed=seed))


def oracle(*, seed: int, size: int = DEFAULT_SIZE) -> Oracle:
    """Scores the best predictions on the validation split.

    A face shows its expression. Given it, no prediction of valence and arousal is better in root
    mean squared error (RMSE) than the table's; given nothing, than the table's mean.

    Args:
        seed: As for `write`.
        size: As for `write`.
    """
    faces = [face for face in plan(seed=seed, size=size) if face.split == "validation"]
    labels = np.array([(face.valence, face.arousal) for face in faces])
    of_face = np.array([VALENCE_AROUSAL[face.expression] for face in faces])
    of_nothing = np.mean(list(VALENCE_AROUSAL.values()), axis=0)
    return Oracle(
        measured_on=f"validation, {len(faces)} faces",
        metrics=("accuracy", "valence RMSE", "arousal RMSE"),
        scores={
            "none": (1 / len(AFFECTNET_EXPRESSIONS), *_rmse(labels - of_nothing)),
            "face": (1.0, *_rmse(labels - of_face)),
        },
    )


def _rmse(errors: np.ndarray) -> tuple[float, ...]:
    return tuple(np.sqrt(np.mean(errors**2, axis=0)).tolist())


def _write_face(face: DrawnFace, images: Path) -> Sequence[object]:
    box, points = _write_portrait(face.portrait, images / face.path)
    code = AFFECTNET_EXPRESSIONS.index(face.expression)
    return face.path, *box, points, code, face.valence, face.arousal


def _write_left_out(split: str, images: Path, *, seed: int) -> Iterator[Sequence[object]]:
    for kind, code in LEFT_OUT.items():
        rng = np.random.default_rng([seed, list(TABLES).index(split), code, 2])
        path = f"1/drawn_{split}_{kind.replace(' ', '_')}.jpg"
        own_seed = tuple(map(int, rng.integers(2**31, size=2)))
        portrait = Portrait.draw(SHAPES["neutral"].varied(rng), rng=rng, seed=own_seed)
        if kind == "no face":
            background = draw_background(height=portrait.height, width=portrait.width, rng=rng)
            save_jpeg(background, images / path)
            box, points = ["NULL"] * 4, "NULL"
        else:
            box, points = _write_portrait(portrait, images / path)
        yield path, *box, points, code, *_NOT_RATED


def _write_portrait(portrait: Portrait, path: Path) -> tuple[list[int], str]:
    """Draws a portrait and returns the cells of its box and its landmarks."""
    canvas, box = draw_portrait(portrait)
    save_jpeg(canvas, path)
    points = points_in(box, SIXTY_EIGHT_POINTS).ravel()
    return [round(value) for value in box], ";".join(f"{value:.2f}" for value in points)
