"""What a model of people in context is given of a picture."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.model_metadata import ModelMetadata
from emo_tf.runtime.person_boxes import whole_pixels
from emo_tf.runtime.resizing import resize

SCENE, BODY, BOX = "scene", "body", "box"
BRANCHES = (SCENE, BODY)
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

    def arrays(self, people: slice) -> dict[str, np.ndarray]:
        """Returns what the model takes of some of the people, by the names of its inputs."""
        found = {}
        if self.scenes is not None:
            found[SCENE] = self.scenes[self.scene_of[people]]
        if self.bodies is not None:
            found[BODY] = self.bodies[people]
        if self.boxes is not None:
            found[BOX] = self.boxes[people]
        return found


class PeopleCrops:
    """Cuts people out of pictures as a model of the task `emotic` was trained to see them.

    Args:
        metadata: What the model's file says about it.
        path: The file, for messages.

    Raises:
        EmoError: The model wants people cut out in another way.
    """

    def __init__(self, metadata: ModelMetadata, *, path: Path):
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
        for name, image in metadata.inputs.items():
            if None in (image.height, image.width) or image.colour != "rgb":
                raise EmoError(
                    f"{path}: expected a {name} in colour and of fixed size. Received: {image}"
                )
        self._sizes = {name: (image.height, image.width) for name, image in metadata.inputs.items()}
        self._takes_box = blank_person

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
            scenes=self._resized(SCENE, [image] if regions else []),
            bodies=self._resized(BODY, bodies),
            scene_of=np.zeros(len(regions), int),
        )

    def _resized(self, branch: str, pictures: Iterable[np.ndarray]) -> np.ndarray | None:
        """Returns pictures at a branch's size, uint8 (N, H, W, 3), if the model has the branch."""
        if branch not in self._sizes:
            return None
        size = self._sizes[branch]
        resized = [resize(picture, size) for picture in pictures]
        return np.stack(resized) if resized else np.empty((0, *size, 3), np.uint8)


def _concatenate(parts: Iterable[np.ndarray | None]) -> np.ndarray | None:
    arrays = [part for part in parts if part is not None]
    return np.concatenate(arrays) if arrays else None
