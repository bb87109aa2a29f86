"""From a person in a scene to categories and dimensions of apparent emotion."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.model_metadata import EMOTIC, ModelMetadata
from emo_tf.results import CategoryScore, Vad
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.runtime.model_task import check_task
from emo_tf.runtime.people_crops import PeopleCrops, PeopleInputs

BATCH = 16
OUTPUTS = ("score", "vad")


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
        check_task(path, metadata, task=EMOTIC, labels=EMOTIC_CATEGORIES)
        self._crops = PeopleCrops(metadata, path=path)
        if not set(OUTPUTS) <= set(metadata.outputs):
            raise EmoError(
                f"{path}: expected the outputs {' and '.join(OUTPUTS)}. "
                f"Received: {', '.join(metadata.outputs) or 'none'}"
            )
        self._metadata = metadata

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
        return self._crops.crop(image, boxes_xywh)

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
            outputs = self._network(**inputs.arrays(people))
            found += categories_and_dimensions(outputs, self._metadata)
        return found


def categories_and_dimensions(
    outputs: Mapping[str, np.ndarray], metadata: ModelMetadata
) -> list[tuple[tuple[CategoryScore, ...], Vad]]:
    """Returns for each of P people the categories in the order of the model, and the dimensions.

    Args:
        outputs: What a model of the task `emotic` puts out: `score` (P, 26) and `vad` (P, 3).
        metadata: What its file says about it.
    """
    scores, dimensions = (outputs[name].tolist() for name in OUTPUTS)
    thresholds = [metadata.thresholds.get(label) for label in metadata.labels]
    return [
        (
            tuple(
                CategoryScore(label, score, threshold, threshold is not None and score > threshold)
                for label, score, threshold in zip(metadata.labels, row, thresholds, strict=True)
            ),
            Vad(*vad),
        )
        for row, vad in zip(scores, dimensions, strict=True)
    ]
