"""The one entry point: a picture in, everything that is recognised in it out."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emo_tf.errors import EmoError, in_place
from emo_tf.results import Expression, Person, PhotoResult
from emo_tf.runtime.close_up import find_faces_of_many
from emo_tf.runtime.expression import ExpressionClassifier
from emo_tf.runtime.face_detector import MIN_FACE, FaceDetector
from emo_tf.runtime.group_answer import GroupAnswer
from emo_tf.runtime.image_io import MAX_PIXELS, read_image
from emo_tf.runtime.photo_window import WaitingPhoto, is_full, is_worth_a_look, shared_time
from emo_tf.runtime.picture_parts import open_picture_parts

if TYPE_CHECKING:
    from emo_tf.runtime.scene_labels import SceneLabels
    from emo_tf.runtime.scene_network import SceneNetwork

Source = str | Path | bytes | np.ndarray | tuple[str, bytes | np.ndarray]
"""A picture: its path, its encoded bytes or its pixels; or a name and its bytes or pixels."""


@dataclass(frozen=True)
class BoxedPhoto:
    """A picture of which it is known where its people are.

    Attributes:
        source: The picture.
        boxes_xywh: Boxes `[x, y, width, height]` of its people in pixels, in the order in which
            the result has them.
    """

    source: Source
    boxes_xywh: tuple[tuple[float, ...], ...]


class Analyzer:
    """Finds the faces of a picture and recognises their apparent expressions.

    With a model of people in context, it also finds the people and recognises the apparent emotion
    that body and scene speak of: those whose boxes are given (`BoxedPhoto`), or those that
    `person_detector` finds, or one for each face, whose body is guessed from it.

    The verdict on the picture as a whole comes from the faces, or from more; see `GroupJudge`.

    Args:
        expression_model: A `.tflite` file of the task `expression`; the shipped one if `None`.
        min_face: Length in pixels of the smallest face looked for. If `None`, the shortest that one
            of the `group_models` learnt from, else `face_detector.MIN_FACE`.
        threads: Threads for the networks; the machine's number of cores if `None`.
        group: Whether to give a verdict on the picture as a whole.
        max_pixels: Pictures with more pixels are refused.
        context_model: A `.tflite` file of the task `emotic`; results have no `people` if `None`.
        person_detector: A `.tflite` file that finds people; see `PersonDetector`.
        group_models: `.tflite` files of the task `group`.
        ensemble: A file that joins verdicts into one, see `Ensemble`; if `None`, several
            `group_models` are averaged.
        scene_network: A network that joins scene labels with faces, or its file; see
            `SceneNetwork`. It needs `scene_labels`.
        scene_labels: Scene labels by picture, or their file; see `SceneLabels`.
        **detector_options: Other settings of `FaceDetector`.

    Attributes:
        min_face: Length in pixels of the smallest face looked for.

    Raises:
        EmoError: A setting or a file cannot be used, or they do not go together.

    Example:
        >>> result = Analyzer().analyze("family.jpg")
        >>> [face.expression.label for face in result.faces]
        ['happy', 'happy', 'neutral']
    """

    def __init__(
        self,
        *,
        expression_model: Path | None = None,
        min_face: float | None = None,
        threads: int | None = None,
        group: bool = True,
        max_pixels: int = MAX_PIXELS,
        context_model: Path | None = None,
        person_detector: Path | None = None,
        group_models: Sequence[Path] = (),
        ensemble: Path | None = None,
        scene_network: "Path | SceneNetwork | None" = None,
        scene_labels: "Path | SceneLabels | None" = None,
        **detector_options,
    ):
        parts = open_picture_parts(
            group=group,
            context_model=context_model,
            person_detector=person_detector,
            group_models=group_models,
            ensemble=ensemble,
            scene_network=scene_network,
            scene_labels=scene_labels,
            threads=threads,
        )
        self._people, self._group_models, self._judge = (
            parts.people,
            parts.group_models,
            parts.judge,
        )
        if min_face is None:
            min_face = self._group_models.min_face or MIN_FACE
        self.min_face = min_face
        self._detector = FaceDetector(min_face=min_face, threads=threads, **detector_options)
        self._classifier = ExpressionClassifier(expression_model, threads=threads)
        self._nobody = self._no_face = f"no face of at least {min_face:g} pixels found"
        if person_detector is not None:
            self._nobody = f"no face of at least {min_face:g} pixels and no person found"
        self._max_pixels = max_pixels

    def analyze(self, source: Source | BoxedPhoto) -> PhotoResult:
        """Analyses one picture.

        Returns:
            The result; where nobody was found it is empty and gives the `reason`.

        Raises:
            EmoError: The picture cannot be read, or a given box has no area in it.
        """
        photo = self._opened(source)
        self._find_faces([photo])
        self._cut_out(photo, keep_image=False)
        return next(self._finished([photo]))[0]

    def analyze_many(self, sources: Iterable[Source | BoxedPhoto]) -> Iterator[PhotoResult]:
        """Analyses pictures one after the other in constant memory.

        Small pictures share the face detector's work, faces of several pictures go through the
        expression model together, people likewise, so a result may come some pictures late. A
        picture that cannot be read, or whose given boxes cannot be, gives a result with its
        `error`.

        Yields:
            One result a source, in the order of the sources.
        """
        for result, _ in self._analyzed(sources, keep_images=False):
            yield result

    def analyze_with_images(
        self, sources: Iterable[Source | BoxedPhoto]
    ) -> Iterator[tuple[PhotoResult, np.ndarray | None]]:
        """As `analyze_many`, with the decoded picture of each result for whoever draws on it.

        Yields:
            The result and the upright RGB picture, uint8 (H, W, 3), or `None` after an error.
        """
        yield from self._analyzed(sources, keep_images=True)

    def _analyzed(self, sources, *, keep_images):
        window = deque()
        for photo in self._looked_at(sources, keep_images=keep_images):
            window.append(photo)
            if is_full(window):
                yield from self._finished(window)
                window.clear()
        yield from self._finished(window)

    def _looked_at(self, sources, *, keep_images) -> Iterator[WaitingPhoto]:
        """Decodes the pictures, finds their faces and people and cuts them out."""
        opened = []
        for source in sources:
            try:
                opened.append(self._opened(source))
            except EmoError as error:
                opened.append(WaitingPhoto(_name(source), error=str(error)))
            if is_worth_a_look(opened):
                yield from self._prepared(opened, keep_images=keep_images)
                opened = []
        yield from self._prepared(opened, keep_images=keep_images)

    def _opened(self, source: Source | BoxedPhoto) -> WaitingPhoto:
        """Decodes the picture."""
        name, boxes_xywh = _name(source), None
        if isinstance(source, BoxedPhoto):
            source, boxes_xywh = source.source, source.boxes_xywh
        content = source[1] if isinstance(source, tuple) else source
        photo = WaitingPhoto(name, boxes_xywh=boxes_xywh)
        with shared_time([photo], "decode", [1]):
            photo.image = read_image(content, max_pixels=self._max_pixels, name=name)
        photo.height, photo.width = photo.image.shape[:2]
        return photo

    def _prepared(self, opened: Sequence[WaitingPhoto], *, keep_images) -> Iterator[WaitingPhoto]:
        """Finds the faces of all pictures together, then what else there is in each."""
        self._find_faces([photo for photo in opened if photo.error is None])
        for photo in opened:
            if photo.error is None:
                try:
                    self._cut_out(photo, keep_image=keep_images)
                except EmoError as error:
                    photo = WaitingPhoto(photo.name, error=str(error))
            yield photo

    def _find_faces(self, photos: Sequence[WaitingPhoto]) -> None:
        """Finds the faces of all pictures together and books the time on each picture."""
        if not photos:
            return
        with shared_time(photos, "detect", [photo.width * photo.height for photo in photos]):
            found = find_faces_of_many(self._detector, [photo.image for photo in photos])
        for photo, (faces, features) in zip(photos, found, strict=True):
            photo.faces, photo.features = faces, features

    def _cut_out(self, photo: WaitingPhoto, *, keep_image: bool) -> None:
        """Finds the picture's people and cuts out what the networks look at."""
        image = photo.image
        with shared_time([photo], "expression", [1]):
            photo.crops = self._classifier.crop(image, photo.faces)
        if self._people:
            with shared_time([photo], "people", [1]), in_place(photo.name):
                photo.people = self._people.find(image, photo.faces, boxes_xywh=photo.boxes_xywh)
        if self._group_models:
            with shared_time([photo], "group", [1]):
                photo.group_views = self._group_models.look(image, photo.faces, photo.features)
        if not keep_image:
            photo.image = None

    def _finished(self, window: Collection[WaitingPhoto]):
        """Classifies what is in the pictures of the window together and gives their results."""
        expressions = iter(self._expressions(window))
        people = iter(self._recognized_people(window))
        answers = iter(self._answers_on_groups(window))
        for photo in window:
            if photo.error is not None:
                yield PhotoResult(photo.name, error=photo.error), None
                continue
            faces = tuple(replace(face, expression=next(expressions)) for face in photo.faces)
            found = next(people) if photo.people is not None else ()
            group, reason = None, None if faces or found else self._nobody
            if self._judge:
                unseen = self._no_face if found else self._nobody
                group, unjudged = self._judge.judge(photo.name, faces, next(answers), unseen=unseen)
                reason = unjudged or reason
            result = PhotoResult(
                photo.name,
                width=photo.width,
                height=photo.height,
                faces=faces,
                people=found,
                group=group,
                reason=reason,
                timings_ms=photo.timings_ms | {"total": sum(photo.timings_ms.values())},
            )
            yield result, photo.image

    def _expressions(self, window: Collection[WaitingPhoto]) -> list[Expression]:
        """Classifies the faces of all pictures together and books the time on each picture."""
        with_faces = [photo for photo in window if photo.faces]
        if not with_faces:
            return []
        with shared_time(with_faces, "expression", [len(photo.faces) for photo in with_faces]):
            return self._classifier.classify(np.concatenate([p.crops for p in with_faces]))

    def _recognized_people(self, window: Collection[WaitingPhoto]) -> list[tuple[Person, ...]]:
        """Recognises the people of all pictures together and books the time on each picture."""
        with_model = [photo for photo in window if photo.people is not None]
        if not with_model:
            return []
        with shared_time(with_model, "people", [len(photo.people) for photo in with_model]):
            return self._people.recognize([photo.people for photo in with_model])

    def _answers_on_groups(self, window: Collection[WaitingPhoto]) -> list[dict[str, GroupAnswer]]:
        """Asks the models of groups about all pictures together and books the time on each."""
        photos = [photo for photo in window if photo.error is None]
        if not self._group_models or not photos:
            return [{} for _ in photos]
        with shared_time(photos, "group", [1] * len(photos)):
            return self._group_models.answer([photo.group_views for photo in photos])


def _name(source: Source | BoxedPhoto) -> str:
    if isinstance(source, BoxedPhoto):
        return _name(source.source)
    if isinstance(source, tuple):
        return source[0]
    if isinstance(source, bytes):
        return "<bytes>"
    return "<array>" if isinstance(source, np.ndarray) else str(source)
