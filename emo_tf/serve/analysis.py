"""Whole photos: who is in them and how they appear, for the server."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.model_metadata import EMOTIC
from emo_tf.results import PhotoResult
from emo_tf.runtime.analyzer import Analyzer, BoxedPhoto
from emo_tf.serve.analysis_models import AnalysisModels
from emo_tf.serve.settings import MAX_PIXELS

_NAMELESS = "image"
_FIRST_SIDE = 96
"""Width and height of the picture that the networks are warmed up with."""


@dataclass(frozen=True)
class Upload:
    """An encoded picture, `content`, and the `name` that its sender calls it by."""

    name: str
    content: bytes


@dataclass(frozen=True)
class AnalysisSettings:
    """How photos are looked at; see `emo_tf.runtime.analyzer.Analyzer`.

    Attributes:
        min_face: Length in pixels of the smallest face looked for; the models' own if `None`.
        group: Whether to give a verdict on the picture as a whole.
        max_pixels: Pictures with more pixels are refused.
        person_detector: A `.tflite` file that finds people.
        ensemble: A file that joins verdicts into one.
        models: Names of the served models to use; all of fitting tasks if there is none.
    """

    min_face: float | None = None
    group: bool = True
    max_pixels: int = MAX_PIXELS
    person_detector: Path | None = None
    ensemble: Path | None = None
    models: tuple[str, ...] = ()


class PhotoAnalysis:
    """Answers uploaded pictures with the JSON of their `PhotoResult`.

    Args:
        models: The models that look at photos.
        settings: How they are looked at.
        workers: Threads that may ask at once; each has networks of its own.

    Attributes:
        name: For metrics and logs.
        parts: The models by task, as JSON has them: model and version; `group` is `None` where no
            verdict is given.

    Raises:
        EmoError: A file or a setting cannot be used, or they do not go together.
    """

    name = "analyze"

    def __init__(self, models: AnalysisModels, *, settings: AnalysisSettings, workers: int):
        if settings.person_detector is not None and models.emotic is None:
            raise EmoError(
                f"--person-detector {settings.person_detector}: expected a served model of task "
                f"{EMOTIC} too, which looks at the people found. Received: none"
            )
        self.parts = models.to_dict()
        self._analyzers = [
            Analyzer(
                expression_model=models.expression.file,
                context_model=models.emotic.file if models.emotic else None,
                group_models=[model.file for model in models.group or ()],
                person_detector=settings.person_detector,
                ensemble=settings.ensemble,
                min_face=settings.min_face,
                group=settings.group,
                max_pixels=settings.max_pixels,
                threads=1,
            )
            for _ in range(workers)
        ]
        self._warm_up(settings.max_pixels)

    def answer(self, worker: int, requests: Sequence[Upload]) -> list[bytes | EmoError]:
        """Analyses pictures, faces and people of several together.

        Args:
            worker: Number of the thread, from 0.
            requests: The pictures.

        Returns:
            For each a JSON object in UTF-8, or why it cannot be read.
        """
        sources = ((upload.name or _NAMELESS, upload.content) for upload in requests)
        return [_answer(result) for result in self._analyzers[worker].analyze_many(sources)]

    def _warm_up(self, max_pixels: int) -> None:
        """Lets the networks that need no face answer once, as their first answer takes longest."""
        side = min(_FIRST_SIDE, math.isqrt(max_pixels))
        picture = np.zeros((side, side, 3), np.uint8)
        for analyzer in self._analyzers:
            analyzer.analyze(BoxedPhoto(("warm-up", picture), ((0, 0, side, side),)))


def _answer(result: PhotoResult) -> bytes | EmoError:
    if result.error is not None:
        return EmoError(result.error)
    # What a sender calls a picture may hold halves of characters, which UTF-8 has no bytes for.
    return result.to_json().encode("utf-8", "replace")
