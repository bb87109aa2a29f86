"""Face detection against the package `mtcnn`: the same faces, the true ones, and the time.

python -m benchmarks.detection --shared ../shared --json detection.json
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from benchmarks.common import main, row, spread
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.box_ops import edges, intersection_over_union
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.image_io import read_image

SUFFIXES = {".jpg", ".png"}
SAME_OVERLAP = 0.9
LANDMARK_SHARE = 0.02
TRUE_OVERLAP = 0.3
ROUNDS = 5
# Against the package alone, by the smallest face looked for; and of the 43 true faces.
TIME_BARS = {20: 1 / 2, 40: 1 / 6}
RECALL_BARS = {20: 43, 40: 42}


def measure(shared: Path) -> list[dict]:
    """Compares the detector with the package at its default settings, its smallest face 20 pixels.

    Args:
        shared: Folder with `photos` and, in `photos/dlib_faces`, their true boxes.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    photos = {path: read_image(path) for path in photographs(shared)}
    package = _Package()
    detectors = {size: FaceDetector(min_face=size) for size in TIME_BARS}
    return [
        same_faces(photos, package, detectors[20]),
        *true_faces(shared / "photos" / "dlib_faces", package, detectors),
        *times(photos, package, detectors),
    ]


class _Package:
    """The package `mtcnn`, with its coordinates unrounded."""

    def __init__(self):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        from mtcnn import MTCNN

        self.detect = MTCNN().detect_faces

    def faces(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns edges (F, 4) and landmarks (F, 5, 2)."""
        found = self.detect(image, box_format="xyxy", output_type="numpy")
        return found[:, 1:5], np.stack([found[:, 6:11], found[:, 11:16]], axis=-1)


def photographs(shared: Path) -> list[Path]:
    """Returns the shared photographs, sorted."""
    return sorted(p for p in (shared / "photos").rglob("*") if p.suffix in SUFFIXES)


def own_faces(detector: FaceDetector, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns edges (F, 4) and landmarks (F, 5, 2)."""
    faces = detector.detect(image)
    boxes = edges(face.box_xywh for face in faces)
    return boxes, np.array([face.landmarks for face in faces]).reshape(-1, 5, 2)


def same_faces(photos: dict, package: _Package, detector: FaceDetector) -> dict:
    """Counts the package's faces that we find with the same box and landmarks, and no others."""
    overlaps, landmark_shares, theirs, ours = [], [], 0, 0
    for image in photos.values():
        boxes, landmarks = package.faces(image)
        own_boxes, own_landmarks = own_faces(detector, image)
        theirs, ours = theirs + len(boxes), ours + len(own_boxes)
        for first, second, overlap in _pairs(boxes, own_boxes):
            width = boxes[first, 2] - boxes[first, 0]
            furthest = np.abs(landmarks[first] - own_landmarks[second]).max()
            overlaps.append(overlap)
            landmark_shares.append(furthest / width)
    same = sum(
        overlap >= SAME_OVERLAP and share <= LANDMARK_SHARE
        for overlap, share in zip(overlaps, landmark_shares, strict=True)
    )
    return row(
        f"Faces as the package's at min_face 20 (IoU ≥ {SAME_OVERLAP}, landmarks within"
        f" {LANDMARK_SHARE:.0%} of the width), {len(photos)} photographs",
        f"{same} of {theirs}",
        bar="all, and no others",
        met=same == theirs == ours,
        details={
            "faces of ours": ours,
            "least IoU": round(min(overlaps), 3),
            "furthest landmark, % of the width": round(100 * max(landmark_shares), 2),
        },
    )


def true_faces(folder: Path, package: _Package, detectors: dict) -> Iterator[dict]:
    """Counts the true faces found, and the boxes that are none."""
    truth = true_boxes(folder)
    total = sum(map(len, truth.values()))
    images = {name: read_image(folder / name) for name in truth}

    def count(boxes_of: Callable) -> tuple[int, int]:
        found = false = 0
        for name, image in images.items():
            boxes = boxes_of(image)
            hits = sum(overlap >= TRUE_OVERLAP for *_, overlap in _pairs(truth[name], boxes))
            found, false = found + hits, false + len(boxes) - hits
        return found, false

    found, package_false = count(lambda image: package.faces(image)[0])
    yield row(
        "True faces in dlib_faces, package mtcnn",
        f"{found} of {total}",
        details={"false ones": package_false},
    )
    for size, detector in detectors.items():
        found, false = count(lambda image, detector=detector: own_faces(detector, image)[0])
        yield row(
            f"True faces in dlib_faces, min_face {size} (IoU ≥ {TRUE_OVERLAP})",
            f"{found} of {total}",
            bar=f"≥ {RECALL_BARS[size]}, false ones ≤ {package_false}",
            met=found >= RECALL_BARS[size] and false <= package_false,
            details={"false ones": false},
        )


def true_boxes(folder: Path) -> dict[str, np.ndarray]:
    """Returns edges (F, 4) by the picture's name."""
    boxes = {}
    for name in ("training.xml", "testing.xml"):
        for image in ElementTree.parse(folder / name).iter("image"):
            corners = [
                [float(box.get(side)) for side in ("left", "top", "width", "height")]
                for box in image.iter("box")
            ]
            edges = np.array(corners).reshape(-1, 4)
            edges[:, 2:] += edges[:, :2]
            boxes[image.get("file")] = edges
    return boxes


def times(photos: dict, package: _Package, detectors: dict) -> Iterator[dict]:
    """Times detection, and all of the analysis from the file, in turns with the package alone."""
    analyzers = {size: Analyzer(min_face=size) for size in detectors}
    seconds: dict[str, list] = {}
    for turn in range(ROUNDS + 1):
        totals: dict[str, float] = {}
        for path, image in photos.items():
            runs = {"package": lambda image=image: package.detect(image)}
            for size in detectors:
                runs[f"detection {size}"] = lambda i=image, s=size: detectors[s].detect(i)
                runs[f"analysis {size}"] = lambda p=path, s=size: analyzers[s].analyze(p)
            for name, run in runs.items():
                start = time.perf_counter()
                run()
                totals[name] = totals.get(name, 0) + time.perf_counter() - start
        if turn:  # the first warms up
            for name, total in totals.items():
                seconds.setdefault(name, []).append(total)
    in_package = np.array(seconds["package"])
    package_ms = spread(1000 * in_package / len(photos), digits=0)
    for size, bar in TIME_BARS.items():
        for what in ("detection", "analysis"):
            taken = np.array(seconds[f"{what} {size}"])
            ratio = spread(taken / in_package)
            yield row(
                f"Time a photograph, {what} at min_face {size} / package mtcnn",
                ratio["median"],
                bar=f"≤ {bar:.3f}",
                met=ratio["median"] <= bar,
                details={
                    "ratios": ratio,
                    "ms": spread(1000 * taken / len(photos), digits=1),
                    "package ms": package_ms,
                },
            )


def _pairs(first: np.ndarray, second: np.ndarray) -> Iterator[tuple[int, int, float]]:
    """Yields pairs of boxes that overlap, best first, each box in one pair."""
    overlaps = intersection_over_union(first, second)
    while overlaps.size and overlaps.max() > 0:
        i, j = np.unravel_index(overlaps.argmax(), overlaps.shape)
        yield int(i), int(j), float(overlaps[i, j])
        overlaps[i, :] = overlaps[:, j] = 0


if __name__ == "__main__":
    main(measure)
