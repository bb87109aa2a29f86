"""Finds faces and their landmarks: the MTCNN cascade."""

import copy
from collections.abc import Sequence

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.results import Face
from emo_tf.runtime.box_ops import (
    edges,
    intersection_over_smaller,
    shift_edges,
    square,
    suppress,
)
from emo_tf.runtime.face_pyramid import STRIDE, WINDOW, FacePyramid
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.runtime.window_sampling import sample_windows
from emo_tf.weights import weight_path

MIN_FACE = 40
FEATURES = 256

# Batches: more at a time is no faster, and lets the networks' maps fall out of the cache.
TILES = 4
CANDIDATES = 32

# Overlaps above which the lower score goes: within a level, between levels, after R-Net and,
# against the smaller of the two boxes, after O-Net.
LEVEL_OVERLAP, PYRAMID_OVERLAP, REFINED_OVERLAP, FINAL_OVERLAP = 0.5, 0.7, 0.7, 0.7


class FaceDetector:
    """Finds faces with three networks, each sifting and refining what the one before let through.

    At `min_face=20` it gives the faces of the PyPI package `mtcnn` 1.0.0 at its default settings.
    Faces below about `min_face` pixels are not looked for; time falls with its square.

    Args:
        min_face: Side in pixels of the smallest face looked for, at least 12.
        scale_factor: Step between the sizes looked for, above 0, below 1.
        thresholds: Scores that a candidate needs after P-Net, R-Net and O-Net, 0 to 1.
        threads: Threads for the networks; the machine's number of cores if `None`.

    Attributes:
        min_face: As given.

    Raises:
        EmoError: A setting is out of its range.

    Reference:
        Zhang et al. 2016, "Joint face detection and alignment using multitask cascaded
        convolutional networks".
    """

    def __init__(
        self,
        *,
        min_face: float = MIN_FACE,
        scale_factor: float = 0.709,
        thresholds: tuple[float, float, float] = (0.6, 0.7, 0.8),
        threads: int | None = None,
    ):
        _check_min_face(min_face)
        if not 0 < scale_factor < 1:
            raise EmoError(f"scale_factor: expected above 0 and below 1. Received: {scale_factor}")
        if len(thresholds) != 3 or not all(0 <= threshold <= 1 for threshold in thresholds):
            raise EmoError(f"thresholds: expected three from 0 to 1. Received: {thresholds}")
        self.min_face = min_face
        self._scale_factor = scale_factor
        self._thresholds = thresholds
        self._pnet, self._rnet, self._onet = (
            LiteRTModel(weight_path(f"mtcnn_{name}"), threads=threads)
            for name in ("pnet", "rnet", "onet")
        )

    def with_min_face(self, min_face: float) -> "FaceDetector":
        """Returns a detector of faces of another size that shares this one's networks.

        Raises:
            EmoError: `min_face` is out of its range.
        """
        _check_min_face(min_face)
        other = copy.copy(self)
        other.min_face = min_face
        return other

    def detect(self, image: np.ndarray) -> tuple[Face, ...]:
        """Finds the faces of a picture.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).

        Returns:
            The faces by falling score, none in a picture smaller than `min_face`. Boxes end at
            the picture's border; landmarks may lie beyond it.

        Raises:
            EmoError: The picture has another shape or type.
        """
        return self.detect_with_features(image)[0]

    def detect_with_features(self, image: np.ndarray) -> tuple[tuple[Face, ...], np.ndarray]:
        """As `detect`, with what the last network saw in each face.

        Returns:
            The F faces, and the 256 units of O-Net's last hidden layer for each, float32
            (F, 256).
        """
        return self.detect_many([image])[0]

    def detect_many(
        self, images: Sequence[np.ndarray]
    ) -> list[tuple[tuple[Face, ...], np.ndarray]]:
        """As `detect_with_features` of each picture; small ones share P-Net's tiles.

        Args:
            images: One or more upright RGB pictures, each uint8 (H, W, 3).

        Returns:
            For each picture what `detect_with_features` gives, to the last digit.
        """
        for image in images:
            _check_image(image)
        proposed = self._propose(images)
        return [self._among(*pair) for pair in zip(images, proposed, strict=True)]

    def refine(
        self, image: np.ndarray, boxes_xywh: Sequence[Sequence[float]], *, min_score: float
    ) -> tuple[list[Face | None], np.ndarray]:
        """Looks again where faces should be, with the last network alone.

        That takes a small part of what `detect` takes, and is enough to follow faces from one
        frame of a video to the next.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            boxes_xywh: About where the F faces are, in pixels.
            min_score: Score that a face needs, 0 to 1.

        Returns:
            For each box the face in it or `None`, and what the network saw there, float32
            (F, 256). Two boxes may hold the same face.

        Raises:
            EmoError: The picture has another shape or type.
        """
        _check_image(image)
        windows = square(edges(boxes_xywh))
        if not len(windows):
            return [], np.empty((0, FEATURES), np.float32)
        boxes, scores, landmarks, features = self._look(image, windows)
        faces = _faces(image, boxes, scores, landmarks)
        return [face if face and face.score > min_score else None for face in faces], features

    def _propose(self, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Returns P-Net's candidates in each picture as squares, shape (N, 4)."""
        pyramid = FacePyramid(*images, min_face=self.min_face, scale_factor=self._scale_factor)
        origins = np.array([(p.left - p.x, p.top - p.y) for p in pyramid.pieces]).reshape(-1, 2)
        levels = np.array([piece.picture for piece in pyramid.pieces], int)
        found = [(np.empty((0, 2), int), np.empty((0, 4)), np.empty(0), np.empty(0, int))]
        for batch in pyramid.batches(TILES):
            outputs = self._pnet(**_whole_and_fraction(batch.pixels))
            score, box = outputs["score"][..., 0], outputs["box"]
            hits = np.nonzero((score > self._thresholds[0]) & (batch.owners >= 0))
            owners = batch.owners[hits]
            corners = STRIDE * np.stack(hits[:0:-1], axis=1) + origins[owners] + 1
            windows = np.hstack([corners, corners + WINDOW - 1])
            # The offsets count in widths of the window from its first to its last pixel.
            windows = windows + box[hits] * (WINDOW - 1.0)
            found.append((corners, windows, score[hits], levels[owners]))
        corners, boxes, scores, levels = map(np.concatenate, zip(*found, strict=True))
        # From left to right, from top to bottom: of equal scores the first wins, wherever on the
        # tiles it stood.
        in_order = np.lexsort((corners[:, 0], corners[:, 1], levels))
        boxes, scores, levels = boxes[in_order], scores[in_order], levels[in_order]
        kept: list[list[np.ndarray]] = [[np.empty(0, int)] for _ in images]
        for level, (image, scale) in enumerate(zip(pyramid.images, pyramid.scales, strict=True)):
            start, stop = np.searchsorted(levels, [level, level + 1])
            boxes[start:stop] /= scale
            best = suppress(boxes[start:stop], scores[start:stop], threshold=LEVEL_OVERLAP)
            kept[image].append(start + best)
        proposed = []
        for of_image in map(np.concatenate, kept):
            best = suppress(boxes[of_image], scores[of_image], threshold=PYRAMID_OVERLAP)
            proposed.append(square(boxes[of_image[best]]))
        return proposed

    def _among(
        self, image: np.ndarray, candidates: np.ndarray
    ) -> tuple[tuple[Face, ...], np.ndarray]:
        """Returns the faces among P-Net's candidates, and what O-Net saw in them."""
        if len(candidates):
            candidates = self._sift(image, candidates)
        if not len(candidates):
            return (), np.empty((0, FEATURES), np.float32)
        boxes, scores, landmarks, features = self._decide(image, candidates)
        faces = _faces(image, boxes, scores, landmarks)
        visible = [face is not None for face in faces]
        return tuple(face for face in faces if face), features[visible]

    def _sift(self, image: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """Returns the candidates that R-Net lets through, as squares, shape (N, 4)."""
        outputs = _run(self._rnet, image, boxes, _whole_and_fraction)
        scores = outputs["score"][:, 0]
        kept = scores > self._thresholds[1]
        boxes, scores = shift_edges(boxes, outputs["box"])[kept], scores[kept]
        return square(boxes[suppress(boxes, scores, threshold=REFINED_OVERLAP)])

    def _decide(self, image: np.ndarray, windows: np.ndarray) -> tuple[np.ndarray, ...]:
        """Returns boxes (F, 4), scores (F,), landmarks (F, 5, 2) and features (F, 256)."""
        boxes, scores, landmarks, features = self._look(image, windows)
        passed = np.flatnonzero(scores > self._thresholds[2])
        best = passed[
            suppress(
                boxes[passed],
                scores[passed],
                threshold=FINAL_OVERLAP,
                overlap=intersection_over_smaller,
            )
        ]
        return boxes[best], scores[best], landmarks[best], features[best]

    def _look(self, image: np.ndarray, windows: np.ndarray) -> tuple[np.ndarray, ...]:
        """Returns what O-Net says of each window, in the order of `_decide`."""
        outputs = _run(self._onet, image, windows, _whole)
        boxes, scores = shift_edges(windows, outputs["box"]), outputs["score"][:, 0]
        sides = windows[:, None, 2:] - windows[:, None, :2] + 1
        landmarks = windows[:, None, :2] - 1 + sides * outputs["landmarks"].reshape(-1, 5, 2)
        return boxes, scores, landmarks, outputs["features"]


def _faces(
    image: np.ndarray, boxes: np.ndarray, scores: np.ndarray, landmarks: np.ndarray
) -> list[Face | None]:
    """Makes faces of boxes (F, 4), which are cut off at the border; `None` for one beyond it."""
    height, width = image.shape[:2]
    boxes = np.clip(boxes, 0, [width, height, width, height])
    return [
        Face(
            box_xywh=(x1, y1, x2 - x1, y2 - y1),
            score=score,
            landmarks=tuple(map(tuple, points)),
        )
        if x1 < x2 and y1 < y2
        else None
        for (x1, y1, x2, y2), score, points in zip(
            boxes.tolist(), scores.tolist(), landmarks.tolist(), strict=True
        )
    ]


def _check_image(image: np.ndarray) -> None:
    wanted = "image: expected an array of uint8 and shape (H, W, 3)."
    if not isinstance(image, np.ndarray):
        raise EmoError(f"{wanted} Received: {type(image).__name__}")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise EmoError(f"{wanted} Received: {image.dtype} of shape {image.shape}")


def _whole_and_fraction(pixels: np.ndarray) -> dict[str, np.ndarray]:
    """Splits 256ths of a grey level, uint16, into the two images that P-Net and R-Net take."""
    return {"image": (pixels >> 8).astype(np.uint8), "fraction": pixels.astype(np.uint8)}


def _whole(pixels: np.ndarray) -> dict[str, np.ndarray]:
    """Rounds 256ths of a grey level, uint16, to the image that O-Net takes."""
    return {"image": ((pixels + 128) >> 8).astype(np.uint8)}


def _check_min_face(min_face: float) -> None:
    if not min_face >= WINDOW:
        raise EmoError(f"min_face: expected {WINDOW} pixels or more. Received: {min_face}")


def _run(network: LiteRTModel, image: np.ndarray, boxes: np.ndarray, to_inputs) -> dict:
    """Runs a network on what lies in the boxes, a batch at a time."""
    side = network.metadata.inputs["image"].height
    batches = [
        network(**to_inputs(sample_windows(image, boxes[start : start + CANDIDATES], side)))
        for start in range(0, len(boxes), CANDIDATES)
    ]
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
