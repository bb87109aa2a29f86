"""The detector beside the package `mtcnn` and beside true boxes, on shared photographs."""

from xml.etree import ElementTree

import numpy as np
import pytest

from emo_tf.runtime.box_ops import intersection_over_union
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.image_io import read_image


def found(detector: FaceDetector, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    faces = detector.detect(image)
    boxes = np.array([face.box_xywh for face in faces]).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return boxes, np.array([face.landmarks for face in faces]).reshape(-1, 5, 2)


@pytest.mark.parametrize(("min_face", "expected"), [(20, 43), (40, 42)], ids=["20", "40"])
def test_true_faces_are_found_and_no_false_ones(shared, min_face, expected):
    folder = shared / "photos" / "dlib_faces"
    detector = FaceDetector(min_face=min_face)
    hits, boxes_in_all = 0, 0
    for name in ("training.xml", "testing.xml"):
        for picture in ElementTree.parse(folder / name).iter("image"):
            truth = np.array(
                [
                    [float(box.get(side)) for side in ("left", "top", "width", "height")]
                    for box in picture.iter("box")
                ]
            )
            truth[:, 2:] += truth[:, :2]
            boxes, _ = found(detector, read_image(folder / picture.get("file")))
            hits += (intersection_over_union(truth, boxes) >= 0.3).any(axis=1).sum()
            boxes_in_all += len(boxes)
    assert hits >= expected
    assert boxes_in_all == hits


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the package's own
def test_the_faces_are_those_of_the_package_at_its_defaults(shared):
    package = pytest.importorskip("mtcnn").MTCNN()
    detector = FaceDetector(min_face=20)
    paths = [p for p in (shared / "photos").rglob("*") if p.suffix in {".jpg", ".png"}]
    assert paths
    for path in paths:
        image = read_image(path)
        theirs = package.detect_faces(image, box_format="xyxy", output_type="numpy")
        boxes, landmarks = found(detector, image)
        assert len(boxes) == len(theirs), path.name
        if not len(theirs):
            continue
        overlaps = intersection_over_union(theirs[:, 1:5], boxes)
        same = overlaps.argmax(axis=1)
        assert sorted(same) == list(range(len(boxes))), path.name
        assert overlaps.max(axis=1).min() >= 0.9, path.name
        expected = np.stack([theirs[:, 6:11], theirs[:, 11:16]], axis=-1)
        furthest = np.abs(landmarks[same] - expected).max(axis=(1, 2))
        assert (furthest <= 0.02 * (theirs[:, 3] - theirs[:, 1])).all(), path.name
