"""From a photograph to an expression: the shipped files and the peer on labelled photographs.

    python -m benchmarks.photographs --shared ../shared --json photographs.json

The shipped model has these photographs among its training images, so what it reaches on them here
says only that the path works; the figure to go by is out of fold (`benchmarks/folds.py`), and
stands with the training figures.
"""

from pathlib import Path

import numpy as np

from benchmarks.common import main, or_absent, row
from benchmarks.expression import predict_probabilities
from benchmarks.fer_peer import MtcnnFer
from emo_tf.data.photographs import Photographs
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import confusion_matrix, recalls
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.weights import weight_path

ARCHIVE = Path("data") / "expression_photos.zip"
RESAMPLINGS = 2000
NO_FACE = len(EXPRESSIONS)


def class_recalls(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Returns the seven recalls; a photograph without a face found counts as missed."""
    confusion = confusion_matrix(labels, predictions, classes=NO_FACE + 1)
    return recalls(confusion)[:NO_FACE]


def interval(labels: np.ndarray, predictions: np.ndarray) -> tuple[float, float]:
    """Returns the bootstrap 95 % interval of the mean recall, resampled within classes."""
    rng = np.random.default_rng(0)
    members = [np.flatnonzero(labels == name) for name in range(len(EXPRESSIONS))]
    means = []
    for _ in range(RESAMPLINGS):
        hits = [(predictions[rng.choice(m, len(m))] == labels[m]).mean() for m in members]
        means.append(np.mean(hits))
    return tuple(np.percentile(means, [2.5, 97.5]).tolist())


def photograph_row(
    what: str, labels: np.ndarray, predictions: np.ndarray, *, bar: float | None = None
) -> dict:
    """Returns the mean of the seven recalls as a row, with interval and recalls as details.

    Args:
        what: What was measured.
        labels: True classes of shape (N,).
        predictions: Predicted classes of shape (N,), `NO_FACE` where no face was found.
        bar: What the mean has to reach, if anything.
    """
    by_class = class_recalls(labels, predictions)
    low, high = interval(labels, predictions)
    without_fear = np.delete(by_class, EXPRESSIONS.index("fear")).mean()
    return row(
        what,
        f"{by_class.mean():.1%}",
        bar=None if bar is None else f"≥ {bar:.0%}",
        met=None if bar is None else by_class.mean() >= bar,
        details={
            "95 % interval": f"{low:.1%} to {high:.1%}",
            "mean without fear": f"{without_fear:.1%}",
            "accuracy": f"{(labels == predictions).mean():.1%}",
            "no face found": int((predictions == NO_FACE).sum()),
            "recalls": ", ".join(
                f"{name} {recall:.0%}" for name, recall in zip(EXPRESSIONS, by_class, strict=True)
            ),
        },
    )


def predict_photographs(model: LiteRTModel, photographs: Photographs) -> np.ndarray:
    """Returns the class of each photograph, `NO_FACE` where no face was found."""
    image = model.metadata.inputs["image"]
    crops = photographs.crops(
        dict(model.metadata.crop), size=(image.height, image.width), colour=image.colour
    ).images
    predictions = np.full(len(photographs), NO_FACE)
    predictions[photographs.has_face] = predict_probabilities(model, crops).argmax(axis=1)
    return predictions


def measure(shared: Path) -> list[dict]:
    """Measures the shipped models and the peer on `data/expression_photos.zip`."""
    photographs = Photographs.read(shared / ARCHIVE)
    rows = []
    for name in ("expression_float16", "expression_int8"):
        predictions = predict_photographs(LiteRTModel(weight_path(name)), photographs)
        rows.append(
            photograph_row(
                f"photograph to expression, `{name}.tflite` on photographs it was trained with,"
                " mean of the seven recalls",
                photographs.labels,
                predictions,
            )
        )
    what = "photograph to expression, MTCNN and the net of the `fer` package"

    def peer() -> list[dict]:
        label = MtcnnFer().label
        answers = [label(image) for image in photographs.images]
        found = [NO_FACE if name is None else EXPRESSIONS.index(name) for name in answers]
        return [photograph_row(what, photographs.labels, np.array(found))]

    return [*rows, *or_absent(what, peer)]


if __name__ == "__main__":
    main(measure)
