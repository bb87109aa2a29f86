"""Follows faces through a video."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.results import Face
from emo_tf.runtime.box_motion import BoxMotion
from emo_tf.runtime.box_ops import edges, intersection_over_union, suppress
from emo_tf.runtime.close_up import find_faces_with_features
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.shot_change import ShotChange
from emo_tf.runtime.track_matching import match

DETECT_EVERY = 5
LOST_AFTER_S = 1.0

_DETECT_AT_LEAST_EVERY_S = 0.5
# Scores of a face that is followed from the start, of one that is followed once it is found again,
# and of one that was there in the frame before.
_SURE, _START, _FOLLOW = 0.99, 0.9, 0.6
_PATIENCE = 2
"""Frames for which a face that is not seen is still looked for where it should be."""

_SAME = 0.5
"""Overlap above which two boxes hold the same face."""


@dataclass(frozen=True, eq=False)
class FaceTrack:
    """A face that is followed, as seen in one frame.

    Attributes:
        id: Its number, from 1.
        face: As the detector saw it in this frame.
        box_xywh: Its box in pixels, smoothed over time.
        features: What O-Net saw in it, float32 (256,).
    """

    id: int
    face: Face
    box_xywh: tuple[float, float, float, float]
    features: np.ndarray


@dataclass(eq=False)
class _Followed:
    motion: BoxMotion
    seen: "_Seen"
    seen_s: float
    id: int | None = None
    missed: int = 0


@dataclass(frozen=True, eq=False)
class _Seen:
    face: Face
    features: np.ndarray
    is_detected: bool


class FaceTracker:
    """Follows the faces of a video, frame by frame, in constant memory.

    Every few frames the detector looks at the whole frame; in between its last network alone looks
    again where motion puts each face. Faces found are paired with those followed, all at once, by
    overlap and distance. A face that is hidden keeps its number if it is back in time; meanwhile it
    is not among the results.

    A face counts once it was detected twice, or at once if the detector is sure of it; it has to
    begin with the detector's `min_face` pixels in height or width. In another shot everyone is new.

    Args:
        detector: Finds the faces.
        detect_every: Frames from one detection to the next; there is one at least every half
            second too, and where a face was just lost one out of turn between them.
        lost_after_s: Seconds after which a face that was looked for in vain is given up.

    Raises:
        EmoError: A setting is out of its range.
    """

    def __init__(
        self,
        detector: FaceDetector,
        *,
        detect_every: int = DETECT_EVERY,
        lost_after_s: float = LOST_AFTER_S,
    ):
        if detect_every < 1:
            raise EmoError(f"detect_every: expected 1 or more. Received: {detect_every}")
        if not 0 <= lost_after_s < float("inf"):
            raise EmoError(f"lost_after_s: expected 0 or more seconds. Received: {lost_after_s}")
        self._detector = detector
        self._detect_every = detect_every
        self._lost_after_s = lost_after_s
        self._shots = ShotChange()
        self._followed: list[_Followed] = []
        self._given = 0
        self._since_detection = detect_every
        self._detected_s = 0.0
        self._may_detect_out_of_turn = True

    @property
    def ids(self) -> frozenset[int]:
        """Numbers of the faces that are not given up, seen or not."""
        return frozenset(one.id for one in self._followed if one.id is not None)

    def update(self, image: np.ndarray, time_s: float) -> tuple[FaceTrack, ...]:
        """Takes in the next frame.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            time_s: When it is shown, not before the last one.

        Returns:
            The faces that are seen in it, by their numbers.
        """
        self._since_detection += 1
        if self._shots.update(image, time_s):
            self._followed.clear()
            self._since_detection = self._detect_every
        self._give_up(time_s)
        for one in self._followed:
            one.missed += 1
        late = time_s - self._detected_s >= _DETECT_AT_LEAST_EVERY_S
        if late or self._since_detection >= self._detect_every:
            self._detect(image, time_s)
            self._look_again(image, time_s)
            self._may_detect_out_of_turn = True
        else:
            self._look_again(image, time_s)
            just_lost = any(one.missed == 1 and one.id is not None for one in self._followed)
            if just_lost and self._may_detect_out_of_turn:
                self._detect(image, time_s)
                self._may_detect_out_of_turn = False
        seen = [one for one in self._followed if one.missed == 0 and one.id is not None]
        height, width = image.shape[:2]
        return tuple(
            FaceTrack(
                one.id,
                one.seen.face,
                _inside(one.motion.box_xywh, width=width, height=height),
                one.seen.features,
            )
            for one in sorted(seen, key=lambda one: one.id)
        )

    def _give_up(self, time_s: float) -> None:
        self._followed = [
            one
            for one in self._followed
            # Of frames far apart, the next one is the first chance to see a face again.
            if (one.missed == 0 or time_s - one.seen_s <= self._lost_after_s)
            and (one.id is not None or one.missed <= _PATIENCE)
        ]

    def _detect(self, image: np.ndarray, time_s: float) -> None:
        """Finds faces in the whole frame, and begins to follow the new ones."""
        self._since_detection, self._detected_s = 0, time_s
        faces, features = find_faces_with_features(self._detector, image)
        seen = [_Seen(face, row, True) for face, row in zip(faces, features, strict=True)]
        for one in self._pair(seen, time_s):
            is_long = max(one.face.box_xywh[2:]) >= self._detector.min_face
            if is_long and one.face.score >= _START and not self._overlaps(one.face):
                new = _Followed(BoxMotion(one.face.box_xywh, time_s), one, time_s)
                self._followed.append(new)
                if one.face.score >= _SURE:
                    self._number(new)

    def _look_again(self, image: np.ndarray, time_s: float) -> None:
        """Looks for the faces that were there a moment ago where motion puts them."""
        unseen = [one for one in self._followed if 0 < one.missed <= _PATIENCE]
        expected = [one.motion.predict(time_s) for one in unseen]
        faces, features = self._detector.refine(image, expected, min_score=_FOLLOW)
        seen = [_Seen(face, row, False) for face, row in zip(faces, features, strict=True) if face]
        seen = [one for one in seen if not self._overlaps(one.face, missed=0)]
        boxes = edges(one.face.box_xywh for one in seen)
        scores = np.array([one.face.score for one in seen])
        kept = suppress(boxes, scores, threshold=_SAME)
        self._pair([seen[index] for index in kept], time_s)

    def _pair(self, seen: Sequence[_Seen], time_s: float) -> list[_Seen]:
        """Pairs what was seen with those not seen yet in this frame; returns what is left over."""
        unseen = [one for one in self._followed if one.missed > 0]
        pairs = match(
            [one.motion.predict(time_s) for one in unseen],
            [time_s - one.seen_s for one in unseen],
            [one.face.box_xywh for one in seen],
        )
        for row, column in pairs:
            one = unseen[row]
            one.seen, one.seen_s, one.missed = seen[column], time_s, 0
            one.motion.measure(one.seen.face.box_xywh, time_s)
            if one.id is None and one.seen.is_detected:
                self._number(one)
        taken = {column for _, column in pairs}
        return [one for index, one in enumerate(seen) if index not in taken]

    def _overlaps(self, face: Face, *, missed: int = _PATIENCE) -> bool:
        """Whether a face is one that was seen at most so many frames ago."""
        boxes = [one.seen.face.box_xywh for one in self._followed if one.missed <= missed]
        shares = intersection_over_union(edges([face.box_xywh]), edges(boxes))
        return bool((shares > _SAME).any())

    def _number(self, one: _Followed) -> None:
        self._given += 1
        one.id = self._given


def _inside(
    box_xywh: tuple[float, float, float, float], *, width: int, height: int
) -> tuple[float, float, float, float]:
    ((left, top, right, bottom),) = np.clip(edges([box_xywh]), 0, [width, height] * 2).tolist()
    return left, top, right - left, bottom - top
