"""From the faces of a picture to what speaks for their apparent expression."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from emo_tf.errors import in_place, unknown_name
from emo_tf.explanation.activation_map import ActivationMap
from emo_tf.explanation.class_activation import GRAD_CAM, ActivationMaps
from emo_tf.explanation.face_explanation import FaceExplanation, masked_face
from emo_tf.explanation.opened_model import SOLE_OUTPUT
from emo_tf.labels import EXPRESSIONS
from emo_tf.model_metadata import ModelMetadata
from emo_tf.results import Expression, Face
from emo_tf.runtime.expression import (
    BATCH,
    open_face_input,
    ordered_probabilities,
    to_expression,
)
from emo_tf.softmax import softmax


class FaceExplainer:
    """Tells what a model of expressions looked at in faces.

    To see whether the answer hangs on what a map shows, the quarter of the face where the map is
    strongest is painted over with the mean of the rest, and, as any painting over is strange to
    a network, in another copy the quarter where it is weakest: if it does, the probability falls by
    the first alone. That need not tell one face from another: on most the map lies in the middle.

    Args:
        model: A model of the task `expression`, from faces to logits.
        metadata: What it says about itself.
        source: Its file, for messages.
        explained: An expression, one of `labels.EXPRESSIONS`; of each face the likeliest if `None`.
        layer: Whose map is taken; as of `ActivationMaps`, and so is `method`.
        check: Whether faces are also painted over.

    Raises:
        EmoError: The model is of another task or takes something else, there is no such
            expression, or as `ActivationMaps`.

    Example:
        >>> explainer = FaceExplainer(*load_model(path), source=str(path))
        >>> (found,) = explainer.explain(image, find_faces(detector, image))
        >>> found.explained, found.score, found.masked_score, found.control_score
        ('happy', 0.88, 0.31, 0.91)

    Reference:
        Petsiuk et al. 2018, "RISE: randomized input sampling for explanation of black-box models",
        on deletion, of which this is one step.
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
        self._input = open_face_input(metadata, path=source)
        if explained is not None and explained not in EXPRESSIONS:
            raise unknown_name("expression", explained, EXPRESSIONS)
        with in_place(source):
            self._maps = ActivationMaps(model, layer=layer, method=method)
        self._model, self._metadata = model, metadata
        self._explained, self._check = explained, check

    def explain(self, image: np.ndarray, faces: Sequence[Face]) -> tuple[FaceExplanation, ...]:
        """Explains the faces of one picture.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            faces: Its faces.

        Raises:
            EmoError: A face cannot be cut out.
        """
        found = []
        for start in range(0, len(faces), BATCH):
            found += self._explain_batch(image, faces[start : start + BATCH])
        return tuple(found)

    def _explain_batch(self, image: np.ndarray, faces: Sequence[Face]) -> list[FaceExplanation]:
        crops = self._input.crop(image, faces)
        found = self._maps(crops, self._target)
        ((branch, layer),) = self._maps.layers.items()
        maps = [ActivationMap.of(layer, raw) for raw in found.maps[branch]]
        expressions = self._expressions(found.outputs[SOLE_OUTPUT])
        masked = []
        if self._check:
            masked = [self._masked(crops, maps, strongest=strongest) for strongest in (True, False)]
        explanations = []
        for row, (face, expression) in enumerate(zip(faces, expressions, strict=True)):
            name, scores = self._explained or expression.label, (None, None)
            if masked and not maps[row].is_empty:
                scores = tuple(part[row].probabilities[name] for part in masked)
            explanations.append(
                FaceExplanation(
                    face=replace(face, expression=expression),
                    explained=name,
                    score=expression.probabilities[name],
                    map=maps[row],
                    cut_out=self._input.crop_to_show(image, face),
                    masked_score=scores[0],
                    control_score=scores[1],
                )
            )
        return explanations

    def _target(self, values: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Returns of each face the logit that is explained."""
        logits = values[SOLE_OUTPUT]
        if self._explained is None:
            return tf.reduce_max(logits, axis=-1)
        return logits[:, self._metadata.labels.index(self._explained)]

    def _masked(
        self, crops: np.ndarray, maps: Sequence[ActivationMap], *, strongest: bool
    ) -> list[Expression]:
        """Returns what the model says of faces of which a part is painted over."""
        masked = [
            masked_face(crop, found, strongest=strongest)
            for crop, found in zip(crops, maps, strict=True)
        ]
        return self._expressions(self._model(np.stack(masked), training=False))

    def _expressions(self, logits: np.ndarray | tf.Tensor) -> list[Expression]:
        logits = np.asarray(logits, np.float64) / (self._metadata.temperature or 1)
        rows = ordered_probabilities(softmax(logits), self._metadata.labels)
        return [to_expression(row) for row in rows]
