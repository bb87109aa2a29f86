"""Draws what was recognised onto the frames of a video, with a strip of time under them."""

import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from emo_tf.errors import EmoError
from emo_tf.results import Person, PhotoResult
from emo_tf.runtime.annotate_faces import (
    draw_face_bar,
    draw_face_box,
    draw_face_labels,
    expression_wordings,
    face_colour,
    place_face_labels,
)
from emo_tf.runtime.annotate_group import Band, draw_band, plan_band
from emo_tf.runtime.annotate_people import (
    boxes_of,
    draw_bodies,
    draw_people_labels,
    kept_inside,
)
from emo_tf.runtime.timeline import Timeline
from emo_tf.video_results import FrameResult, TrackedFace

_LEGIBLE_WIDTH = 480
_TALLEST = 1080  # of a picture that is enlarged
_GROUND = (16, 18, 22)


class VideoAnnotator:
    """Draws tracks, people and the group's verdict, and below them a strip of time.

    Each face has its box, coloured by expression, with a bar as long as the expression is
    probable, and a label that begins with the number of its track. Pictures that are narrower
    than some 480 pixels are enlarged by a whole factor. The size does not change from frame to
    frame, and the memory does not grow with the video.

    Args:
        width: Pixels of a frame.
        height: Likewise.
        start_s: When the first frame that will come is shown.
        duration_s: Seconds from there to the end; `None` where that is not known: the strip then
            shows the last half minute.
        group: Whether to keep a line and a row for the verdict on the group.

    Attributes:
        size: Width and height of what `annotate` returns.

    Example:
        >>> annotator = VideoAnnotator(width=640, height=360, duration_s=12.0)
        >>> for result, image in VideoAnalyzer().analyze(frames, source="clip.mp4"):
        ...     writer.write(annotator.annotate(image, result), result.time_s)

    Raises:
        EmoError: A side has no pixel.
    """

    def __init__(
        self,
        *,
        width: int,
        height: int,
        start_s: float = 0.0,
        duration_s: float | None = None,
        group: bool = False,
    ):
        if min(width, height) < 1:
            raise EmoError(
                f"width, height: expected at least one pixel. Received: {width} and {height}"
            )
        self._given = (height, width, 3)
        largest = max(1, _TALLEST // height)
        self._factor = max(1, min(round(_LEGIBLE_WIDTH / width), largest))
        width, height = width * self._factor, height * self._factor
        extent = math.sqrt(width * height)
        self._font_size = max(12.0, 0.022 * extent)
        self._line_width = max(1, round(self._font_size / 7))
        self._picture_height, self.size = height, (width, height)
        # The shortest text has the largest letters.
        band = self._planned_band(FrameResult("", 0, start_s)) if group else None
        self._band_height = band.height if band else 0
        self._timeline = Timeline(
            width,
            font_size=max(11.0, 0.015 * extent),
            start_s=start_s,
            duration_s=duration_s,
            group=group,
        )
        total = height + self._band_height + self._timeline.height
        self.size = (width, total + total % 2)

    def annotate(self, image: np.ndarray, result: FrameResult) -> np.ndarray:
        """Returns a new picture with the result drawn onto it and the strip below.

        Args:
            image: uint8 RGB pixels of shape (H, W, 3), the frame that was analysed.
            result: What was recognised in it; results come in the order of time.

        Returns:
            uint8 RGB pixels of shape (`size[1]`, `size[0]`, 3).

        Raises:
            EmoError: Pixels of another type or shape.
        """
        if image.dtype != np.uint8 or image.shape != self._given:
            raise EmoError(
                f"image: expected uint8 pixels of shape {self._given}. "
                f"Received: {image.dtype} of shape {image.shape}"
            )
        width, height = self.size
        canvas = np.empty((height, width, 3), np.uint8)
        picture, below = np.split(canvas, [self._picture_height])
        if self._factor > 1:
            cv2.resize(image, picture.shape[1::-1], dst=picture, interpolation=cv2.INTER_CUBIC)
        else:
            picture[:] = image
        self._draw_found(picture, result)
        below[:] = _GROUND
        verdict, strip = np.split(below, [self._band_height])
        band = self._planned_band(result) if self._band_height else None
        if band:
            draw_band(verdict, band, result.group)
        self._timeline.add(result)
        self._timeline.draw(strip[: self._timeline.height])
        return canvas

    def _draw_found(self, picture: np.ndarray, result: FrameResult) -> None:
        """Draws people and faces, the smallest face last."""
        people = [_enlarged(person, self._factor) for person in result.people]
        draw_bodies(picture, people)
        boxes = boxes_of(result.tracks) * self._factor
        boxes = kept_inside(boxes, picture.shape, inset=self._line_width)
        for index in np.argsort(-boxes[:, 2:].prod(axis=1)):
            face, box, colour = (
                result.tracks[index],
                boxes[index],
                face_colour(result.tracks[index]),
            )
            draw_face_box(picture, box, colour, line_width=self._line_width)
            if face.expression:
                length = face.expression.probabilities[face.expression.label]
                draw_face_bar(picture, box, colour, length=length, line_width=self._line_width)
        self._write_labels(picture, result.tracks, boxes, people)

    def _write_labels(
        self,
        picture: np.ndarray,
        faces: Sequence[TrackedFace],
        boxes: np.ndarray,
        people: Sequence[Person],
    ) -> None:
        outer = boxes + np.array([-0.5, -0.5, 1, 1]) * self._line_width
        area = (0, 0, picture.shape[1], picture.shape[0])
        font, labels = place_face_labels(
            [_wordings(face) for face in faces], outer, area=area, font_size=self._font_size
        )
        written = [label.rectangle for label in labels if label]
        draw_people_labels(picture, people, area=area, keep_clear=np.vstack([outer, *written]))
        faint = np.zeros(len(faces), bool)
        draw_face_labels(picture, faces, labels, font=font, faint=faint)

    def _planned_band(self, result: FrameResult) -> Band | None:
        """Words the verdict in one line, without what each source says."""
        group = result.group and replace(result.group, verdicts={})
        reason = None if group else "no verdict on the group"
        found = PhotoResult(result.source, faces=result.tracks, group=group, reason=reason)
        return plan_band(found, np.empty((0, 4)), (self._picture_height, self.size[0]))


def _wordings(face: TrackedFace) -> list[str]:
    return [f"{face.id} {text}" for text in expression_wordings(face)] + [str(face.id)]


def _enlarged(person: Person, factor: int) -> Person:
    return replace(person, box_xywh=tuple(factor * value for value in person.box_xywh))
