"""Whether what a model says hangs on what its explanation shows.

    python -m benchmarks.explanation --shared ../shared --json explanation.json

The faces are those of the shared photographs and of the shipped model of expressions; the groups
are those of their twin, where `make bench-group-twin` has trained on it.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import kendalltau

from benchmarks.common import CACHE, main, row
from emo_tf.cli.sources import expand_sources
from emo_tf.data import miniature
from emo_tf.explanation.activation_map import ActivationMap
from emo_tf.explanation.face_explainer import FaceExplainer
from emo_tf.explanation.face_explanation import masked_face
from emo_tf.explanation.group_explainer import GroupExplainer
from emo_tf.explanation.group_explanation import GroupExplanation
from emo_tf.export.run_files import read_run_files
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.expression_net import expression_net
from emo_tf.models.tflite_weights import fill_from_tflite
from emo_tf.runtime.close_up import find_faces, find_faces_with_features
from emo_tf.runtime.expression import DEFAULT_MODEL, open_face_input
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.image_io import read_image
from emo_tf.softmax import softmax
from emo_tf.weights import weight_path

TWIN = CACHE / "twin" / f"group_affect-{miniature.version('group_affect')}-4000-8"
PICTURES_A_CLASS = 50


def face_rows(photographs: Path) -> list[dict]:
    """Masks the strongest quarter of each face's map, the weakest, and that of all faces' mean."""
    path, model = weight_path(DEFAULT_MODEL), expression_net()
    fill_from_tflite(model, path)
    metadata = ModelMetadata.read(path)
    explainer = FaceExplainer(model, metadata, source=str(path))
    cut, detector = open_face_input(metadata, path=path), FaceDetector()
    explained, crops, pictures = [], [], 0
    for source in expand_sources([str(photographs)]):
        image = read_image(source.path)
        faces = find_faces(detector, image)
        explained += explainer.explain(image, faces)
        crops += list(cut.crop(image, faces))
        pictures += bool(faces)
    mean = ActivationMap.of("mean", np.mean([face.map.values for face in explained], axis=0))
    masked = np.stack([masked_face(crop, mean, strongest=True) for crop in crops])
    logits = np.asarray(model(masked, training=False)) / metadata.temperature
    by_mean = [
        probabilities[metadata.labels.index(face.explained)]
        for face, probabilities in zip(explained, softmax(logits), strict=True)
    ]
    fewer = sum(face.masked_score < face.control_score for face in explained)
    return [
        row(
            "faces whose expression is less probable without the strongest quarter of the map than "
            "without the weakest",
            f"{fewer} of {len(explained)}",
            details={
                "photographs": pictures,
                "median probability": _median([face.score for face in explained]),
                "without the strongest": _median([face.masked_score for face in explained]),
                "without the weakest": _median([face.control_score for face in explained]),
                "without the strongest of all faces' mean map": _median(by_mean),
            },
        )
    ]


def group_rows(twin: Path) -> list[dict]:
    """Compares attention with what the removal of each face changes."""
    run, pictures = twin / "runs" / "attention_C", twin / "raw" / "val"
    what = "groups' twin, attention C: pictures in which the face of the largest weight is the one "
    what += "whose removal changes most"
    if not (run.is_dir() and pictures.is_dir()):
        return [row(what, "not measured: `make bench-group-twin` trains the network")]
    files = read_run_files(run)
    explainer = GroupExplainer(files.model, files.metadata, source=str(files.path))
    detector = FaceDetector(min_face=files.metadata.detection["min_face"])
    several = []
    for folder in sorted(pictures.iterdir()):
        for path in sorted(folder.glob("*.jpg"))[:PICTURES_A_CLASS]:
            image = read_image(path)
            found = explainer.explain(image, *find_faces_with_features(detector, image))
            if sum(change is not None for change in found.changes) >= 3:
                several.append(found)
    agreeing = sum(one.most_attended == one.most_decisive for one in several)
    return [
        row(
            what,
            f"{agreeing} of {len(several)}",
            details={
                "with three faces or more, of pictures": 3 * PICTURES_A_CLASS,
                "Kendall's tau of weights and changes, mean": round(
                    float(np.mean([_tau(one) for one in several])), 2
                ),
            },
        )
    ]


def _tau(found: GroupExplanation) -> float:
    weights, changes = zip(
        *(
            (weight, abs(change))
            for weight, change in zip(found.group.face_weights, found.changes, strict=True)
            if change is not None
        ),
        strict=True,
    )
    return kendalltau(weights, changes).statistic


def _median(values: Sequence[float]) -> float:
    return round(float(np.median(values)), 2)


def measure(shared: Path) -> list[dict]:
    """Explains the shared photographs, and pictures of the groups' twin."""
    return [*face_rows(shared / "photos"), *group_rows(TWIN)]


if __name__ == "__main__":
    main(measure)
