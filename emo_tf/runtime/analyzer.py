"""The one entry point: a picture in, everything that is recognised in it out."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.results import Face, PhotoResult
from emo_tf.runtime.close_up import find_faces
from emo_tf.runtime.expression import BATCH, ExpressionClassifier
from emo_tf.runtime.face_detector import MIN_FACE, FaceDetector
from emo_tf.runtime.group import group_from_faces
from emo_tf.runtime.image_io import MAX_PIXELS, read_image

Source = str | Path | bytes | np.ndarray | tuple[str, bytes | np.ndarray]
"""A picture: its path, its encoded bytes or its pixels; or a name and its bytes or pixels."""

WINDOW_PHOTOS = 16
WINDOW_PIXELS = 16_000_000


@dataclass
class _Photo:
    """A picture whose faces were found, waiting for its turn in the expression batch."""

    name: str
    image: np.ndarray | None = None
    width: int = 0
    height: int = 0
    faces: tuple[Face, ...] = ()
    crops: np.ndarray | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)
    error: str | None = None


class Analyzer:
    """Finds the faces of a picture and recognises their apparent expressions.

    Args:
        expression_model: A `.tflite` file of the task `expression`; the shipped one if `None`.
        min_face: Length in pixels of the smallest face looked for.
        threads: Threads for the networks; the machine's number of cores if `None`.
        group: Whether to give a verdict on the picture as a whole.
        max_pixels: Pictures with more pixels are refused.
        **detector_options: Other settings of `FaceDetector`.

    Raises:
        EmoError: A setting or the model file cannot be used.

    Example:
        >>> result = Analyzer().analyze("family.jpg")
        >>> [face.expression.label for face in result.faces]
        ['happy', 'happy', 'neutral']
    """

    def __init__(
        self,
        *,
        expression_model: Path | None = None,
        min_face: float = MIN_FACE,
        threads: int | None = None,
        group: bool = True,
        max_pixels: int = MAX_PIXELS,
        **detector_options,
    ):
        self._detector = FaceDetector(min_face=min_face, threads=threads, **detector_options)
        self._classifier = ExpressionClassifier(expression_model, threads=threads)
        self._min_face = min_face
        self._group = group
        self._max_pixels = max_pixels

    def analyze(self, source: Source) -> PhotoResult:
        """Analyses one picture.

        Returns:
            The result; without faces it is empty and gives the `reason`.

        Raises:
            EmoError: The picture cannot be read.
        """
        return next(self._finished([self._prepared(source, keep_image=False)]))[0]

    def analyze_many(self, sources: Iterable[Source]) -> Iterator[PhotoResult]:
        """Analyses pictures one after the other in constant memory.

        Faces of several pictures go through the expression model together, so a result may come
        some pictures late. A picture that cannot be read gives a result with its `error`.

        Yields:
            One result a source, in the order of the sources.
        """
        for result, _ in self._analyzed(sources, keep_images=False):
            yield result

    def analyze_with_images(
        self, sources: Iterable[Source]
    ) -> Iterator[tuple[PhotoResult, np.ndarray | None]]:
        """As `analyze_many`, with the decoded picture of each result for whoever draws on it.

        Yields:
            The result and the upright RGB picture, uint8 (H, W, 3), or `None` after an error.
        """
        yield from self._analyzed(sources, keep_images=True)

    def _analyzed(self, sources, *, keep_images):
        window = deque()
        for source in sources:
            try:
                window.append(self._prepared(source, keep_image=keep_images))
            except EmoError as error:
                window.append(_Photo(_name(source), error=str(error)))
            if _is_full(window):
                yield from self._finished(window)
                window.clear()
        yield from self._finished(window)

    def _prepared(self, source: Source, *, keep_image: bool) -> _Photo:
        """Decodes the picture, finds its faces and cuts them out."""
        name = _name(source)
        content = source[1] if isinstance(source, tuple) else source
        start = perf_counter()
        image = read_image(content, max_pixels=self._max_pixels, name=name)
        decoded = perf_counter()
        faces = find_faces(self._detector, image)
        detected = perf_counter()
        crops = self._classifier.crop(image, faces)
        return _Photo(
            name,
            image=image if keep_image else None,
            width=image.shape[1],
            height=image.shape[0],
            faces=faces,
            crops=crops,
            timings_ms={
                "decode": (decoded - start) * 1000,
                "detect": (detected - decoded) * 1000,
                "expression": (perf_counter() - detected) * 1000,
            },
        )

    def _finished(self, window: Iterable[_Photo]):
        """Classifies the faces of all pictures in the window and gives their results."""
        crops = [photo.crops for photo in window if photo.faces]
        start = perf_counter()
        expressions = iter(self._classifier.classify(np.concatenate(crops)) if crops else ())
        spent_ms = (perf_counter() - start) * 1000
        face_count = sum(map(len, crops))
        for photo in window:
            if photo.error is not None:
                yield PhotoResult(photo.name, error=photo.error), None
                continue
            faces = tuple(replace(face, expression=next(expressions)) for face in photo.faces)
            timings_ms = dict(photo.timings_ms)
            if faces:
                timings_ms["expression"] += spent_ms * len(faces) / face_count
            result = PhotoResult(
                photo.name,
                width=photo.width,
                height=photo.height,
                faces=faces,
                group=group_from_faces(faces) if self._group else None,
                reason=None if faces else f"no face of at least {self._min_face:g} pixels found",
                timings_ms=timings_ms | {"total": sum(timings_ms.values())},
            )
            yield result, photo.image


def _is_full(window: Iterable[_Photo]) -> bool:
    kept_pixels = sum(photo.width * photo.height for photo in window if photo.image is not None)
    faces = sum(len(photo.faces) for photo in window)
    return len(window) >= WINDOW_PHOTOS or faces >= BATCH or kept_pixels >= WINDOW_PIXELS


def _name(source: Source) -> str:
    if isinstance(source, tuple):
        return source[0]
    if isinstance(source, bytes):
        return "<bytes>"
    return "<array>" if isinstance(source, np.ndarray) else str(source)
