"""From a photograph to an expression: how to cut faces out, and what that reaches.

    python -m benchmarks.photographs --shared ../shared --json photographs.json

The crop (box or landmarks, margin, shift, whether the lean of the head is undone) is tuned on the
same photographs, so the figure is out of fold: each fifth is predicted with the crop that the
other four chose.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product, starmap
from pathlib import Path

import numpy as np

from benchmarks.common import main, row
from benchmarks.fer_peer import MtcnnFer
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import confusion_matrix, recalls
from emo_tf.results import Face
from emo_tf.runtime.close_up import find_faces
from emo_tf.runtime.face_align import crop_face
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.image_io import read_image
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.weights import weight_path

BAR = 0.58
FOLDS = 5
RESAMPLINGS = 2000
BATCH = 64
# Where the five landmarks lie in FER2013, as shares of the picture's side: medians of the faces
# that the detector finds in it, made symmetric.
FER2013_LANDMARKS = np.array(
    [(0.315, 0.382), (0.685, 0.382), (0.5, 0.585), (0.345, 0.77), (0.655, 0.77)]
)


def _similarity(scale: float, shift_y: float) -> dict:
    """Returns the crop that carries landmarks to FER2013's places, shrunk by `scale`."""
    middle = FER2013_LANDMARKS.mean(axis=0)
    template = middle + (FER2013_LANDMARKS - middle) * scale + [0, shift_y]
    return {"preset": "similarity", "template": template.round(4).tolist()}


CANDIDATES = (
    *(
        {"preset": "box", "margin": margin, "shift_y": shift_y, "upright": upright}
        for margin, shift_y, upright in product(
            (0.0, 0.1, 0.2, 0.3, 0.4), (-0.05, 0.0, 0.05), (False, True)
        )
    ),
    *starmap(_similarity, product((0.75, 0.85, 0.95, 1.05), (-0.04, 0.0, 0.04))),
)
NO_FACE = len(EXPRESSIONS)


@dataclass(frozen=True)
class Photographs:
    """Labelled photographs with the largest face found in each, or none."""

    images: Sequence[np.ndarray]
    labels: np.ndarray
    faces: Sequence[Face | None]

    @classmethod
    def read(cls, archive: Path) -> "Photographs":
        """Reads `<class>/<file>` out of a zip and finds the faces."""
        detector = FaceDetector()
        images, labels, faces = [], [], []
        with zipfile.ZipFile(archive) as photos:
            for name in sorted(photos.namelist()):
                if name.endswith("/"):
                    continue
                image = read_image(photos.read(name), name=name)
                found = find_faces(detector, image)
                images.append(image)
                labels.append(EXPRESSIONS.index(name.split("/")[-2]))
                faces.append(max(found, key=_area) if found else None)
        return cls(images, np.array(labels), faces)

    def predict(self, model: LiteRTModel, crop: dict) -> np.ndarray:
        """Returns the class of each photograph, `NO_FACE` where no face was found."""
        size, colour = _input(model)
        found = [(i, face) for i, face in enumerate(self.faces) if face]
        crops = np.stack(
            [crop_face(self.images[i], face, crop, size=size, colour=colour) for i, face in found]
        )
        answers = [
            model(image=crops[start : start + BATCH])["probabilities"].argmax(axis=1)
            for start in range(0, len(crops), BATCH)
        ]
        predictions = np.full(len(self.images), NO_FACE)
        predictions[[i for i, _ in found]] = np.concatenate(answers)
        return predictions


def _input(model: LiteRTModel) -> tuple[tuple[int, int], str]:
    image = model.metadata.inputs["image"]
    return (image.height, image.width), image.colour


def _area(face: Face) -> float:
    return face.box_xywh[2] * face.box_xywh[3]


