"""People in a picture, found by a detection model in TFLite as other tools write it."""

import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from emo_tf.errors import EmoError
from emo_tf.runtime.person_boxes import PersonBox, cut_off
from emo_tf.runtime.picture_model import PictureModel, described

MIN_SCORE = 0.8
NMS = 0.4
PERSON_CLASS = 0
"""COCO's number of a person."""

# The outputs of TFLite_Detection_PostProcess in its order, and what gives them away in a name.
_WORDS = {"boxes": ("box",), "classes": ("class",), "scores": ("score",), "count": ("count", "num")}
_DIMENSIONS = (3, 2, 2, 1)
_EXPECTED_OUTPUTS = (
    "the four outputs of TFLite_Detection_PostProcess: boxes (1, N, 4), classes (1, N), scores "
    "(1, N) and count (1), in this order or the reverse, or named so"
)


class PersonDetector:
    """Finds people with a model such as SSD or EfficientDet, trained on COCO.

    The model takes one picture (1, H, W, 3): uint8 of 0 to 255, or float32, for which pixels are
    brought to -1 to 1 as `(x - 127.5) / 127.5`. Its outputs are those of LiteRT's operation
    `TFLite_Detection_PostProcess`: boxes `ymin, xmin, ymax, xmax` in shares of the picture,
    classes, scores and the number of boxes that count. They are told apart by their names in the
    file's signature or their tensors' names; where those say nothing, by number and shape: in the
    operation's order, or in the reverse, in which TensorFlow 2 often numbers them.

    Args:
        path: A `.tflite` file; it needs no metadata.
        min_score: Smallest score of a person.
        nms: Intersection over union with a person of higher score above which one is dropped.
            Greedily: only people who are kept drop others.
        threads: Threads for the network; the machine's number of cores if `None`.

    Raises:
        EmoError: The file is missing or unreadable, takes or returns something else, or a setting
            is out of range.

    Example:
        >>> PersonDetector("ssd_mobilenet.tflite").detect(read_image("street.jpg"))[0]
        PersonBox(box_xywh=(212.4, 80.1, 96.0, 301.7), score=0.93)
    """

    def __init__(
        self,
        path: Path,
        *,
        min_score: float = MIN_SCORE,
        nms: float = NMS,
        threads: int | None = None,
    ):
        for name, value in (("min_score", min_score), ("nms", nms)):
            if not 0 <= value <= 1:
                raise EmoError(f"{name}: expected 0 to 1. Received: {value}")
        self._min_score, self._nms = min_score, nms
        self._model = PictureModel(path, kind="a detection model", threads=threads)
        self._outputs = self._find_outputs()

    def detect(self, image: np.ndarray) -> tuple[PersonBox, ...]:
        """Finds the people of a picture.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).

        Returns:
            Boxes by falling score, cut off at the picture's edges; those without an area are left
            out.

        Raises:
            EmoError: What the model returns are no boxes, classes and scores.
        """
        height, width = image.shape[:2]
        found = []
        for (top, left, bottom, right), score in self._people(image):
            box = (left * width, top * height, (right - left) * width, (bottom - top) * height)
            found.append(PersonBox(box, score))
        found = cut_off(found, width=width, height=height)
        boxes_xywh = [person.box_xywh for person in found]
        kept = cv2.dnn.NMSBoxes(boxes_xywh, [person.score for person in found], 0.0, self._nms)
        return tuple(found[index] for index in kept)

    def _people(self, image: np.ndarray) -> list[tuple[list[float], float]]:
        """Returns the people's edges `ymin, xmin, ymax, xmax` in shares, and their scores."""
        self._model.run(image)
        boxes, classes, scores, count = (
            self._model.output(index).astype(float) for index in self._outputs
        )
        boxes, classes, scores = (
            values[: int(count) if count > 0 else 0] for values in (boxes, classes, scores)
        )
        are_scores = ((scores >= 0) & (scores <= 1)).all()
        if not (are_scores and (classes % 1 == 0).all() and np.isfinite(boxes).all()):
            raise EmoError(
                f"{self._model.path}: expected classes in whole numbers, scores of 0 to 1 and "
                f"finite boxes. Received: classes {classes[:3]}, scores {scores[:3]}, "
                f"boxes {boxes[:3]}"
            )
        are_people = (classes == PERSON_CLASS) & (scores >= self._min_score)
        return list(zip(boxes[are_people].tolist(), scores[are_people].tolist(), strict=True))

    def _find_outputs(self) -> list[int]:
        """Returns the indices of boxes, classes, scores and count."""
        outputs = self._model.interpreter.get_output_details()
        for names in (self._signature_names(), {item["index"]: item["name"] for item in outputs}):
            named = [(names.get(item["index"], ""), item) for item in outputs]
            found = _by_words(named) or _by_number(named)
            if found and [len(item["shape"]) for item in found] == [*_DIMENSIONS]:
                return [item["index"] for item in found]
        raise EmoError(
            f"{self._model.path}: expected {_EXPECTED_OUTPUTS}. Received: {described(outputs)}"
        )

    def _signature_names(self) -> dict[int, str]:
        """Returns the names that the file's first signature gives tensors, by index."""
        for key in self._model.interpreter.get_signature_list():
            details = self._model.interpreter.get_signature_runner(key).get_output_details()
            return {item["index"]: name for name, item in details.items()}
        return {}


def _by_words(named: Sequence[tuple[str, dict]]) -> list[dict] | None:
    """Returns the outputs in the usual order if their names say which they are."""
    found = []
    for words in _WORDS.values():
        matching = [item for name, item in named if any(word in name.lower() for word in words)]
        if len(matching) != 1:
            return None
        found += matching
    return found


def _by_number(named: Sequence[tuple[str, dict]]) -> list[dict]:
    """Returns the outputs by the numbers at the end of their names, boxes before the count."""

    def number(pair: tuple[str, dict]) -> int:
        digits = re.search(r"(?<=[:_])\d+$", pair[0])
        return int(digits.group()) if digits else 0

    ordered = [item for _, item in sorted(named, key=number)]
    is_reverse = ordered and len(ordered[0]["shape"]) == _DIMENSIONS[-1]
    return ordered[::-1] if is_reverse else ordered
