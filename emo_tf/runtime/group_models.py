"""Several models of groups, whose verdicts stand side by side."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.results import Face
from emo_tf.runtime.group_answer import GroupAnswer
from emo_tf.runtime.group_model import GroupClassifier
from emo_tf.runtime.group_picture import GroupPicture
from emo_tf.runtime.group_view import GroupView


class GroupModels:
    """Asks models of groups about the same pictures.

    Args:
        paths: Their `.tflite` files; there may be none.
        threads: Threads for each network; the machine's number of cores if `None`.

    Attributes:
        names: Their names, in their order.
        min_face: Length in pixels of the smallest faces that one of them learnt from; `None` if
            none says.

    Raises:
        EmoError: A file is not what `GroupClassifier` takes, or two models are called alike.
    """

    def __init__(self, paths: Sequence[Path] = (), *, threads: int | None = None):
        by_name: dict[str, GroupClassifier] = {}
        for path in paths:
            model = GroupClassifier(path, threads=threads)
            other = by_name.setdefault(model.name, model)
            if other is not model:
                raise EmoError(
                    f"group models: expected models of different names. "
                    f"Received: {model.name!r} for {other.path} and {model.path}"
                )
        self._models = tuple(by_name.values())
        self.names = tuple(by_name)
        sizes = [model.min_face for model in self._models if model.min_face is not None]
        self.min_face = min(sizes, default=None)

    def __len__(self) -> int:
        return len(self._models)

    def look(
        self, image: np.ndarray, faces: Sequence[Face], features: np.ndarray
    ) -> tuple[GroupView, ...]:
        """Takes from a picture what each of the models is given of it.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            faces: Its faces, N of them.
            features: What O-Net saw in each, float32 (N, 256).

        Returns:
            One view a model; they share what is the same for several models.
        """
        picture = GroupPicture(image, faces, features)
        return tuple(model.look(picture) for model in self._models)

    def answer(self, pictures: Sequence[tuple[GroupView, ...]]) -> list[dict[str, GroupAnswer]]:
        """Asks every model about all pictures.

        Args:
            pictures: What `look` took from each.

        Returns:
            For each picture the answers by model, without those that had nothing to look at.
        """
        by_model = {
            model.name: model.classify([views[number] for views in pictures])
            for number, model in enumerate(self._models)
        }
        return [
            {name: answers[i] for name, answers in by_model.items() if answers[i] is not None}
            for i in range(len(pictures))
        ]
