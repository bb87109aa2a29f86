"""Face detection against the package `mtcnn`: the same faces, the true ones, and the time.

python -m benchmarks.detection --shared ../shared --json detection.json
"""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from benchmarks.common import main, or_absent, ratio_row, row
from benchmarks.mtcnn_package import mtcnn_package
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
WIDTHS = (30, 40, 60, 120)
PACKAGE = "package mtcnn"


def measure(shared: Path) -> list[dict]:
    """Compares the detector with the package at its default settings, its smallest face 20 pixels.

    Args:
        shared: Folder with `photos` and, in `photos/dlib_faces`, their true boxes.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    return or_absent("Faces as the package's", lambda: compared(shared))


def compared(shared: Path) -> Iterator[dict]:
    """Yields what `measure` returns.

    Raises:
        AbsentPeerError: The package is not installed.
    """
    photos = {path: read_image(path) for path in photographs(shared)}
    package = _Package()
    detectors = {size: FaceDetector(min_face=size) for size in TIME_BARS}
    yield same_faces(photos, package, detectors[20])
    yield from true_faces(shared / "photos" / "dlib_faces", package, detectors)
    yield from times(photos, package, detectors)


class _Package:
    """The package `mtcnn`, with its coordinates unrounded."""

    def __init__(self):
        self.detect = mtcnn_package().detect_faces

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
        peer={"name": PACKAGE, "value": theirs},
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

    def count(boxes_of: Callable) -> tuple[list[bool], int]:
        found, false = [], 0
        for name, image in images.items():
            boxes = boxes_of(image)
            pairs = _pairs(truth[name], boxes)
            hits = {place for place, _, overlap in pairs if overlap >= TRUE_OVERLAP}
            found += [place in hits for place in range(len(truth[name]))]
            false += len(boxes) - len(hits)
        return found, false

    widths = np.concatenate([boxes[:, 2] - boxes[:, 0] for boxes in truth.values()])
    package_found, package_false = count(lambda image: package.faces(image)[0])
    for size, detector in detectors.items():
        found, false = count(lambda image, detector=detector: own_faces(detector, image)[0])
        yield row(
            f"True faces in dlib_faces, min_face {size} (IoU ≥ {TRUE_OVERLAP})",
            f"{sum(found)} of {total}",
            bar=f"≥ {RECALL_BARS[size]}, false ones ≤ {package_false}",
            met=sum(found) >= RECALL_BARS[size] and false <= package_false,
            peer={
                "name": PACKAGE,
                "value": f"{sum(package_found)} of {total}, false {package_false}",
            },
            details={"false ones": false} | _by_width(np.array(found), widths),
        )


def _by_width(found: np.ndarray, widths: np.ndarray) -> dict[str, str]:
    """Returns how many of the true faces are found by the width of their boxes, in pixels."""
    parts = {}
    for least, most in itertools.pairwise(WIDTHS):
        rows = (least <= widths) & (widths < most)
        parts[f"wide {least:g} to {most:g}"] = f"{found[rows].sum()} of {rows.sum()}"
    return parts


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
    ms = {name: [1000 * one / len(photos) for one in taken] for name, taken in seconds.items()}
    for size, bar in TIME_BARS.items():
        for what in ("detection", "analysis"):
            yield ratio_row(
                f"Time a photograph, {what} at min_face {size} / {PACKAGE}",
                ms[f"{what} {size}"],
                ms["package"],
                peer=PACKAGE,
                unit="ms",
                at_most=bar,
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
