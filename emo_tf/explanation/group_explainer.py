"""From a picture of people to what speaks for the verdict of one model on their group."""

from collections.abc import Sequence

import keras
import numpy as np

from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.explanation.activation_map import ActivationMap
from emo_tf.explanation.class_activation import GRAD_CAM, ActivationMaps
from emo_tf.explanation.group_explanation import GroupExplanation
from emo_tf.explanation.mask_split import split_at_mask
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.model_metadata import GROUP, ModelMetadata
from emo_tf.results import Face
from emo_tf.runtime.group_answer import GroupAnswer
from emo_tf.runtime.group_inputs import IMAGE, MASK, GroupInputs
from emo_tf.runtime.group_judge import GroupJudge
from emo_tf.runtime.group_picture import GroupPicture
from emo_tf.runtime.group_view import GroupView
from emo_tf.runtime.model_task import check_task
from emo_tf.softmax import softmax


class GroupExplainer:
    """Tells what a model of groups looked at: attention, faces taken away, an activation map.

    How much a model lets a face count need not say how much its verdict hangs on that face. So
    each face is also taken away once from the faces that the model is given; it stays in the
    picture.

    Args:
        model: A model of the task `group`, not of packed faces.
        metadata: What it says about itself.
        source: Its file, for messages.
        verdict: The class to explain, one of `labels.GROUP_EMOTIONS`; of each picture the likeliest
            if `None`.
        layer: Whose map is taken of its branch `image`; as of `ActivationMaps`, and so is `method`.

    Raises:
        EmoError: The model is of another task or takes something else, there is no such class, or
            as `ActivationMaps`.

    Example:
        >>> explainer = GroupExplainer(*load_model(path), source=str(path))
        >>> faces, features = find_faces_with_features(detector, image)
        >>> explanation = explainer.explain(image, faces, features)
        >>> explanation.group.face_weights, explanation.changes
        ((0.71, 0.29), (-0.42, 0.03))

    Reference:
        Jain and Wallace 2019, "Attention is not explanation", section 4.1.
    """

    def __init__(
        self,
        model: keras.Model,
        metadata: ModelMetadata,
        *,
        source: str,
        verdict: str | None = None,
        layer: str | None = None,
        method: str = GRAD_CAM,
    ):
        check_task(source, metadata, task=GROUP, labels=GROUP_EMOTIONS)
        if verdict is not None and verdict not in GROUP_EMOTIONS:
            raise unknown_name("verdict", verdict, GROUP_EMOTIONS)
        self._inputs = GroupInputs.of(metadata, source=source)
        if layer is not None and not self._inputs.image_size:
            raise EmoError(
                f"{source}: expected a model that looks at the whole picture where --layer names "
                f"a map of it. Received: {metadata.name}, which looks at faces alone"
            )
        self._maps = None
        if self._inputs.image_size:
            with in_place(source):
                self._maps = ActivationMaps(model, layer=layer, branches=[IMAGE], method=method)
        self._model = model
        self._split = split_at_mask(model, MASK) if self._inputs.faces else None
        self._metadata, self._verdict = metadata, verdict
        self._judge = GroupJudge(models=[metadata.name])
        self._order = [metadata.labels.index(emotion) for emotion in GROUP_EMOTIONS]

    def explain(
        self, image: np.ndarray, faces: Sequence[Face], features: np.ndarray
    ) -> GroupExplanation | None:
        """Explains one picture.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            faces: Its faces, N of them.
            features: What O-Net saw in each, float32 (N, 256).

        Returns:
            `None` where the model looks at faces alone and there are none.

        Raises:
            EmoError: A face cannot be cut out.
        """
        view = self._inputs.look(GroupPicture(image, faces, features))
        if not self._inputs.image_size and not len(view.looked_at):
            return None
        faces = tuple(faces) if self._inputs.faces else ()
        probabilities, weights = self._probabilities(view)
        passed_over = len(faces) - len(view.looked_at)
        answer = GroupAnswer(probabilities[0], weights, passed_over)
        group, _ = self._judge.judge("", faces, {self._metadata.name: answer}, unseen="")
        verdict = self._verdict or group.label
        return GroupExplanation(
            verdict=verdict,
            group=group,
            faces=faces,
            changes=self._changes(view, probabilities[:, GROUP_EMOTIONS.index(verdict)]),
            image_map=self._image_map(view, verdict) if self._maps else None,
            sees_faces=bool(self._inputs.faces),
        )

    def _probabilities(self, view: GroupView) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns them with all n faces looked at, then without each, and the faces' weights.

        The arrays are (1 + n, 3) and (N,); there are no weights where there is no look at faces.
        """
        batch, weights = self._inputs.batched([view]), None
        if self._split is None:
            outputs = self._model(batch, training=False)
        else:
            before, after = self._split
            count = len(view.looked_at)
            masks = np.repeat(batch[MASK], 1 + count, axis=0)
            masks[np.arange(1, 1 + count), np.arange(count)] = 0
            joined = before(batch, training=False)
            repeated = {name: np.repeat(part, 1 + count, axis=0) for name, part in joined.items()}
            outputs = after({**repeated, MASK: masks}, training=False)
            weights = view.for_all_faces(np.asarray(outputs["face_weights"])[0])
        logits = np.asarray(outputs["logits"], np.float64)[:, self._order]
        return softmax(logits / (self._metadata.temperature or 1)), weights

    def _changes(self, view: GroupView, probabilities: np.ndarray) -> tuple[float | None, ...]:
        """Returns what each of N faces changes in the probability of one class, (1 + n,)."""
        changes: list[float | None] = [None] * (view.face_count if self._inputs.faces else 0)
        if self._inputs.image_size or len(view.looked_at) > 1:
            for number, after in zip(view.looked_at, probabilities[1:], strict=True):
                changes[number] = float(after - probabilities[0])
        return tuple(changes)

    def _image_map(self, view: GroupView, verdict: str) -> ActivationMap:
        explained = self._metadata.labels.index(verdict)
        found = self._maps(
            self._inputs.batched([view]), lambda values: values["logits"][:, explained]
        )
        return ActivationMap.of(self._maps.layers[IMAGE], found.maps[IMAGE][0])
