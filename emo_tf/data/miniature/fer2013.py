"""FER2013's twin: drawn faces in the published forms, folders of pictures or a CSV file."""

import csv
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from emo_tf.data.miniature.face_drawing import draw_face
from emo_tf.data.miniature.faces import EXPRESSION_SHAPES, Appearance, HeadPose
from emo_tf.data.miniature.oracle import Oracle
from emo_tf.errors import EmoError, unknown_name
from emo_tf.labels import EXPRESSIONS

VERSION = 1
DEFAULT_SIZE = 350
UNIT = "faces"

_SIDE = 48
_DRAWN_SIDE = 96
_FACE_HEIGHTS = (72, 84)  # on the larger canvas: FER2013's faces fill their pictures
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

    A picture's class is the expression that its face was drawn with. As in FER2013 itself, some
    pictures of the test are in Training too: the first PublicTest picture of every class is its
    first Training picture. The same arguments give the same pixels in either form.

    Args:
        folder: Where to put `train` and `test`, or `fer2013.csv`; made where it is missing.
        form: `folders` or `csv`.
        training: Training pictures of each class; one or more.
        public_test: PublicTest pictures of each class.
        private_test: PrivateTest pictures of each class.
        seed: Draws other faces.

    Returns:
        `folder`.

    Raises:
        EmoError: There is no such form.
    """
    if form not in _FORMS:
        raise unknown_name("form", form, _FORMS)
    rng = np.random.default_rng(seed)
    faces = []
    for label in EXPRESSIONS:
        drawn = [_draw(label, rng) for _ in range(training + public_test + private_test)]
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


def write(folder: Path, *, seed: int, size: int = DEFAULT_SIZE) -> None:
    """Writes the twin as folders of pictures: of each class eight tenths are Training.

    Args:
        folder: An empty folder.
        seed: Draws other faces.
        size: Faces in all; what seven classes cannot share evenly is left off.

    Raises:
        EmoError: `size` is too small.
    """
    write_fer2013(folder, seed=seed, **_counts(size))


def oracle(*, seed: int, size: int = DEFAULT_SIZE) -> Oracle:
    """Scores the best predictions on PublicTest: a face shows its class, whatever the seed.

    Args:
        seed: As for `write`.
        size: As for `write`.
    """
    del seed
    faces = _counts(size)["public_test"] * len(EXPRESSIONS)
    scores = {"none": (1 / len(EXPRESSIONS),), "face": (1.0,)}
    return Oracle(f"public_test, {faces} faces", ("accuracy",), scores)


def _counts(size: int) -> dict[str, int]:
    each = size // len(EXPRESSIONS)
    tests = each // 10
    if not tests:
        smallest = 10 * len(EXPRESSIONS)
        raise EmoError(f"size: expected {smallest} faces or more. Received: {size}")
    return {"training": each - 2 * tests, "public_test": tests, "private_test": tests}


def _draw(label: str, rng: np.random.Generator) -> np.ndarray:
    tones = rng.uniform(30, 225, size=(2, 1, 1))
    slope = np.linspace(0, 1, _DRAWN_SIDE)[np.newaxis, :, np.newaxis]
    canvas = np.broadcast_to(
        tones[0] + (tones[1] - tones[0]) * slope, (_DRAWN_SIDE, _DRAWN_SIDE, 3)
    )
    canvas = canvas.astype(np.uint8)
    centre = rng.normal(loc=_DRAWN_SIDE / 2, scale=2, size=2)
    draw_face(
        canvas,
        EXPRESSION_SHAPES[label].varied(rng),
        appearance=Appearance.draw(rng),
        pose=HeadPose.draw(rng),
        centre_xy=tuple(map(float, centre)),
        height=float(rng.uniform(*_FACE_HEIGHTS)),
    )
    grey = cv2.resize(
        cv2.cvtColor(canvas, cv2.COLOR_RGB2GRAY), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA
    )
    noisy = grey + rng.normal(scale=4, size=grey.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


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
