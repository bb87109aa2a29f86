"""From the people of a picture to what speaks for their apparent emotion."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from emo_tf.errors import in_place, unknown_name
from emo_tf.explanation.activation_map import ActivationMap
from emo_tf.explanation.class_activation import GRAD_CAM, ActivationMaps
from emo_tf.explanation.painting import painted_over
from emo_tf.explanation.person_explanation import BranchExplanation, PersonExplanation
from emo_tf.labels import EMOTIC_CATEGORIES, VAD
from emo_tf.model_metadata import EMOTIC, ModelMetadata
from emo_tf.results import Person
from emo_tf.runtime.context import BATCH, categories_and_dimensions
from emo_tf.runtime.model_task import check_task
from emo_tf.runtime.people_crops import BRANCHES, SCENE, PeopleCrops, PeopleInputs
from emo_tf.runtime.person_boxes import PersonBox, whole_pixels


class PersonExplainer:
    """Tells what a model of people in scenes looked at, scene and body apart.

    To see whether a map goes with the person, the person's box is painted over with the mean colour
    of what is round it, in the scene and in the body, and the same category or dimension is
    explained again: a map that stays as it was did not come from the person.

    Args:
        model: A model of the task `emotic`.
        metadata: What it says about itself.
        source: Its file, for messages.
        explained: A category or a dimension, of `labels.EMOTIC_CATEGORIES` or `labels.VAD`; if
            `None`, of each person the category of the highest score above its threshold, or of the
            highest if there is none above.
        layer: Whose map is taken; as of `ActivationMaps`, and so is `method`.
        check: Whether people are also masked.

    Raises:
        EmoError: The model is of another task or wants people cut out in another way, there is
            nothing of the name `explained`, or as `ActivationMaps`.

    Example:
        >>> explainer = PersonExplainer(*load_model(path), source=str(path))
        >>> (found,) = explainer.explain(image, [PersonBox((120, 40, 200, 380))])
        >>> found.explained, found.branches["scene"].share_in_box
        ('Engagement', 0.41)
    """

    def __init__(
        self,
        model: keras.Model,
        metadata: ModelMetadata,
        *,
        source: str,
        explained: str | None = None,
        layer: str | None = None,
        method: str = GRAD_CAM,
        check: bool = True,
    ):
        check_task(source, metadata, task=EMOTIC, labels=EMOTIC_CATEGORIES)
        if explained is not None and explained not in (*EMOTIC_CATEGORIES, *VAD):
            raise unknown_name("category or dimension", explained, (*EMOTIC_CATEGORIES, *VAD))
        self._crops = PeopleCrops(metadata, path=source)
        with in_place(source):
            self._maps = ActivationMaps(model, layer=layer, method=method)
        self._sizes = {name: (image.height, image.width) for name, image in metadata.inputs.items()}
        self._model, self._metadata = model, metadata
        self._explained, self._check = explained, check

    def explain(
        self, image: np.ndarray, people: Sequence[PersonBox]
    ) -> tuple[PersonExplanation, ...]:
        """Explains the people of one picture.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            people: Where they are.

        Raises:
            EmoError: A box is not four finite numbers, or has no area in the picture.
        """
        found = []
        for start in range(0, len(people), BATCH):
            found += self._explain_batch(image, people[start : start + BATCH])
        return tuple(found)

    def _explain_batch(
        self, image: np.ndarray, boxes: Sequence[PersonBox]
    ) -> list[PersonExplanation]:
        inputs = self._crops.crop(image, [box.box_xywh for box in boxes])
        names = [self._explained] * len(boxes) if self._explained else self._highest(inputs)
        columns = [[*self._metadata.labels, *VAD].index(name) for name in names]
        passes = [
            self._maps(
                looked_at.arrays(slice(None)),
                lambda values: tf.gather(_joined(values), columns, batch_dims=1),
            )
            for looked_at in ([inputs, self._masked(image, boxes)] if self._check else [inputs])
        ]
        judged = categories_and_dimensions(passes[0].outputs, self._metadata)
        explanations = []
        for row, (box, scores) in enumerate(zip(boxes, judged, strict=True)):
            branches = {
                branch: self._branch(branch, [one.maps[branch][row] for one in passes], box, image)
                for branch in BRANCHES
                if branch in self._maps.layers
            }
            explained = [float(_joined(one.outputs)[row, columns[row]]) for one in passes]
            person = Person(box.box_xywh, box.score, *scores)
            explanations.append(PersonExplanation(person, names[row], branches, *explained))
        return explanations

    def _highest(self, inputs: PeopleInputs) -> list[str]:
        """Returns of each person the category of the highest score above its threshold, or else
        that of the highest."""
        outputs = self._model(inputs.arrays(slice(None)), training=False)
        arrays = {name: np.asarray(value) for name, value in outputs.items()}
        return [
            max(categories, key=lambda category: (category.above, category.score)).label
            for categories, _ in categories_and_dimensions(arrays, self._metadata)
        ]

    def _branch(
        self, branch: str, raw: Sequence[np.ndarray], box: PersonBox, image: np.ndarray
    ) -> BranchExplanation:
        """Returns what is found in a map of a branch, and in that of the masked person, if any."""
        height, width = image.shape[:2]
        region = whole_pixels(box.box_xywh, width=width, height=height)
        found = []
        for values in raw:
            one, share = ActivationMap.of(self._maps.layers[branch], values), None
            if branch == SCENE:
                size = self._sizes[branch]
                share = one.share_in(region, picture_size=(height, width), size=size)
            found += [one, share]
        return BranchExplanation(*found)

    def _masked(self, image: np.ndarray, boxes: Sequence[PersonBox]) -> PeopleInputs:
        """Returns what the model takes of people where each one's own box is painted over."""
        height, width = image.shape[:2]
        parts = []
        for box in boxes:
            x, y, box_width, box_height = whole_pixels(box.box_xywh, width=width, height=height)
            region = np.zeros((height, width), bool)
            region[y : y + box_height, x : x + box_width] = True
            parts.append(self._crops.crop(painted_over(image, region), [box.box_xywh]))
        return PeopleInputs.join(parts)


def _joined(outputs: Mapping[str, np.ndarray | tf.Tensor]) -> tf.Tensor:
    """Returns all that is said of P people: categories, then dimensions, (P, 26 + 3)."""
    return tf.concat([outputs["score"], outputs["vad"]], axis=-1)