def class_recalls(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Returns the seven recalls; a photograph without a face found counts as missed."""
    confusion = confusion_matrix(labels, predictions, classes=NO_FACE + 1)
    return recalls(confusion)[:NO_FACE]


def folds(labels: np.ndarray) -> np.ndarray:
    """Deals every class out evenly: the fold of each photograph."""
    order = np.random.default_rng(0).permutation(len(labels))
    fold = np.empty(len(labels), int)
    for name in range(len(EXPRESSIONS)):
        members = order[labels[order] == name]
        fold[members] = np.arange(len(members)) % FOLDS
    return fold


def out_of_fold(labels: np.ndarray, by_candidate: np.ndarray) -> np.ndarray:
    """Returns predictions of each fold by the candidate that is best on the others.

    Args:
        labels: Shape (N,).
        by_candidate: Predictions of every candidate, shape (K, N).
    """
    fold, chosen = folds(labels), np.empty_like(labels)
    for number in range(FOLDS):
        others, held = fold != number, fold == number
        scores = [class_recalls(labels[others], row[others]).mean() for row in by_candidate]
        chosen[held] = by_candidate[int(np.argmax(scores))][held]
    return chosen


def interval(labels: np.ndarray, predictions: np.ndarray) -> tuple[float, float]:
    """Returns the bootstrap 95 % interval of the mean recall, resampled within classes."""
    rng = np.random.default_rng(0)
    members = [np.flatnonzero(labels == name) for name in range(len(EXPRESSIONS))]
    means = []
    for _ in range(RESAMPLINGS):
        hits = [(predictions[rng.choice(m, len(m))] == labels[m]).mean() for m in members]
        means.append(np.mean(hits))
    return tuple(np.percentile(means, [2.5, 97.5]).tolist())


def _describe(labels: np.ndarray, predictions: np.ndarray) -> dict:
    by_class = class_recalls(labels, predictions)
    low, high = interval(labels, predictions)
    without_fear = np.delete(by_class, EXPRESSIONS.index("fear")).mean()
    return {
        "95 % interval": f"{low:.1%} to {high:.1%}",
        "mean without fear": f"{without_fear:.1%}",
        "accuracy": f"{(labels == predictions).mean():.1%}",
        "no face found": int((predictions == NO_FACE).sum()),
        "recalls": {
            name: f"{recall:.1%}" for name, recall in zip(EXPRESSIONS, by_class, strict=True)
        },
    }


def measure(shared: Path) -> list[dict]:
    """Measures the shipped models and the peer on `data/expression_photos.zip`."""
    photographs = Photographs.read(shared / "data" / "expression_photos.zip")
    labels = photographs.labels
    model = LiteRTModel(weight_path("expression_float16"))
    by_candidate = np.array([photographs.predict(model, crop) for crop in CANDIDATES])
    scores = [class_recalls(labels, predictions).mean() for predictions in by_candidate]
    best = int(np.argmax(scores))
    honest = out_of_fold(labels, by_candidate)
    value = class_recalls(labels, honest).mean()
    rows = [
        row(
            "photograph to expression, mean of the seven recalls, out of fold",
            f"{value:.1%}",
            bar=f"≥ {BAR:.0%}",
            met=value >= BAR,
            details=_describe(labels, honest)
            | {"best crop on all": CANDIDATES[best], "its mean recall": f"{scores[best]:.1%}"},
        )
    ]
    for name in ("expression_float16", "expression_int8"):
        shipped = LiteRTModel(weight_path(name))
        predictions = photographs.predict(shipped, shipped.metadata.crop)
        rows.append(
            row(
                f"the same as shipped (`{name}.tflite` with its own crop, tuned on these)",
                f"{class_recalls(labels, predictions).mean():.1%}",
                details=_describe(labels, predictions) | {"crop": shipped.metadata.crop},
            )
        )
    peer = MtcnnFer()
    answers = [peer.label(image) for image in photographs.images]
    predictions = np.array(
        [NO_FACE if label is None else EXPRESSIONS.index(label) for label in answers]
    )
    rows.append(
        row(
            "the same, MTCNN and the net of the `fer` package",
            f"{class_recalls(labels, predictions).mean():.1%}",
            details=_describe(labels, predictions),
        )
    )
    return rows


if __name__ == "__main__":
    main(measure)
