"""Small made-up twins of the corpora, for tests and for trying a recipe in seconds."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from emo_tf.errors import unknown_name
from emo_tf.labels import EXPRESSIONS

_SIDE = 48
_FORMS = ("folders", "csv")
_FOLDER_OF_USAGE = {"Training": "train", "PublicTest": "test", "PrivateTest": "test"}


def write_fer2013(
    folder: Path,
    *,
    form: str = "folders",
    training: int = 12,
    public_test: int = 3,
    private_test: int = 2,
    seed: int = 0,
) -> Path:
    """Writes drawn stand-ins for the faces of FER2013, in one of its published forms.

    A picture is a wave whose direction follows its class, under noise. As in FER2013 itself, some
    pictures of the test are in Training too: the first PublicTest picture of every class is its
    first Training picture. The same arguments give the same pixels in either form.

    Args:
        folder: Where to put `train` and `test`, or `fer2013.csv`; made where it is missing.
        form: `folders` or `csv`.
        training: Training pictures of each class; one or more.
        public_test: PublicTest pictures of each class.
        private_test: PrivateTest pictures of each class.
        seed: Draws other noise.

    Returns:
        `folder`.

    Raises:
        EmoError: There is no such form.
    """
    if form not in _FORMS:
        raise unknown_name("form", form, _FORMS)
    rng = np.random.default_rng(seed)
    faces = []
    for code, label in enumerate(EXPRESSIONS):
        drawn = [_draw(code, rng) for _ in range(training + public_test + private_test)]
        if public_test:
            drawn[training] = drawn[0]
        usages = (
            ["Training"] * training + ["PublicTest"] * public_test + ["PrivateTest"] * private_test
        )
        faces += [(usage, label, pixels) for usage, pixels in zip(usages, drawn, strict=True)]

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if form == "csv":
        _write_csv(folder / "fer2013.csv", faces)
    else:
        _write_pictures(folder, faces)
    return folder


def _draw(code: int, rng: np.random.Generator) -> np.ndarray:
    rows, columns = np.mgrid[:_SIDE, :_SIDE] / _SIDE
    angle = np.pi * code / len(EXPRESSIONS)
    across = rows * np.sin(angle) + columns * np.cos(angle)
    wave = np.sin(2 * np.pi * (3 * across + rng.uniform()))
    noise = rng.normal(scale=0.3, size=(_SIDE, _SIDE))
    return np.clip(128 + 70 * (wave + noise), 0, 255).astype(np.uint8)


def _write_csv(path: Path, faces: list[tuple[str, str, np.ndarray]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["emotion", "pixels", "Usage"])
        for usage, label, pixels in faces:
            values = " ".join(map(str, pixels.ravel()))
            rows.writerow([EXPRESSIONS.index(label), values, usage])


def _write_pictures(folder: Path, faces: list[tuple[str, str, np.ndarray]]) -> None:
    for number, (usage, label, pixels) in enumerate(faces):
        parent = folder / _FOLDER_OF_USAGE[usage] / label
        parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(parent / f"{usage}_{number:05d}.png")
