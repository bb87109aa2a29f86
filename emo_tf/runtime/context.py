"""From a person in a scene to categories and dimensions of apparent emotion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.results import CategoryScore, Vad
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.runtime.model_task import check_task
from emo_tf.runtime.person_boxes import whole_pixels

BATCH = 16
TASK = "emotic"
BRANCHES = ("scene", "body")
BOX = "box"
OUTPUTS = ("score", "vad")
CROP_PRESET = "person"


@dataclass(frozen=True)
class PeopleInputs:
    """What a model takes of P people in S scenes.

    Attributes:
        scenes: uint8 (S, H, W, 3), or `None` where the model does not look at them.
        bodies: uint8 (P, H', W', 3), or `None` likewise.
        scene_of: Number of each person's scene, (P,).
        boxes: float32 (P, 4), where each person is in their scene: left edge, upper edge, width and
            height as shares of its width and height; `None` where the model does not paint the
            person out.
    """

    scenes: np.ndarray | None
    bodies: np.ndarray | None
    scene_of: np.ndarray
    boxes: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.scene_of)

    @classmethod
    def join(cls, parts: Sequence["PeopleInputs"]) -> "PeopleInputs":
        """Joins the people of one or more pictures, cut out for the same model."""
        counts = [part.scene_of.max(initial=-1) + 1 for part in parts]
        first = np.cumsum([0, *counts[:-1]])
        return cls(
            scenes=_concatenate(part.scenes for part in parts),
            bodies=_concatenate(part.bodies for part in parts),
            boxes=_concatenate(part.boxes for part in parts),
            scene_of=np.concatenate(
                [part.scene_of + number for part, number in zip(parts, first, strict=True)]
            ),
        )


class ContextClassifier:
    """Recognises the apparent emotion of people with a model file of the task `emotic`.

    What the model looks at (the scene, the body or both), at which size and whether it paints the
    person out of the scene is read from the file, the thresholds of the categories too.

    Args:
        model: A `.tflite` file that carries its metadata.
        threads: Threads for the network; the machine's number of cores if `None`.

    Raises:
        EmoError: The file cannot be read, or holds a model that does something else or wants
            people cut out in another way.

    Example:
        >>> classifier = ContextClassifier("runs/emotic/export/model_float16.tflite")
        >>> inputs = classifier.crop(read_image("party.jpg"), [(120, 40, 200, 380)])
        >>> ((categories, vad),) = classifier.classify(inputs)
        >>> [category.label for category in categories if category.above]
        ['Engagement', 'Excitement', 'Happiness']
    """

    def __init__(self, model: Path, *, threads: int | None = None):
        path = Path(model)
        self._network = LiteRTModel(path, threads=threads)
        metadata = self._network.metadata
        check_task(path, metadata, task=TASK, labels=EMOTIC_CATEGORIES)
        crop = dict(metadata.crop)
        blank_person = bool(crop.pop("blank_person", False))
        if crop.pop("preset", None) != CROP_PRESET or any(crop.values()):
            raise EmoError(
                f"{path}: expected a model that takes people cut out as {CROP_PRESET!r} and the "
                f"scene with or without them. Received: crop={dict(metadata.crop)}"
            )
        arrays = {name: array.shape for name, array in metadata.arrays.items()}
        if arrays != ({BOX: (4,)} if blank_person else {}):
            raise EmoError(
                f"{path}: expected {BOX} of shape (4,) if the person is painted out of the scene "
                f"(blank_person) and no other numbers. "
                f"Received: blank_person={blank_person}, arrays={arrays}"
            )
        if not set(metadata.inputs) <= set(BRANCHES) or not metadata.inputs:
            raise EmoError(
                f"{path}: expected the inputs {' and '.join(BRANCHES)}, or one of them. "
                f"Received: {', '.join(metadata.inputs) or 'none'}"
            )
        if not set(OUTPUTS) <= set(metadata.outputs):
            raise EmoError(
                f"{path}: expected the outputs {' and '.join(OUTPUTS)}. "
                f"Received: {', '.join(metadata.outputs) or 'none'}"
            )
        for name, image in metadata.inputs.items():
            if None in (image.height, image.width) or image.colour != "rgb":
                raise EmoError(
                    f"{path}: expected a {name} in colour and of fixed size. Received: {image}"
                )
        self._sizes = {name: (image.height, image.width) for name, image in metadata.inputs.items()}
        self._takes_box = blank_person
        self._labels = metadata.labels
        self._thresholds = metadata.thresholds

    def crop(self, image: np.ndarray, boxes_xywh: Sequence[Sequence[float]]) -> PeopleInputs:
        """Cuts people out as the model was trained to see them.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            boxes_xywh: Boxes of its people in pixels, P of them; see `person_boxes.whole_pixels`.

        Returns:
            P people in one scene, which is resized once; no scene where there is nobody.

        Raises:
            EmoError: A box is not four finite numbers, or has no area in the picture.
        """
        height, width = image.shape[:2]
        regions = [whole_pixels(box, width=width, height=height) for box in boxes_xywh]
        bodies = (image[y : y + h, x : x + w] for x, y, w, h in regions)
        shares = None
        if self._takes_box:
            pixels = np.reshape(regions, (-1, 4))
            shares = (pixels / (width, height, width, height)).astype(np.float32)
        return PeopleInputs(
            boxes=shares,
            scenes=self._resized("scene", [image] if regions else []),
            bodies=self._resized("body", bodies),
            scene_of=np.zeros(len(regions), int),
        )

    def classify(self, inputs: PeopleInputs) -> list[tuple[tuple[CategoryScore, ...], Vad]]:
        """Classifies people, at most `BATCH` at a time.

        Args:
            inputs: P people that `crop` cut out; P may be 0.

        Returns:
            For each person the 26 categories in the order of the model, and the dimensions.
        """
        found = []
        for start in range(0, len(inputs), BATCH):
            people = slice(start, start + BATCH)
            taken = {}
            if inputs.scenes is not None:
                taken["scene"] = inputs.scenes[inputs.scene_of[people]]
            if inputs.bodies is not None:
                taken["body"] = inputs.bodies[people]
            if inputs.boxes is not None:
                taken[BOX] = inputs.boxes[people]
            outputs = self._network(**taken)
            scores, dimensions = (outputs[name].tolist() for name in OUTPUTS)
            found += [
                (self._categories(row), Vad(*vad))
                for row, vad in zip(scores, dimensions, strict=True)
            ]
        return found

    def _resized(self, branch: str, pictures: Iterable[np.ndarray]) -> np.ndarray | None:
        """Returns pictures at a branch's size, uint8 (N, H, W, 3), if the model has the branch."""
        if branch not in self._sizes:
            return None
        size = self._sizes[branch]
        resized = [resize(picture, size) for picture in pictures]
        return np.stack(resized) if resized else np.empty((0, *size, 3), np.uint8)

    def _categories(self, scores: Sequence[float]) -> tuple[CategoryScore, ...]:
        categories = []
        for label, score in zip(self._labels, scores, strict=True):
            threshold = self._thresholds.get(label)
            above = threshold is not None and score > threshold
            categories.append(CategoryScore(label, score, threshold, above))
        return tuple(categories)


def resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Changes the size of a picture by the bilinear rule, as in training.

    Half-pixel centres, no antialiasing; computed in floats and rounded, half to even.

    Args:
        image: uint8 (H, W, 3).
        size: Height and width in pixels.

    Returns:
        uint8 (*size, 3).
    """
    (top, bottom, y_shares), (left, right, x_shares) = map(_taps, size, image.shape[:2])

    def row(pixels: np.ndarray) -> np.ndarray:
        first = pixels[:, left].astype(np.float32)
        return first + (pixels[:, right] - first) * x_shares[:, None]

    # Only the pixels that count become floats: a whole photograph would be 12 bytes a pixel.
    above = row(image[top])  # (H', W', 3)
    resized = above + (row(image[bottom]) - above) * y_shares[:, None, None]
    return np.rint(resized).astype(np.uint8)


def _taps(count: int, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns neighbours and the share of the later one along an axis, each (count,)."""
    points = (np.arange(count, dtype=np.float32) + 0.5) * np.float32(length / count) - 0.5
    before = np.floor(points)
    first, second = (np.clip(before + step, 0, length - 1).astype(int) for step in (0, 1))
    return first, second, points - before


def _concatenate(parts: Iterable[np.ndarray | None]) -> np.ndarray | None:
    arrays = [part for part in parts if part is not None]
    return np.concatenate(arrays) if arrays else None
